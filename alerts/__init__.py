"""Alerts: a tenant hears of what is unusual about its keys, people and budgets, where it wants to hear of it.

kinds      what there are alerts of, with their thresholds
watching   who is due to be looked at; nothing of it is on a checkout's way
reading    what is new in a tenant's audit log, each entry once
looking    the story: read, judge, raise, resolve
judging/   one file a question: refusals, familiar places, pace, hours, people, keys, budgets
raising    one open alert a subject, with a count; and what is sent for it
channels, deliveries, sending, speaking/   e-mail, signed webhook, Slack, PagerDuty
handling, revoking   what people do about it
"""
