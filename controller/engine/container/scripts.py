"""What the command of a container does when nobody types: its lines, and when it ends with which code.

A command that this shell can carry out to its end is carried out; so is a loop whose rounds are all the
same, which may have no end. Any other (a program that is not simulated, a script that writes files) runs
as the program of its image does: for ever.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from controller.engine.container.commands import execute
from controller.engine.container.effects import (
    Dial,
    Effect,
    Kill,
    NotExecutable,
    Out,
    Pause,
    Read,
    Repeat,
    Steps,
)
from controller.engine.container.environment import environment_of
from controller.engine.container.programs import image_name
from controller.engine.container.sources import ConfigSources
from controller.engine.container.syntax import NotSimulated
from controller.engine.container.vantage import Answers, Asked, Vantage
from controller.engine.objects import Manifest

LONGEST = 10_000
"""The most steps that a command is followed for."""
SIGNALLED = 128
"""What is added to the number of a signal for the exit code of what it ended."""
START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rounds:
    """What a loop prints that goes round so many ``times``, from ``at`` on, each taking ``period`` seconds.

    ``lines`` are those of one round, with the seconds after its beginning.
    """

    at: float
    period: float
    times: float
    lines: tuple[tuple[float, str], ...]


Printed = tuple[float, str] | Rounds


@dataclass(frozen=True, slots=True)
class Script:
    """A command that was followed to its end, or to where it waits for somebody to type, or for ever.

    ``lines`` are texts with the seconds after the start, and rounds of loops; it ends after ``seconds``,
    which may be infinite, with a ``code``. ``attended``: it reads what is typed, and ends when whoever is
    attached ends it. ``answers`` are what an endless one was told by the network: it goes on to ask.
    """

    lines: tuple[Printed, ...]
    seconds: float
    code: int
    attended: bool = False
    answers: Answers | None = None


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
    network: Callable[[], Asked] | None = None,
) -> Script | None:
    """Follow the command of a container that began at a wall time; None if it is not simulated.

    One that asks the network is followed if there is a ``network`` to be asked, as it is when it is asked.
    """
    argv = argv_of(container)
    if not argv:
        return None
    following = _Following(_Clock(began), network() if network else None, bool(container.get("stdin")))
    environment = environment_of(pod, container, node, sources)
    try:
        return following.follow(execute(argv, environment, following.clock.now, strict=True))
    except (NotExecutable, NotSimulated):
        return None


@dataclass(slots=True)
class _Clock:
    began: datetime
    seconds: float = 0.0

    def now(self) -> datetime:
        return self.began + timedelta(seconds=min(self.seconds, 1e9))


@dataclass(slots=True)
class _Round:
    """The beginning of a round of a loop: when, in what state, and how much was printed and asked by then."""

    at: float
    state: object
    printed: int
    asked: int


class _Following:
    """A command while it is followed. ``asked`` is the network, None if there is none to be asked."""

    def __init__(self, clock: _Clock, asked: Asked | None, reads: bool) -> None:  # noqa: FBT001 -- of its own
        self.clock, self._asked, self._reads = clock, asked, reads
        self._texts: list[tuple[float, str] | Rounds] = []
        self._rounds: dict[object, list[_Round]] = {}

    def follow(self, steps: Steps) -> Script | None:
        """Follow the steps; None if that takes too many of them. Raises NotSimulated."""
        answer: Vantage | None = None
        try:
            for _ in range(LONGEST):
                effect: Effect = steps.send(answer)
                answer = self._answer(effect)
                if over := self._over(effect):
                    return over
        except StopIteration as end:
            return self._script(self.clock.seconds, int(end.value))
        return None

    def _answer(self, effect: Effect) -> Vantage | None:
        """Do what an effect says; return what is sent back."""
        if isinstance(effect, Out):
            self._texts.append((self.clock.seconds, effect.text))
        elif isinstance(effect, Pause):
            self.clock.seconds += effect.seconds
        elif isinstance(effect, Dial):
            if self._asked is None:
                raise NotSimulated("there is no network to be asked")
            return self._asked.at(self.clock.seconds)
        return None

    def _over(self, effect: Effect) -> Script | None:
        """Return what the command comes to if this is its last effect."""
        if isinstance(effect, Kill):
            return self._script(self.clock.seconds, SIGNALLED + effect.signal)
        if isinstance(effect, Repeat) and self._is_endless(effect):
            return self._script(math.inf, 0)
        if isinstance(effect, Read) and self._reads:
            return self._script(self.clock.seconds, 0, attended=True)
        return None

    def _script(self, seconds: float, code: int, *, attended: bool = False) -> Script:
        answers = self._asked.answers if self._asked and seconds == math.inf else None
        return Script(tuple(_joined(self._texts)), seconds, code, attended, answers)

    def _is_endless(self, effect: Repeat) -> bool:
        """Look whether a loop goes round and round; if only for a while, skip to the end of that."""
        now = _Round(
            self.clock.seconds, effect.state, len(self._texts), self._asked.count if self._asked else 0
        )
        before = self._rounds.setdefault(effect.loop, [])
        before.append(now)
        if len(before) < 3:  # noqa: PLR2004 -- two rounds, to be compared
            return False
        first, second, _ = before = before[-3:]
        self._rounds[effect.loop] = before
        texts, period = self._texts_of(second, now), now.at - second.at
        is_alike = period > 0 and second.state == now.state and texts == self._texts_of(first, second)
        if texts is None or not is_alike or (texts and not texts[-1][1].endswith("\n")):
            return False
        asks = self._asked is not None and now.asked > second.asked
        changes = self._asked.changes if self._asked and asks else -math.inf
        if first.at < changes <= now.at:
            return False  # what was asked in these rounds was not the same network
        until = changes if now.at < changes else math.inf
        times = math.inf if until == math.inf else (until - now.at) // period
        if times > 0:
            lines = cast("list[tuple[float, str]]", list(_joined(texts)))
            self._texts.append(Rounds(now.at, period, times, tuple(lines)))
            self.clock.seconds += times * period if times < math.inf else 0.0
            self._rounds[effect.loop] = []
        return times == math.inf

    def _texts_of(self, first: _Round, second: _Round) -> list[tuple[float, str]] | None:
        """Return what a round prints, with the seconds after its beginning; None if it has rounds within."""
        found = list[tuple[float, str]]()
        for one in self._texts[first.printed : second.printed]:
            if isinstance(one, Rounds):
                return None
            found.append((round(one[0] - first.at, 6), one[1]))
        return found


def _joined(printed: Sequence[tuple[float, str] | Rounds]) -> Iterator[Printed]:
    """Yield whole lines, each at the time of its end; the last may have none."""
    rest, at = "", 0.0
    for one in printed:
        if isinstance(one, Rounds):
            yield one
            continue
        at, text = one
        *whole, rest = (rest + text).split("\n")
        for line in whole:
            yield at, line
    if rest:
        yield at, rest
