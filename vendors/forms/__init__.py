"""Forms of the vendor portal, and of the operator's pages about vendors."""
