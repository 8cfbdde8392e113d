"""The embedded services: private, kept over a restart, and leaving nothing behind however they are ended."""

import os
import shutil
import signal
import smtplib
import stat
import time
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from cloudlicenses.local.part import launched
from tests.local.conftest import Programs, Started


def _write_a_row(started: Started) -> None:
    with psycopg.connect(started.urls["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE kept (word text); INSERT INTO kept VALUES ('still here')")


def _read_the_row(started: Started) -> str:
    with psycopg.connect(started.urls["DATABASE_URL"]) as connection:
        row = connection.execute("SELECT word FROM kept").fetchone()
    assert row is not None
    return str(row[0])


def test_the_database_is_the_owners_and_nobody_elses(programs: Programs) -> None:
    started = programs.serve()
    with psycopg.connect(started.urls["DATABASE_URL"]) as connection:
        row = connection.execute(
            "SELECT current_user, current_database(), datcollate, pg_encoding_to_char(encoding),"
            " current_setting('fsync'), current_setting('listen_addresses'), current_setting('unix_socket_directories')"
            " FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert row == ("cloudlicenses_owner", "cloudlicenses", "C.UTF-8", "UTF8", "on", "127.0.0.1", "")
    without_password = started.urls["DATABASE_URL"].replace(urlsplit(started.urls["DATABASE_URL"]).password or "", "x")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(without_password)
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=urlsplit(started.urls["REDIS_URL"]).port or 0).ping()


def test_secrets_are_in_files_that_only_their_owner_reads_and_on_no_command_line(programs: Programs) -> None:
    started = programs.serve()
    secrets = [urlsplit(started.urls[name]).password or "" for name in ("DATABASE_URL", "REDIS_URL")]
    lines = [Path(f"/proc/{pid}/cmdline").read_text() for pid in programs.left()]
    assert not [line for line in lines for secret in secrets if secret in line]
    holding = [path for path in programs.directory.rglob("*") if path.name in {"password", "valkey.conf"}]
    assert len(holding) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in holding} == {0o600}


def test_ports_are_below_those_lent_to_outgoing_connections_and_kept(programs: Programs) -> None:
    first = programs.serve()
    first.end()
    second = programs.serve()
    assert second.urls == first.urls
    assert all(20_000 <= (urlsplit(url).port or 0) < 32_768 for name, url in second.urls.items() if "URL" in name)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_told_to_stop_it_leaves_nothing_running_and_keeps_the_data(programs: Programs, number: int) -> None:
    started = programs.serve()
    _write_a_row(started)
    started.end(number)
    assert programs.left() == []
    assert _read_the_row(programs.serve()) == "still here"


def test_told_twice_as_a_group_it_still_stops_in_order(programs: Programs) -> None:
    started = programs.serve()
    _write_a_row(started)
    os.killpg(started.process.pid, signal.SIGINT)
    os.killpg(started.process.pid, signal.SIGINT)
    assert started.process.wait(timeout=120) == 0
    assert programs.left() == []
    assert _read_the_row(programs.serve()) == "still here"


def test_killed_it_leaves_nothing_running_and_starts_again(programs: Programs) -> None:
    started = programs.serve()
    _write_a_row(started)
    os.killpg(started.process.pid, signal.SIGKILL)
    started.process.wait()
    programs.wait_until_nothing_is_left()
    assert _read_the_row(programs.serve()) == "still here"


def test_killed_with_everything_it_started_it_starts_again(programs: Programs) -> None:
    started = programs.serve()
    _write_a_row(started)
    for pid in programs.left():
        os.kill(pid, signal.SIGKILL)
    started.process.wait()
    programs.wait_until_nothing_is_left()
    assert (programs.directory / "postgres" / "data" / "postmaster.pid").exists()
    assert _read_the_row(programs.serve()) == "still here"


def test_a_stale_pid_file_that_names_a_stranger_does_not_stop_the_start(programs: Programs) -> None:
    programs.serve().end()
    stale = programs.directory / "postgres" / "data" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{stale.parent}\n0\n0\n\n\n\nready\n")
    programs.serve()


def test_a_half_made_data_directory_is_made_anew(programs: Programs) -> None:
    half = programs.directory / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    programs.serve()


def test_a_server_that_dies_is_started_again(programs: Programs) -> None:
    started = programs.serve()
    _write_a_row(started)
    server = int((programs.directory / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(server, signal.SIGKILL)
    give_up_at = time.monotonic() + 60
    while True:
        try:
            assert _read_the_row(started) == "still here"
            return
        except psycopg.OperationalError:
            assert time.monotonic() < give_up_at
            time.sleep(0.1)


def test_a_path_longer_than_a_socket_may_have_is_no_obstacle(programs: Programs) -> None:
    programs.directory /= "/".join(["a-directory-with-a-rather-long-name"] * 4)
    programs.directory.mkdir(parents=True)
    programs.serve()


def test_an_ordinary_user_can_run_it(programs: Programs) -> None:
    through = () if os.geteuid() else tuple(launched((), identity="namespace:65534"))
    _write_a_row(programs.serve(through=through))


def test_where_root_may_make_no_user_namespace_the_server_runs_as_nobody(programs: Programs) -> None:
    reachable = Path("/var/tmp") / f"cloudlicenses-{programs.mark}"
    try:
        started = programs.serve("switch", str(reachable))
        _write_a_row(started)
        data = next(programs.directory.parent.rglob("PG_VERSION"), None) or next(reachable.rglob("server/*/PG_VERSION"))
        assert data.stat().st_uid != 0
        started.end()
        assert _read_the_row(programs.serve("switch", str(reachable))) == "still here"
    finally:
        shutil.rmtree(reachable, ignore_errors=True)


def test_the_mail_sink_keeps_what_was_sent(programs: Programs) -> None:
    address = urlsplit(programs.serve().urls["EMAIL_URL"])
    message = EmailMessage()
    message["Subject"] = "Your licence für alle"
    message.set_content("It is there.\n.leading dot\n")
    with smtplib.SMTP(address.hostname or "", address.port or 0) as server:
        server.send_message(message, "from@vendor.example", ["to@customer.example"])
    (kept,) = (programs.directory / "mail").glob("*.eml")
    text = kept.read_text()
    assert "X-RcptTo: to@customer.example" in text
    assert "It is there.\n.leading dot" in text
