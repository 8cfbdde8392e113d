"""The customer's dashboard: pages that show together what several apps know."""
