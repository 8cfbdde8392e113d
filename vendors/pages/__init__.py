"""Pages about vendors: the vendor's own portal, and the operator's view of all of them."""
