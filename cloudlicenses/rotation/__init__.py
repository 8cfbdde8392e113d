"""Taking new keys into use without downtime: a master key (masters.py), and the data keys that it wraps.

rotating.py gives an owner its next data key · resealing.py brings everything to it · sweeping.py goes on with what is unfinished ·
overview.py says how all of it stands.
"""
