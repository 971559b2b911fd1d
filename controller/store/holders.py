"""Who holds a lease: a thread of a process, named so that its machine can tell whether it still lives.

The name of another machine's holder, or of another container's, says nothing here: of those nobody is
taken for dead. Nor is anybody on a system without ``/proc``.
"""

from __future__ import annotations

import hashlib
import os
import socket
import threading
from functools import cache
from pathlib import Path

PROC = Path("/proc")
STATE, STARTED = 0, 19
"""Where /proc/PID/stat has them, counted from behind the name of the program (man 5 proc)."""

ENDED = frozenset({"Z", "X"})
"""The states of a process that is dead, also while its parent has not noticed."""


def holder() -> str:
    """Return what tells this thread from all others, whenever and wherever they run."""
    pid = os.getpid()
    return f"{socket.gethostname()}:{_machine()}:{pid}:{_started(pid)}:{threading.get_native_id()}"


def is_dead(name: str) -> bool:
    """Return whether a holder is known to be dead: its process ran here, and does no more."""
    machine, pid, started = [*name.split(":"), "", "", ""][1:4]
    return bool(started) and machine == _machine() and _is_gone(int(pid), started)


@cache
def _machine() -> str:
    """Return what tells apart where numbers of processes count: which boot, and which container; or ""."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text()
        numbered = (PROC / "self/ns/pid").readlink()
    except OSError:
        return ""
    return hashlib.sha256(f"{boot}{numbered}".encode()).hexdigest()[:16]


@cache
def _started(pid: int) -> str:
    facts = _facts(pid)
    return facts[STARTED] if facts else ""


def _is_gone(pid: int, started: str) -> bool:
    """Return whether a process is gone. Its number may be another's by now, but not with the same start."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # it is somebody else's, whose facts may be hidden from us
    facts = _facts(pid)
    return bool(facts) and (facts[STATE] in ENDED or facts[STARTED] != started)


def _facts(pid: int) -> list[str]:
    """Return what the machine says of a process, from its state on; nothing if it does not say."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
