"""What an unclean stop leaves: a pid file whose process is gone, is somebody else by now, or still runs unattended."""

import os
import signal
import subprocess
import time
from pathlib import Path

PATIENCE_SECONDS = 20.0


def end_leftover(pid_file: Path, *, directory: Path, stop_signal: signal.Signals) -> None:
    """End the server that `pid_file` names if it is one on `directory`, and take the stale file away."""
    pid = _pid_in(pid_file)
    if pid is not None and _serves(pid, directory):
        _end(pid, stop_signal)
    pid_file.unlink(missing_ok=True)


def _pid_in(pid_file: Path) -> int | None:
    try:
        first = pid_file.read_text().splitlines()[0]
        return int(first)
    except (FileNotFoundError, IndexError, ValueError):
        return None


def _serves(pid: int, directory: Path) -> bool:
    """Whether that process names `directory` in its command line: process ids are used again after a restart."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except FileNotFoundError:
        line = _listed(pid) if not Path("/proc/self").exists() else ""
    return str(directory) in line


def _listed(pid: int) -> str:
    """The command line as ps tells it, for systems without /proc."""
    command = ("ps", "-ww", "-o", "command=", "-p", str(pid))
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _end(pid: int, stop_signal: signal.Signals) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    for number in (stop_signal, signal.SIGQUIT, signal.SIGKILL):
        os.kill(pid, number)
        while _is_there(pid):
            if time.monotonic() > give_up_at:
                give_up_at = time.monotonic() + PATIENCE_SECONDS
                break
            time.sleep(0.05)
        else:
            return


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
