"""`python -m cloudlicenses_client` is the tool `cloudlicenses`."""

import sys

from ._cli import main

sys.exit(main())
