"""What simulated programs want done: they are generators of effects and return their exit code.

Whoever runs one prints, waits, kills and reads for it, so no program touches a clock or a connection.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Out:
    """Print a text, to the standard error if it is one."""

    text: str
    error: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Kill:
    """End the container itself by a signal."""

    signal: int


@dataclass(frozen=True, slots=True)
class Read:
    """Ask for a line of input, which is sent back with its end, or None when there is no more."""

    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Dial:
    """Ask for the network as the container sees it (a ``Vantage``), which is sent back."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Begin a ``loop`` anew, in a ``state`` of its shell; each run of a loop is another one."""

    loop: object
    state: object


Effect = Out | Pause | Kill | Read | Dial | Repeat
Steps = Generator[Effect, Any, int]
"""What is sent back is as the effect says; a program returns its exit code."""


class Interrupted(Exception):
    """Thrown into a program by whoever runs it: the person typed Ctrl-C."""


class NotExecutable(Exception):
    """There is no such program; the text is what the container's runtime says of it."""


def say(text: str, code: int = 0) -> Steps:
    """Print a text and end with a code."""
    yield Out(text)
    return code


def fail(text: str, code: int = 1) -> Steps:
    """Complain in a line and end with a code."""
    yield Out(f"{text}\n", error=True)
    return code


def quiet(code: int) -> Steps:
    """End with a code at once."""
    yield from ()
    return code
