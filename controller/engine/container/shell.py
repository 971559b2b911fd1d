"""The small shell of simulated containers: carries out lines that are typed, and scripts.

The programs that it starts are in ``commands``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from posixpath import join, normpath
from typing import Any

from controller.engine.container.effects import Effect, Interrupted, Out, Read, Repeat, Steps, fail, quiet
from controller.engine.container.environment import Environment
from controller.engine.container.syntax import (
    END,
    OWN,
    ExpandedCommand,
    Loop,
    NotSimulated,
    Part,
    SimpleCommand,
    Step,
    Streams,
    Word,
    check_size,
    parse,
)

DEEPEST = 32
"""How many programs can have started each other: a shell's variable may hold a command that names it."""


class _Exit(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


class _Break(Exception):
    """A loop is left, or begins anew."""

    def __init__(self, *, goes_on: bool) -> None:
        self.goes_on = goes_on


@dataclass(slots=True)
class Shell:
    """A shell in an environment; ``now`` tells the time, ``find`` knows the programs that there are.

    ``tty``: a person types, so it prompts. ``strict``: what is not simulated is not told to whoever
    typed it, but raised.
    """

    environment: Environment
    now: Callable[[], datetime]
    find: Callable[[str], Command | None]
    tty: bool = False
    strict: bool = False
    folder: str = "/"
    code: int = 0
    depth: int = 0
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.variables = {
            **self.environment.variables,
            **({"TERM": "xterm"} if self.tty else {}),
            **self.variables,
        }

    def path(self, name: str) -> str:
        """Return the whole path of a name."""
        found = normpath(join(self.folder, name))
        return "/" if found == "//" else found

    def talk(self) -> Steps:
        """Carry out the lines that are typed, until there are no more or one says exit."""
        while True:
            prompt = f"{self.folder} # " if self.tty else ""
            try:
                line = yield Read(prompt)
                if line is None:
                    return self.code
                self.code = yield from self.script(line)
            except Interrupted:
                self.code = 130
            except _Exit as left:
                return left.code

    def whole(self, text: str) -> Steps:
        """Carry out a script and return its exit code."""
        try:
            return (yield from self.script(text))
        except _Exit as left:
            return left.code

    def script(self, text: str) -> Steps:
        """Carry out commands, one after the other or as ``&&`` and ``||`` say."""
        try:
            steps = parse(text)
        except NotSimulated as error:
            if self.strict:
                raise
            yield Out(f"sh: syntax error: {error}\n", error=True)
            return 2
        try:
            return (yield from self._run(steps))
        except _Break:
            return 0

    def _run(self, steps: Iterable[Step]) -> Steps:
        for step in steps:
            if step.when in (END, "&&" if self.code == 0 else "||"):
                made = self._loop(step) if isinstance(step, Loop) else self._command(step)
                self.code = yield from _directed(made, step.streams)
        return self.code

    def _loop(self, loop: Loop) -> Steps:
        """Carry out a loop; its code is that of the last command of its body."""
        this, code = object(), 0
        while True:
            yield Repeat(this, (self.folder, self.code, tuple(self.variables.items())))
            succeeded = (yield from self._run(loop.condition)) == 0
            if succeeded is loop.until:
                return code
            try:
                code = yield from self._run(loop.body)
            except _Break as left:
                code = 0
                if not left.goes_on:
                    return code

    def _command(self, command: SimpleCommand) -> Steps:
        try:
            written = yield from self._substituted(command)
            words = written.expanded(self.variables, self.code)
            check_size({**self.variables, **words.sets})
        except NotSimulated as error:
            if self.strict:
                raise
            yield Out(f"sh: {error}\n", error=True)
            return 2
        return (yield from self.simple(words))

    def _substituted(self, command: SimpleCommand) -> Generator[Effect, Any, SimpleCommand]:
        """Return a command with what others print in the place of each ``$(...)``. Raises NotSimulated."""
        words = list[Word]()
        for word in command.words:
            parts = list[Part]()
            for kind, raw in word:
                if kind != "substitution":
                    parts.append((kind, raw))
                    continue
                printed = yield from self._printed(raw[2:-1])
                if len(word) == 1:
                    words += [(("result", each),) for each in printed]
                else:
                    parts.append(("result", " ".join(printed)))
            words += [tuple(parts)] if parts else []
        return replace(command, words=tuple(words))

    def _printed(self, text: str) -> Generator[Effect, Any, list[str]]:
        """Carry out a script in a shell of its own; return the words that it prints."""
        printed = list[str]()
        own = replace(self, depth=self.depth + 1)
        yield from _sent(own.whole(text), lambda out: out if out.error else printed.append(out.text))
        return "".join(printed).split()

    def simple(self, words: ExpandedCommand) -> Steps:
        """Carry out one command whose words are expanded."""
        if not words.argv:
            self.variables |= words.sets
            return 0
        name, *args = words.argv
        own = replace(self, code=0, depth=self.depth + 1, variables=self.variables | words.sets)
        if name in BUILTINS:
            return (yield from BUILTINS[name](self, args))
        program = self.find(name)
        if program is None:
            if self.strict:
                raise NotSimulated(f"{name} is not known")
            yield Out(f"sh: {name}: not found\n", error=True)
            return 127
        if own.depth > DEEPEST:
            return (yield from fail(f"sh: {name}: cannot fork: Resource temporarily unavailable", 2))
        return (yield from program(own, args))


def _directed(steps: Steps, streams: Streams) -> Steps:
    """Carry out steps whose output goes elsewhere."""
    if streams == OWN:
        return (yield from steps)

    def moved(out: Out) -> Out | None:
        into = streams[out.error]
        return Out(out.text, error=into == 2) if into else None  # noqa: PLR2004 - the number of the stream

    return (yield from _sent(steps, moved))


def _sent(steps: Steps, where: Callable[[Out], Out | None]) -> Steps:
    """Carry out steps of which something else is printed, or nothing."""
    move: Callable[[], Effect] = partial(next, steps)
    while True:
        try:
            effect = move()
        except StopIteration as end:
            return int(end.value)
        if isinstance(effect, Out):
            if other := where(effect):
                yield other
            move = partial(next, steps)
            continue
        try:
            answer = yield effect
            move = partial(steps.send, answer)
        except Interrupted as stopped:
            move = partial(steps.throw, stopped)


Command = Callable[[Shell, Sequence[str]], Steps]


# -- what only a shell can do ----------------------------------------------------------------------


def _exit(shell: Shell, args: Sequence[str]) -> Steps:
    if args and not re.fullmatch(r"[0-9]{1,9}", args[0]):
        yield Out(f"sh: exit: Illegal number: {args[0]}\n", error=True)
        raise _Exit(2)
    raise _Exit(int(args[0]) % 256 if args else shell.code)


def _leave(*, goes_on: bool) -> Command:
    def leave(_shell: Shell, _args: Sequence[str]) -> Steps:
        raise _Break(goes_on=goes_on)

    return leave


def _cd(shell: Shell, args: Sequence[str]) -> Steps:
    wanted = args[0] if args else shell.variables.get("HOME", "/")
    path = shell.path(wanted)
    if path not in shell.environment.folders:
        return (yield from fail(f"sh: cd: can't cd to {wanted}: No such file or directory", 2))
    shell.folder = path
    return 0


def _export(shell: Shell, args: Sequence[str]) -> Steps:
    sets = {name: value for name, _, value in (arg.partition("=") for arg in args if "=" in arg)}
    try:
        check_size({**shell.variables, **sets})
    except NotSimulated as error:
        return (yield from fail(f"sh: export: {error}", 2))
    shell.variables |= sets
    return (yield from quiet(0))


BUILTINS: dict[str, Command] = {
    "exit": _exit,
    "break": _leave(goes_on=False),
    "continue": _leave(goes_on=True),
    "cd": _cd,
    "export": _export,
    ":": lambda _shell, _args: quiet(0),
}
