"""A believable platform for `make run`: three vendors, three customers, three months of history. Loaded once, never in production.

cast.py says who there is; loading.py lets them do what real ones would; history.py simulates the months before today.
"""
