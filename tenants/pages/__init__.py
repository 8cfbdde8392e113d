"""Pages about tenants: a company's own sign-up, and the operator's view of all of them."""
