"""The product's own processes, as `make run` starts them: web, worker and beat, and the commands that prepare them."""

import http.client
import os
import sys
from http import HTTPStatus
from pathlib import Path

from .part import Part

# A page that follows events live holds its connection open; on a laptop nobody wants to wait long for it.
GRACE_SECONDS = 5
# As root, which is fine for a machine of one's own, Celery would open with a page of warning.
CELERY = (sys.executable, "-W", "ignore::UserWarning:celery.platforms", "-m", "celery", "-q", "-A", "cloudlicenses")
# Nobody collects static files on a laptop: they are served from where they are written.
NOT_COLLECTED = ("-W", "ignore:No directory at:UserWarning")
UNBUFFERED = {"PYTHONUNBUFFERED": "1"}


def processes(local: Path) -> tuple[Part, ...]:
    """Everything that serves: the web server on PORT, a worker and the scheduler."""
    return _web(int(os.environ["PORT"]), os.environ["BASE_DOMAIN"]), _worker(), _beat(local)


def command(name: str, *arguments: str) -> Part:
    """An operator's command, to be run to its end."""
    return Part(name, (sys.executable, "manage.py", *arguments), environment=UNBUFFERED)


def _web(port: int, base_domain: str) -> Part:
    options = ("--port", str(port), "--drain", "0", "--grace", str(GRACE_SECONDS))
    return Part(
        "web",
        (sys.executable, *NOT_COLLECTED, "-m", "cloudlicenses.serving", *options),
        environment=UNBUFFERED,
        patience=2.0 * GRACE_SECONDS,
        is_ready=lambda: _is_ready(port, base_domain),
        ready_within=60.0,
    )


def _worker() -> Part:
    options = ("--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle")
    return Part("worker", (*CELERY, "worker", *options), environment=UNBUFFERED, patience=15.0)


def _beat(local: Path) -> Part:
    options = ("--schedule", str(local / "celerybeat-schedule"), "--pidfile", "")
    return Part("beat", (*CELERY, "beat", *options), environment=UNBUFFERED)


def _is_ready(port: int, base_domain: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": base_domain})
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
