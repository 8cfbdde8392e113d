"""The pages of the portal that are about money: the overview, and bills down to single charges."""
