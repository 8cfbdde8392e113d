"""The tool's words and their help."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .._version import __version__
from . import evidence, keys, run, seats

_EPILOG = """\
environment:
  LICENSE_SERVER_URL      your tenant's address, e.g. https://mercedes.cloudlicenses.com
  LICENSE_API_KEY         the application's key (clsk_…), for run, checkout, return, status
  CLOUDLICENSES_TOKEN     a personal token (clpt_…), for keys
  CLOUDLICENSES_CACHE_DIR where signed leases are kept for working offline

exit codes:
  0 done   1 refused   2 wrong usage   75 no seat or no server now: try again later
  77 the key may not do this   78 something is not configured   run: the command's own
"""

if TYPE_CHECKING:
    Words = argparse._SubParsersAction[argparse.ArgumentParser]


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The arguments, with `act` being what to call with them."""
    parser = argparse.ArgumentParser(
        prog="cloudlicenses",
        description="Hold floating license seats, see what is in use, and manage API keys.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"cloudlicenses {__version__}")
    words = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_run(words)
    _add_checkout(words)
    _add_return(words)
    _add_status(words)
    _add_keys(words)
    _add_verify(words, "audit", "an exported audit log")
    _add_verify(words, "bill", "an exported month, and what it comes to")
    return parser.parse_args(argv)


def _add_run(words: Words) -> None:
    word = _word(words, "run", "hold a seat for the life of a command", run.run)
    word.usage = "cloudlicenses run --product PRODUCT [options] -- COMMAND [ARGUMENT ...]"
    word.epilog = (
        "Signals are passed on to the command, and its exit code is ours. The seat goes back however the command ends. "
        "The command finds its lease in CLOUDLICENSES_LEASE_ID and CLOUDLICENSES_LEASE_TYPE. "
        "Needs the scopes license:checkout and license:return."
    )
    _seat_options(word)
    word.add_argument(
        "--wait", type=_seconds, default=0.0, metavar="SECONDS", help="wait so long for a seat (default: don't)"
    )
    word.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND", help="the command and its arguments")


def _add_checkout(words: Words) -> None:
    word = _word(words, "checkout", "take a seat and print its lease", seats.checkout)
    word.epilog = (
        "Nothing keeps this lease alive: it lapses at its expiry, or when you `return` it. "
        "For the life of a command use `run`. Needs the scope license:checkout."
    )
    _seat_options(word)
    word.add_argument("--duration", type=int, metavar="SECONDS", help="how long the seat should be held")
    _json_option(word)


def _add_return(words: Words) -> None:
    word = _word(words, "return", "give a seat back", seats.give_back)
    word.epilog = "Returning twice is fine. Needs the scope license:return."
    word.add_argument("lease_id", metavar="LEASE_ID", help="the id that checkout printed")
    _json_option(word)


def _add_status(words: Words) -> None:
    word = _word(words, "status", "list licenses with what is in use and available", seats.status)
    word.epilog = "Needs the scope license:read."
    _json_option(word)


def _add_keys(words: Words) -> None:
    word = words.add_parser(
        "keys", help="list, generate and revoke API keys", description="List, generate and revoke API keys."
    )
    inner = word.add_subparsers(metavar="COMMAND", required=True)
    listing = _word(inner, "list", "list the tenant's keys", keys.show)
    _json_option(listing)
    revoke = _word(inner, "revoke", "revoke a key at once", keys.revoke)
    revoke.add_argument("key_id", metavar="KEY_ID", help="the id that list shows")
    generate = _word(inner, "generate", "generate a key and print it, this once", keys.generate)
    _key_options(generate)
    _json_option(generate)


def _add_verify(words: Words, name: str, what: str) -> None:
    inner = words.add_parser(name, help=f"check {what}, without the server", description=f"Check {what}.")
    word = inner.add_subparsers(metavar="COMMAND", required=True).add_parser(
        "verify",
        help=f"check {what}",
        description=f"Check {what}: was anything changed, removed, inserted or reordered since it was sealed?",
        epilog="Needs no server and no network. Ends with 0 when all is well, 1 when something is wrong, and says what.",
    )
    word.set_defaults(act=evidence.check)
    word.add_argument("file", metavar="EXPORT", help="what the server exported, JSON Lines")
    word.add_argument("--keys", required=True, metavar="FILE", help="the log's public keys, as you got them once")
    word.add_argument(
        "--head", dest="heads", action="append", default=[], metavar="FILE", help="a head you kept; repeatable"
    )
    word.add_argument("--earlier", metavar="FILE", help="an export of before, to be told which entries differ")
    _json_option(word)


def _key_options(word: argparse.ArgumentParser) -> None:
    word.add_argument("--app-name", required=True, metavar="NAME", help="what the key is for, e.g. 'Workstation 042'")
    word.add_argument(
        "--app-type", default="desktop", choices=("desktop", "ci_cd", "cloud_service"), help="(default: desktop)"
    )
    word.add_argument("--days", type=int, default=365, metavar="N", help="valid for so many days (default: 365)")
    _repeatable(word, "--scope", "scopes", "SCOPE", "default: license:checkout, license:return")
    _repeatable(word, "--allow-hostname", "allowed_hostnames", "HOST", "bind to this host")
    _repeatable(word, "--allow-ip", "allowed_ip_ranges", "RANGE", "only from this network")
    _repeatable(word, "--allow-product", "allowed_products", "ID", "only for this product")


def _repeatable(word: argparse.ArgumentParser, option: str, name: str, metavar: str, purpose: str) -> None:
    word.add_argument(option, dest=name, action="append", default=[], metavar=metavar, help=f"{purpose}; repeatable")


def _word(words: Words, name: str, purpose: str, act: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    word = words.add_parser(name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}.")
    word.set_defaults(act=act)
    word.add_argument("--server", metavar="URL", help="instead of LICENSE_SERVER_URL")
    word.add_argument("--hostname", metavar="NAME", help="this host's name, if the system's is not the right one")
    word.add_argument("--cert", metavar="FILE", help="client certificate with its key, PEM")
    word.add_argument("--ca", metavar="FILE", help="trust this authority, PEM")
    word.add_argument("--timeout", type=_seconds, metavar="SECONDS", help="for each answer (default: 10)")
    return word


def _seat_options(word: argparse.ArgumentParser) -> None:
    word.add_argument("--product", required=True, metavar="ID", help="e.g. davinci-configurator-se")
    word.add_argument("--user", default=_login_name(), help="who uses the seat (default: %(default)s)")
    word.add_argument("--app-version", metavar="VERSION", help="the application's version, if the license has a range")
    word.add_argument(
        "--feature", dest="features", action="append", metavar="NAME", help="must be licensed; repeatable"
    )


def _json_option(word: argparse.ArgumentParser) -> None:
    word.add_argument("--json", action="store_true", help="print JSON")


def _login_name() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError("must be a number of seconds")
    return seconds
