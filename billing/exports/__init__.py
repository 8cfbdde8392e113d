"""What a vendor bills, as files: one report, three renderings of its figures."""
