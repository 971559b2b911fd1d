"""The few programs that are in simulated containers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import dropwhile
from posixpath import join

from controller.engine.container.effects import (
    Kill,
    NotExecutable,
    Out,
    Pause,
    Read,
    Steps,
    fail,
    quiet,
    say,
)
from controller.engine.container.environment import Environment
from controller.engine.container.filesystem import PATHS
from controller.engine.container.netcommands import NETWORK_PROGRAMS
from controller.engine.container.shell import Command, Shell
from controller.engine.container.syntax import ExpandedCommand, NotSimulated


def execute(
    argv: Sequence[str],
    environment: Environment,
    now: Callable[[], datetime],
    *,
    tty: bool = False,
    strict: bool = False,
) -> Steps:
    """Return the steps of a program that is started without a shell. Raises NotExecutable.

    ``strict``: the steps raise NotSimulated where the program would do more than is simulated.
    """
    program = program_named(argv[0])
    if program is None:
        missing = "executable file not found in $PATH"
        if "/" in argv[0]:
            missing = f"stat {argv[0]}: no such file or directory"
        raise NotExecutable(f'exec: "{argv[0]}": {missing}')
    return program(Shell(environment, now, program_named, tty, strict), argv[1:])


def program_named(name: str) -> Command | None:
    """Return the program of a name, or of a path in one of the folders for programs."""
    folder, slash, last = name.rpartition("/")
    return PROGRAMS.get(last) if not slash or folder in PATHS else None


def _sh(shell: Shell, args: Sequence[str]) -> Steps:
    if not args or args[0] == "-i":
        return (yield from shell.talk())
    if re.fullmatch(r"-[a-z]*c", args[0]):
        if len(args) == 1:
            return (yield from fail("sh: -c requires an argument", 2))
        return (yield from shell.whole(args[1]))
    return (yield from fail(f"sh: can't open '{args[0]}': No such file or directory", 2))


def _env(shell: Shell, args: Sequence[str]) -> Steps:
    # One that starts another, which starts another: no call in a call for each.
    rest = list(dropwhile(lambda word: program_named(word) is _env, args))
    if rest:
        return (yield from shell.simple(ExpandedCommand(tuple(rest), {})))
    return (yield from say("".join(f"{name}={value}\n" for name, value in shell.variables.items())))


def _printenv(shell: Shell, args: Sequence[str]) -> Steps:
    known = [shell.variables[name] for name in args if name in shell.variables]
    if not args:
        return (yield from _env(shell, ()))
    return (yield from say("".join(f"{value}\n" for value in known), int(len(known) < len(args))))


def _ls(shell: Shell, args: Sequence[str]) -> Steps:
    options = "".join(arg[1:] for arg in args if arg.startswith("-"))
    asked = [arg for arg in args if not arg.startswith("-")] or ["."]
    code = 0
    for name in asked:
        path = shell.path(name)
        if path in shell.environment.folders and "d" not in options:
            found = shell.environment.listing(path)
            head = f"{name}:\n" if len(asked) > 1 else ""
            yield Out(head + "".join(_entry(shell, join(path, each), each, options) for each in found))
        elif path in shell.environment.folders or path in shell.environment.files:
            yield Out(_entry(shell, path, name, options))
        else:
            code = yield from fail(f"ls: {name}: No such file or directory")
    return code


def _entry(shell: Shell, path: str, name: str, options: str) -> str:
    if "l" not in options:
        return f"{name}\n"
    kind = "drwxr-xr-x" if path in shell.environment.folders else "-rw-r--r--"
    size = len(shell.environment.files.get(path, "").encode())
    return f"{kind}    1 root     root     {size:9d} {shell.now():%b %e %H:%M} {name}\n"


def _cat(shell: Shell, args: Sequence[str]) -> Steps:
    code = 0
    for name in args or ["-"]:
        path = shell.path(name)
        if name == "-":
            yield from _copy()
        elif path in shell.environment.files:
            yield Out(shell.environment.files[path])
        elif path in shell.environment.folders:
            code = yield from fail("cat: read error: Is a directory")
        else:
            code = yield from fail(f"cat: can't open '{name}': No such file or directory")
    return code


def _copy() -> Steps:
    while (line := (yield Read())) is not None:
        yield Out(line)
    return 0


def _ps(shell: Shell, _args: Sequence[str]) -> Steps:
    user = _user(shell.environment.user)
    rows = [(1, shell.environment.command), (29, "ps")]
    lines = "".join(f"{pid:5d} {user:<8s}  0:00 {command}\n" for pid, command in rows)
    return (yield from say(f"PID   USER     TIME  COMMAND\n{lines}"))


def _user(uid: int) -> str:
    return "root" if uid == 0 else str(uid)


def _date(shell: Shell, args: Sequence[str]) -> Steps:
    forms = [arg[1:] for arg in args if arg.startswith("+")]
    text = forms[0] if forms else "%a %b %e %H:%M:%S UTC %Y"
    return (yield from say(_told(shell.now(), text) + "\n"))


def _told(now: datetime, text: str) -> str:
    if not text.isprintable():
        return text
    return now.strftime(text.replace("%s", str(int(now.timestamp()))))


def _echo(_shell: Shell, args: Sequence[str]) -> Steps:
    bare = bool(args) and args[0] == "-n"
    return (yield from say(" ".join(args[1:] if bare else args) + ("" if bare else "\n")))


def _id(shell: Shell, args: Sequence[str]) -> Steps:
    uid, gid = shell.environment.user, shell.environment.group
    short = {"-u": f"{uid}\n", "-g": f"{gid}\n", "-un": f"{_user(uid)}\n"}
    if args and args[0] in short:
        return (yield from say(short[args[0]]))
    names = ["(root)" if number == 0 else "" for number in (uid, gid)]
    return (yield from say(f"uid={uid}{names[0]} gid={gid}{names[1]}\n"))


def _whoami(shell: Shell, _args: Sequence[str]) -> Steps:
    uid = shell.environment.user
    return (yield from fail(f"whoami: unknown uid {uid}") if uid else say("root\n"))


def _uname(shell: Shell, args: Sequence[str]) -> Steps:
    facts = {
        "s": "Linux",
        "n": shell.environment.hostname,
        "r": shell.environment.kernel,
        "v": "#1 SMP",
        "m": "x86_64",
    }
    asked = "".join(arg[1:] for arg in args if arg.startswith("-")) or "s"
    words = [fact for letter, fact in facts.items() if letter in asked or "a" in asked]
    return (yield from say(" ".join(words) + "\n"))


def _sleep(_shell: Shell, args: Sequence[str]) -> Steps:
    if list(args) in (["infinity"], ["inf"]):
        args = ["999999999"]
    if len(args) != 1 or not re.fullmatch(r"\d{1,9}(\.\d{1,9})?s?", args[0]):
        return (yield from fail(f"sleep: invalid number '{args[0] if args else ''}'"))
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
        return (yield from fail(f"kill: bad signal name '{named[0]}'"))
    if not pids:
        return (yield from fail("kill: you need to specify whom to kill"))
    code = 0
    for pid in pids:
        if pid == "1":
            yield Kill(signal)
        elif pid.isdigit():
            code = yield from fail(f"kill: can't kill pid {pid}: No such process")
        else:
            code = yield from fail(f"kill: invalid number '{pid}'")
    return code


def _refuse_to_write(name: str) -> Command:
    def refuse(shell: Shell, args: Sequence[str]) -> Steps:
        if shell.strict:
            raise NotSimulated(f"{name} writes files")
        about = args[-1] if args else ""
        return (yield from fail(f"{name}: {about}: Read-only file system (nothing is stored here)"))

    return refuse


def _tar(_shell: Shell, _args: Sequence[str]) -> Steps:
    """Refuse what ``kubectl cp`` starts."""
    return fail("tar: files are not copied from or to simulated containers: read one with cat")


PROGRAMS: dict[str, Command] = {
    "tar": _tar,
    "sh": _sh,
    "bash": _sh,
    "ash": _sh,
    "true": lambda _shell, _args: quiet(0),
    "false": lambda _shell, _args: quiet(1),
    "hostname": lambda shell, _args: say(f"{shell.environment.hostname}\n"),
    "pwd": lambda shell, _args: say(f"{shell.folder}\n"),
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
    **NETWORK_PROGRAMS,
    **{name: _refuse_to_write(name) for name in ("touch", "mkdir", "rm", "cp", "mv")},
}
