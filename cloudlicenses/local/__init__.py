"""Everything that runs the product on one machine: embedded PostgreSQL and Valkey, a mail sink, one supervisor.

Read `run.py` first (what `make run` does), then `supervisor.py`; `testing.py` gives tests services of their own.
Nothing here knows Django, and `install.py`, `launch.py` and `guard.py` need nothing but the standard library.
"""
