"""What the command of a container does when nobody types: its lines, and when it ends with which code.

A command that this shell can carry out to its end is carried out. Any other (a program that is not
simulated, a loop, a script that writes files) runs as the program of its image does: for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from controller.engine.container.commands import execute
from controller.engine.container.effects import Dial, Effect, Kill, NotExecutable, Out, Pause, Steps
from controller.engine.container.environment import environment_of
from controller.engine.container.programs import image_name
from controller.engine.container.sources import ConfigSources
from controller.engine.container.syntax import NotSimulated
from controller.engine.container.vantage import Vantage
from controller.engine.objects import Manifest

LONGEST = 10_000
"""The most steps that a command is followed for."""
SIGNALLED = 128
"""What is added to the number of a signal for the exit code of what it ended."""
START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Script:
    """A command that was followed to its end, or to where it waits for somebody to type.

    ``lines`` are texts with the seconds after the start; it ends after ``seconds`` with a ``code``.
    ``attended``: it reads what is typed, and ends when whoever is attached ends it.
    """

    lines: tuple[tuple[float, str], ...]
    seconds: float
    code: int
    attended: bool = False


def argv_of(container: Manifest) -> list[str]:
    """Return what a container starts. Arguments alone are a command where an image has none of its own.

    Of images that hold a shell and no more it is the shell, if there is somebody to type.
    """
    argv = [*(container.get("command") or ()), *(container.get("args") or ())]
    if not argv and container.get("stdin") and image_name(container["image"]) in SHELLS:
        return ["sh"]
    return argv


SHELLS = frozenset({"alpine", "busybox", "debian", "ubuntu"})


def script_of(  # noqa: PLR0917 -- all that a command depends on
    pod: Manifest,
    container: Manifest,
    node: Manifest,
    sources: ConfigSources,
    began: datetime = START,
    network: Callable[[], Vantage] | None = None,
) -> Script | None:
    """Follow the command of a container that began at a wall time; None if it is not simulated.

    One that asks the network is followed if there is a ``network`` to be asked.
    """
    argv = argv_of(container)
    if not argv:
        return None
    clock = _Clock(began)
    environment = environment_of(pod, container, node, sources)
    try:
        steps = execute(argv, environment, clock.now, strict=True)
        return _followed(steps, clock, network, reads=bool(container.get("stdin")))
    except (NotExecutable, NotSimulated):
        return None


@dataclass(slots=True)
class _Clock:
    began: datetime
    seconds: float = 0.0

    def now(self) -> datetime:
        return self.began + timedelta(seconds=min(self.seconds, 1e9))


def _followed(
    steps: Steps, clock: _Clock, network: Callable[[], Vantage] | None, *, reads: bool
) -> Script | None:
    printed: list[tuple[float, str]] = []
    answer: Vantage | None = None
    try:
        for _ in range(LONGEST):
            effect: Effect = steps.send(answer)
            answer = None
            if isinstance(effect, Out):
                printed.append((clock.seconds, effect.text))
            elif isinstance(effect, Pause):
                clock.seconds += effect.seconds
            elif isinstance(effect, Dial):
                if network is None:
                    return None
                answer = network()
            elif isinstance(effect, Kill):
                return Script(_lines(printed), clock.seconds, SIGNALLED + effect.signal)
            elif reads:
                return Script(_lines(printed), clock.seconds, 0, attended=True)
    except StopIteration as end:
        return Script(_lines(printed), clock.seconds, int(end.value))
    return None


def _lines(printed: list[tuple[float, str]]) -> tuple[tuple[float, str], ...]:
    return tuple(_joined(printed))


def _joined(printed: list[tuple[float, str]]) -> Iterator[tuple[float, str]]:
    """Yield whole lines, each at the time of its end; the last may have none."""
    rest, at = "", 0.0
    for at, text in printed:
        *whole, rest = (rest + text).split("\n")
        for line in whole:
            yield at, line
    if rest:
        yield at, rest
