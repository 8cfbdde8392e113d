"""Writes the secrets of docker-compose.yml to deploy/secrets/, once: what is wrapped under them is lost with them.

The directory is its owner's alone. The files in it can be read by everybody who gets that far, because the containers'
users, which see the files but not the directory, have other numbers than yours.
"""

import base64
import secrets
import sys
from pathlib import Path

PLACE = Path(__file__).resolve().parents[1] / "deploy" / "secrets"
VALKEY = """\
bind * -::*
port 0
tls-port 6379
tls-protocols TLSv1.3
tls-cert-file /run/inside/identity.pem
tls-key-file /run/inside/identity.pem
tls-ca-cert-file /run/inside/authority.pem
tls-auth-clients yes
protected-mode yes
requirepass {password}
appendonly yes
dir /data
"""
# Whom to believe and who one is: cloudlicenses.inside writes them, to where each container sees its own.
TO_POSTGRES = (
    "sslmode=verify-full&sslrootcert=/run/inside/authority.pem"
    "&sslcert=/run/inside/identity.pem&sslkey=/run/inside/identity.pem"
)
TO_VALKEY = (
    "ssl_cert_reqs=required&ssl_check_hostname=true&ssl_ca_certs=/run/inside/authority.pem"
    "&ssl_certfile=/run/inside/identity.pem&ssl_keyfile=/run/inside/identity.pem"
)


def main() -> int:
    """Write them all; refuses when there are some."""
    if PLACE.exists():
        print(f"{PLACE} is there already; move it away to make new ones.", file=sys.stderr)
        return 1
    PLACE.mkdir(mode=0o700)
    for name, value in _values().items():
        (PLACE / name).write_text(value)
        (PLACE / name).chmod(0o444)
    print(f"Written: {PLACE}. Keep a copy in a safe place: without master_key no tenant's keys can be read again.")
    return 0


def _values() -> dict[str, str]:
    valkey = secrets.token_urlsafe(32)
    return {
        "database_password": secrets.token_urlsafe(32),  # the image asks for one; pg_hba.conf lets nobody in by it
        "database_url": f"postgresql://cloudlicenses_owner@postgres:5432/cloudlicenses?{TO_POSTGRES}",
        "redis_url": f"rediss://:{valkey}@valkey:6379/0?{TO_VALKEY}",
        "valkey_conf": VALKEY.format(password=valkey),
        "secret_key": secrets.token_urlsafe(48),
        "master_key": base64.b64encode(secrets.token_bytes(32)).decode(),
    }


if __name__ == "__main__":
    sys.exit(main())
