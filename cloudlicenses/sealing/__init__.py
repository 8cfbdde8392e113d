"""Secrets in the database: each sealed by a data key of its owner, which the master key wraps.

fields.SealedField declares a column · rows.py seals and opens · data_keys.py keeps an owner's keys · master.py wraps them.
Rotation of either is told in cloudlicenses/rotation; docs/decisions/0027 says why it is so.
"""
