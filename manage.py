#!/usr/bin/env python
"""Operator commands: `python manage.py help`."""

import os
import sys
from pathlib import Path

from cloudlicenses.settings.env import load_dotenv

if __name__ == "__main__":
    # Where a `make run` in another shell keeps its servers; the environment and .env need not repeat it.
    load_dotenv(Path(__file__).with_name(".local") / "running.env")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cloudlicenses.settings.base")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
