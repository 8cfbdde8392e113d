"""The tool `cloudlicenses`: seats for programs that know nothing of licenses, and the keys they are taken with.

Exit codes: 0 done, 1 refused, 2 wrong usage, 75 no seat or no server now (try again later), 77 the key may not do this, 78 not
configured. `run` ends with the exit code of its command. No message ever shows a key or a traceback.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence

from .._errors import CloudLicensesError
from .complaints import complain
from .parser import parse


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the arguments say; answers the exit code."""
    arguments = parse(argv)
    logging.basicConfig(format="cloudlicenses: %(message)s", level=logging.WARNING)
    try:
        code: int = arguments.act(arguments)
        sys.stdout.flush()
    except CloudLicensesError as trouble:
        return complain(trouble)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; without this Python complains once more while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return code
