"""Checking what a server exported, without that server: logs and bills that are leaves of signed Merkle trees."""
