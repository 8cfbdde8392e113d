"""Starts one command so that it cannot outlive its parent and, where asked, is not root.

    launch.py PARENT SIGNAL IDENTITY command argument...

On Linux the kernel sends SIGNAL to the command when the process PARENT dies, however it dies. IDENTITY is one of
`same`, `namespace:UID` (root outside, UID inside a user namespace: the files stay root's, and PostgreSQL sees no root)
and `switch:UID` (really become UID). Runs as a script, on the standard library alone.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000


def main(parent: int, death_signal: int, identity: str, command: list[str]) -> None:
    """Become `command`, under `identity`, tied to `parent`; refuses when the parent is gone already."""
    kind, _, uid = identity.partition(":")
    if kind == "namespace":
        _enter_user_namespace(int(uid))
    elif kind == "switch":
        _become(int(uid))
    # After the change of identity: the kernel forgets the death signal when a process changes its user.
    _die_with_parent(parent, death_signal)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"cannot start {command[0]}: {error.strerror}")


def _enter_user_namespace(uid: int) -> None:
    outside_user, outside_group = os.geteuid(), os.getegid()
    if _libc().unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "no user namespace")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{uid} {outside_user} 1")
    _write("/proc/self/gid_map", f"{uid} {outside_group} 1")


def _become(uid: int) -> None:
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


def _die_with_parent(parent: int, death_signal: int) -> None:
    if not sys.platform.startswith("linux"):
        return  # elsewhere guard.py alone ends what a killed supervisor leaves
    _libc().prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("launch: the parent has gone")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
