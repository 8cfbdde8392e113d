"""Alerts, by hand: the list and each of them, the rules, the channels, the business hours, and a link from a mail."""
