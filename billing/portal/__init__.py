"""What a vendor's people see of money: the dashboard, bills down to single charges, revenue and what it will come to."""
