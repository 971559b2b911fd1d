"""The small shell of simulated containers, and the few programs that are in them.

A program is a generator of effects (``Out``, ``Pause``, ``Kill``, ``Read``) and returns its exit code:
whoever runs it prints, waits and reads, so nothing here touches a clock or a connection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import dropwhile
from posixpath import join, normpath

from controller.engine.cluster.place import PATHS, Place
from controller.engine.cluster.words import END, OWN, Expanded, NotSimulated, Streams, commands_in


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


Effect = Out | Pause | Kill | Read
Steps = Generator[Effect, str | None, int]


class Interrupted(Exception):
    """Thrown into a program by whoever runs it: the person typed Ctrl-C."""


class NotExecutable(Exception):
    """There is no such program; the text is what the container's runtime says of it."""


class _Exit(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


@dataclass(slots=True)
class Shell:
    """A shell in a place; ``now`` tells the time. ``tty``: a person types, so it prompts."""

    place: Place
    now: Callable[[], datetime]
    tty: bool = False
    folder: str = "/"
    code: int = 0
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.env = {**self.place.env, **({"TERM": "xterm"} if self.tty else {}), **self.env}

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
            commands = commands_in(text)
        except NotSimulated as error:
            yield Out(f"sh: syntax error: {error}\n", error=True)
            return 2
        for command in commands:
            if command.when in (END, "&&" if self.code == 0 else "||"):
                words = command.expanded(self.env, self.code)
                self.code = yield from _directed(self.simple(words), words.streams)
        return self.code

    def simple(self, words: Expanded) -> Steps:
        """Carry out one command whose words are expanded."""
        if not words.argv:
            self.env |= words.sets
            return 0
        name, *args = words.argv
        own = Shell(self.place, self.now, self.tty, self.folder, self.code, self.env | words.sets)
        if name in BUILTINS:
            return (yield from BUILTINS[name](self, args))
        program = program_named(name)
        if program is None:
            yield Out(f"sh: {name}: not found\n", error=True)
            return 127
        return (yield from program(own, args))


def _directed(steps: Steps, streams: Streams) -> Steps:
    """Carry out steps whose output goes elsewhere."""
    if streams == OWN:
        return (yield from steps)
    move: Callable[[], Effect] = partial(next, steps)
    while True:
        try:
            effect = move()
        except StopIteration as end:
            return int(end.value)
        if isinstance(effect, Out):
            into = streams[effect.error]
            if into:
                yield Out(effect.text, error=into == 2)  # noqa: PLR2004 - the number of the stream
            move = partial(next, steps)
            continue
        try:
            answer = yield effect
            move = partial(steps.send, answer)
        except Interrupted as stopped:
            move = partial(steps.throw, stopped)


Command = Callable[[Shell, Sequence[str]], Steps]


def execute(argv: Sequence[str], place: Place, now: Callable[[], datetime], *, tty: bool = False) -> Steps:
    """Return the steps of a program that is started without a shell. Raises NotExecutable."""
    program = program_named(argv[0])
    if program is None:
        missing = "executable file not found in $PATH"
        if "/" in argv[0]:
            missing = f"stat {argv[0]}: no such file or directory"
        raise NotExecutable(f'exec: "{argv[0]}": {missing}')
    return program(Shell(place, now, tty), argv[1:])


def program_named(name: str) -> Command | None:
    """Return the program of a name, or of a path in one of the folders for programs."""
    folder, slash, last = name.rpartition("/")
    return PROGRAMS.get(last) if not slash or folder in PATHS else None


def _say(text: str, code: int = 0) -> Steps:
    yield Out(text)
    return code


def _fail(text: str, code: int = 1) -> Steps:
    yield Out(f"{text}\n", error=True)
    return code


def _quiet(code: int) -> Steps:
    yield from ()
    return code


# -- what only a shell can do ----------------------------------------------------------------------


def _exit(shell: Shell, args: Sequence[str]) -> Steps:
    if args and not args[0].isdigit():
        yield Out(f"sh: exit: Illegal number: {args[0]}\n", error=True)
        raise _Exit(2)
    raise _Exit(int(args[0]) % 256 if args else shell.code)


def _cd(shell: Shell, args: Sequence[str]) -> Steps:
    wanted = args[0] if args else shell.env.get("HOME", "/")
    path = shell.path(wanted)
    if path not in shell.place.folders:
        return (yield from _fail(f"sh: cd: can't cd to {wanted}: No such file or directory", 2))
    shell.folder = path
    return 0


def _export(shell: Shell, args: Sequence[str]) -> Steps:
    shell.env |= {name: value for name, _, value in (arg.partition("=") for arg in args if "=" in arg)}
    return (yield from _quiet(0))


BUILTINS: dict[str, Command] = {
    "exit": _exit,
    "cd": _cd,
    "export": _export,
    ":": lambda _shell, _args: _quiet(0),
}


# -- programs --------------------------------------------------------------------------------------


def _sh(shell: Shell, args: Sequence[str]) -> Steps:
    if not args or args[0] == "-i":
        return (yield from shell.talk())
    if re.fullmatch(r"-[a-z]*c", args[0]):
        if len(args) == 1:
            return (yield from _fail("sh: -c requires an argument", 2))
        return (yield from shell.whole(args[1]))
    return (yield from _fail(f"sh: can't open '{args[0]}': No such file or directory", 2))


def _env(shell: Shell, args: Sequence[str]) -> Steps:
    # One that starts another, which starts another: no call in a call for each.
    rest = list(dropwhile(lambda word: program_named(word) is _env, args))
    if rest:
        return (yield from shell.simple(Expanded(tuple(rest), {})))
    return (yield from _say("".join(f"{name}={value}\n" for name, value in shell.env.items())))


def _printenv(shell: Shell, args: Sequence[str]) -> Steps:
    known = [shell.env[name] for name in args if name in shell.env]
    if not args:
        return (yield from _env(shell, ()))
    return (yield from _say("".join(f"{value}\n" for value in known), int(len(known) < len(args))))


def _ls(shell: Shell, args: Sequence[str]) -> Steps:
    options = "".join(arg[1:] for arg in args if arg.startswith("-"))
    asked = [arg for arg in args if not arg.startswith("-")] or ["."]
    code = 0
    for name in asked:
        path = shell.path(name)
        if path in shell.place.folders and "d" not in options:
            found = shell.place.listing(path)
            head = f"{name}:\n" if len(asked) > 1 else ""
            yield Out(head + "".join(_entry(shell, join(path, each), each, options) for each in found))
        elif path in shell.place.folders or path in shell.place.files:
            yield Out(_entry(shell, path, name, options))
        else:
            code = yield from _fail(f"ls: {name}: No such file or directory")
    return code


def _entry(shell: Shell, path: str, name: str, options: str) -> str:
    if "l" not in options:
        return f"{name}\n"
    kind = "drwxr-xr-x" if path in shell.place.folders else "-rw-r--r--"
    size = len(shell.place.files.get(path, "").encode())
    return f"{kind}    1 root     root     {size:9d} {shell.now():%b %e %H:%M} {name}\n"


def _cat(shell: Shell, args: Sequence[str]) -> Steps:
    code = 0
    for name in args or ["-"]:
        path = shell.path(name)
        if name == "-":
            yield from _copy()
        elif path in shell.place.files:
            yield Out(shell.place.files[path])
        elif path in shell.place.folders:
            code = yield from _fail("cat: read error: Is a directory")
        else:
            code = yield from _fail(f"cat: can't open '{name}': No such file or directory")
    return code


def _copy() -> Steps:
    while (line := (yield Read())) is not None:
        yield Out(line)
    return 0


def _ps(shell: Shell, _args: Sequence[str]) -> Steps:
    user = _user(shell.place.user)
    rows = [(1, shell.place.command), (29, "ps")]
    lines = "".join(f"{pid:5d} {user:<8s}  0:00 {command}\n" for pid, command in rows)
    return (yield from _say(f"PID   USER     TIME  COMMAND\n{lines}"))


def _user(uid: int) -> str:
    return "root" if uid == 0 else str(uid)


def _date(shell: Shell, args: Sequence[str]) -> Steps:
    forms = [arg[1:] for arg in args if arg.startswith("+")]
    text = forms[0] if forms else "%a %b %e %H:%M:%S UTC %Y"
    return (yield from _say(_told(shell.now(), text) + "\n"))


def _told(now: datetime, text: str) -> str:
    if not text.isprintable():
        return text
    return now.strftime(text.replace("%s", str(int(now.timestamp()))))


def _echo(_shell: Shell, args: Sequence[str]) -> Steps:
    bare = bool(args) and args[0] == "-n"
    return (yield from _say(" ".join(args[1:] if bare else args) + ("" if bare else "\n")))


def _id(shell: Shell, args: Sequence[str]) -> Steps:
    uid, gid = shell.place.user, shell.place.group
    short = {"-u": f"{uid}\n", "-g": f"{gid}\n", "-un": f"{_user(uid)}\n"}
    if args and args[0] in short:
        return (yield from _say(short[args[0]]))
    names = ["(root)" if number == 0 else "" for number in (uid, gid)]
    return (yield from _say(f"uid={uid}{names[0]} gid={gid}{names[1]}\n"))


def _whoami(shell: Shell, _args: Sequence[str]) -> Steps:
    uid = shell.place.user
    return (yield from _fail(f"whoami: unknown uid {uid}") if uid else _say("root\n"))


def _uname(shell: Shell, args: Sequence[str]) -> Steps:
    facts = {"s": "Linux", "n": shell.place.hostname, "r": shell.place.kernel, "v": "#1 SMP", "m": "x86_64"}
    asked = "".join(arg[1:] for arg in args if arg.startswith("-")) or "s"
    words = [fact for letter, fact in facts.items() if letter in asked or "a" in asked]
    return (yield from _say(" ".join(words) + "\n"))


def _sleep(_shell: Shell, args: Sequence[str]) -> Steps:
    if len(args) != 1 or not re.fullmatch(r"\d{1,9}(\.\d{1,9})?s?", args[0]):
        return (yield from _fail(f"sleep: invalid number '{args[0] if args else ''}'"))
    yield Pause(float(args[0].removesuffix("s")))
    return 0


SIGNALS = {
    "": 15,
    "TERM": 15,
    "15": 15,
    "KILL": 9,
    "9": 9,
    "INT": 2,
    "2": 2,
    "HUP": 1,
    "1": 1,
    "QUIT": 3,
    "3": 3,
}


def _kill(_shell: Shell, args: Sequence[str]) -> Steps:
    named = [arg[1:].removeprefix("SIG") for arg in args if arg.startswith("-") and arg != "-s"]
    pids = [arg for arg in args if not arg.startswith("-")]
    signal = SIGNALS.get(named[0] if named else "")
    if signal is None:
        return (yield from _fail(f"kill: bad signal name '{named[0]}'"))
    if not pids:
        return (yield from _fail("kill: you need to specify whom to kill"))
    code = 0
    for pid in pids:
        if pid == "1":
            yield Kill(signal)
        elif pid.isdigit():
            code = yield from _fail(f"kill: can't kill pid {pid}: No such process")
        else:
            code = yield from _fail(f"kill: invalid number '{pid}'")
    return code


def _refuse_to_write(name: str) -> Command:
    def refuse(_shell: Shell, args: Sequence[str]) -> Steps:
        about = args[-1] if args else ""
        return (yield from _fail(f"{name}: {about}: Read-only file system (nothing is stored here)"))

    return refuse


PROGRAMS: dict[str, Command] = {
    "sh": _sh,
    "bash": _sh,
    "ash": _sh,
    "true": lambda _shell, _args: _quiet(0),
    "false": lambda _shell, _args: _quiet(1),
    "hostname": lambda shell, _args: _say(f"{shell.place.hostname}\n"),
    "pwd": lambda shell, _args: _say(f"{shell.folder}\n"),
    "env": _env,
    "printenv": _printenv,
    "ls": _ls,
    "cat": _cat,
    "ps": _ps,
    "date": _date,
    "echo": _echo,
    "id": _id,
    "whoami": _whoami,
    "uname": _uname,
    "sleep": _sleep,
    "kill": _kill,
    **{name: _refuse_to_write(name) for name in ("touch", "mkdir", "rm", "cp", "mv")},
}
