"""Features of licenses: which there are, whether one may be used now, and how much they are used."""
