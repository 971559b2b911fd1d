"""One child process of the supervisor: started so that it never outlives its parent, and stopped whole.

Standard library only: the supervisor lives for the whole run and must stay light.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

DEATHS_ALLOWED = 5
DEATHS_WINDOW = 30.0  # seconds
TIMEOUT = 8.0  # seconds that a child has to stop by itself
BREATH = 0.1  # seconds between two looks
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class CannotStart(Exception):
    """A child cannot be started, or does not stay alive. The message is a sentence."""


def _die_with(parent: int) -> None:
    """Let the kernel kill this process when ``parent`` dies in any way; runs between fork and exec.

    SIGKILL, since a child that waits for a Redis killed at the same moment would linger. Nothing is
    lost by it: every write is a transaction.
    """
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the kernel was told
            os._exit(1)


@dataclass
class Child:
    """A program to keep running. ``feed`` is what it reads on standard input."""

    name: str
    argv: Sequence[str]
    feed: str = ""
    stdout: int | None = None  # as for subprocess; None: the terminal of the supervisor
    process: subprocess.Popen[str] | None = None
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS_ALLOWED))

    def start(self, env: Mapping[str, str]) -> subprocess.Popen[str]:
        """Start it in a session of its own, so that the terminal's Ctrl-C reaches the supervisor alone."""
        parent = os.getpid()
        try:
            self.process = subprocess.Popen(  # noqa: S603 - the programs are this project's own
                self.argv,
                env=dict(env),
                stdin=subprocess.PIPE if self.feed else subprocess.DEVNULL,
                stdout=self.stdout,
                text=True,
                start_new_session=True,
                preexec_fn=lambda: _die_with(parent),  # noqa: PLW1509 - this process has one thread
            )
        except OSError as error:
            raise CannotStart(f"{self.name} cannot start: {self.argv[0]}: {error.strerror}.") from error
        if self.process.stdin is not None:
            self.process.stdin.write(self.feed)
            self.process.stdin.close()
        return self.process

    @property
    def alive(self) -> bool:
        """Return whether it was started and runs."""
        return self.process is not None and self.process.poll() is None

    @property
    def ending(self) -> str:
        """Return how it ended, in words."""
        code = self.process.poll() if self.process else None
        if code is None:
            return "still running"
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def count_death(self, now: float) -> None:
        """Note a death; raise CannotStart when it is one too many within the window."""
        self.deaths.append(now)
        if len(self.deaths) == DEATHS_ALLOWED and now - self.deaths[0] <= DEATHS_WINDOW:
            raise CannotStart(
                f"{self.name} died {DEATHS_ALLOWED} times in {DEATHS_WINDOW:.0f} s ({self.ending})."
            )

    def ask_to_stop(self) -> None:
        """Send SIGTERM: some servers started in the background never see SIGINT."""
        if self.process is not None and self.alive:
            self.process.terminate()

    def kill_group(self) -> None:
        """Kill whatever is left of its session."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return
            self.process.wait()


def stop(children: Iterable[Child]) -> None:
    """Stop them together: ask, wait as long as TIMEOUT, then kill what is left."""
    group = [child for child in children if child.process is not None]
    for child in group:
        child.ask_to_stop()
    until = time.monotonic() + TIMEOUT
    while any(child.alive for child in group) and time.monotonic() < until:
        time.sleep(BREATH / 2)
    for child in group:
        child.kill_group()
