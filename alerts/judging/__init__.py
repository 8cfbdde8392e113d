"""What of it is unusual? Each file answers one question about what has come to a tenant's log, or about what time has brought."""
