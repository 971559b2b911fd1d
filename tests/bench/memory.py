"""What the processes of an instance take: memory, as their proportional shares, and processor time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")


def megabytes(supervisor: int) -> dict[str, float]:
    """Return the PSS of a supervisor and of each process below it, in MB, by its command and id.

    Pages that several processes share count once: each bears its part.
    """
    return {f"{_name(pid)} ({pid})": _pss(pid) for pid in _family(supervisor)}


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in (PROC / str(pid) / "task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _family(int(child))


def _name(pid: int) -> str:
    words = (PROC / str(pid) / "cmdline").read_text().split("\0")
    return next(
        (word for word in words if word in {"uvicorn", "celery", "clock", "mirror"}), Path(words[0]).name
    )


def _pss(pid: int) -> float:
    for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


def of(supervisor: int, program: str) -> float:
    """Return the PSS in MB of one program below a supervisor: "uvicorn", "celery", "clock" or "mirror"."""
    parts = megabytes(supervisor)
    return sum(held for part, held in parts.items() if part.startswith(program))


def pid_of(supervisor: int, program: str) -> int:
    """Return the id of one program below a supervisor. Raises StopIteration."""
    return next(pid for pid in _family(supervisor) if _name(pid) == program)


def processor_s(pid: int) -> float:
    """Return the seconds of processor time that a process has taken."""
    user, system = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
