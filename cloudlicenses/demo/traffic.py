"""Simulated workstations against the running server: they check out, work a while, return, and now and then one dies.

Each workstation is a thread with our own SDK and the key that was made for its product; what they do shows on every dashboard.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

from cloudlicenses_client import CloudLicensesError, LicenseClient

from cloudlicenses.demo import cast
from cloudlicenses.demo.history import FIRST_NAMES
from cloudlicenses.kit.actor import Actor
from cloudlicenses.web.pages import tenant_url
from keys import issuing
from tenants.context import inside

ACTOR = Actor(kind="system", id="demo-traffic", label="Demo traffic")
SESSION_SECONDS = (3.0, 40.0)
PAUSE_SECONDS = (1.0, 15.0)
DIES = 0.05  # of all sessions: the application is killed and returns nothing


def run(workstations: int, seconds: float, say: Callable[[str], None]) -> None:
    """Until the time is over, or for ever (`seconds` 0). Ends early when interrupted."""
    over = threading.Event()
    keys = {deal: _key(deal) for deal in cast.DEALS[:workstations]}
    threads = [
        threading.Thread(target=_work, args=(deal, keys[deal], number, over, say), daemon=True)
        for number in range(workstations)
        for deal in (cast.DEALS[number % len(cast.DEALS)],)
    ]
    for thread in threads:
        thread.start()
    try:
        over.wait(seconds or None)
    finally:
        over.set()
        for thread in threads:
            thread.join(SESSION_SECONDS[1])


def _key(deal: cast.Deal) -> str:
    with inside(deal.customer_id):
        return issuing.issue(
            ACTOR, owner=deal.customer_id, app_name=f"Demo traffic, {deal.product_name}", expires_in_days=90
        ).text


def _work(deal: cast.Deal, key: str, number: int, over: threading.Event, say: Callable[[str], None]) -> None:
    dice = random.Random(number)  # noqa: S311 - a simulation
    hostname = f"dev-ws-{number:03d}.{deal.customer_id}.example"
    client = LicenseClient(tenant_url(deal.customer_id), key, deal.product_id, hostname=hostname)
    while not over.wait(dice.uniform(*PAUSE_SECONDS)):
        user = f"{dice.choice(FIRST_NAMES)}@{deal.customer_id}.example"
        try:
            lease = client.checkout(user=user, duration_seconds=60)
            say(f"{time.strftime('%H:%M:%S')} {deal.customer_id:9} {deal.product_id:24} {lease.type:8} {user}")
            over.wait(dice.uniform(*SESSION_SECONDS))
            if dice.random() > DIES:
                client.return_license(lease.id)
        except CloudLicensesError as refusal:
            say(f"{time.strftime('%H:%M:%S')} {deal.customer_id:9} {deal.product_id:24} refused  {refusal}")
