"""One page, beside those of people, at each kind of host that has people with an owner."""

from __future__ import annotations

from django.urls import path

from cloudlicenses.erasure import pages
from cloudlicenses.web.people import needs

tenant = [path("users/erase", needs("users:manage", confirmed=True)(pages.erase), name="erase")]
vendors = [path("team/erase", needs("team:manage", confirmed=True)(pages.erase), name="erase")]
