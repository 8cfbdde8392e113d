"""What OWASP asks of an application, and what of ours answers: ASVS 5.0 levels 1 and 2, and the API Security Top 10 of 2023.

`python -m scripts.security_checklist` writes docs/security-checklist.md; tests/attacks/test_checklist.py holds the two together and
looks for each test and heading that is named.
"""
