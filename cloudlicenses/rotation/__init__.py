"""Taking a new master key into use: `manage.py rotate_master_key` seals again whatever the former keys have sealed."""
