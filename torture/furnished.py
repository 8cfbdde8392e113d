"""For whoever has no Django of this house's: `python -m torture.furnished 2` makes two customers and prints their sites as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import django

if __name__ == "__main__":
    django.setup()
    from torture.furnishing import furnish

    json.dump([asdict(site) for site in furnish(int(sys.argv[1]))], sys.stdout)
