"""Who may come in where, as one table: read from the urlconfs, printed by `manage.py access_table`."""
