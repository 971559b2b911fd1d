"""The programs by which people try who is reached: nslookup, getent, curl and wget."""

from __future__ import annotations

import posixpath
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from controller.engine.container.effects import Dial, Effect, Out, Pause, Steps, fail, say
from controller.engine.container.shell import Command, Shell
from controller.engine.container.vantage import NAME_SERVER, Called, Looked, Vantage

PATIENCE = 3.0
"""Seconds for which a call that nobody answers is waited for, unless it says how long."""
MOST_PATIENCE = 600.0
PORTS = {"http": 80, "https": 443}
MOST_PORT = 65_535


def explained(why: str) -> Out:
    """Return what no real program says: why it came so."""
    return Out(f"(Everynode: {why})\n", error=True)


def _dialled() -> Generator[Effect, Any, Vantage]:
    """Ask for the network."""
    vantage: Vantage = yield Dial()
    return vantage


# -- names -----------------------------------------------------------------------------------------


def _nslookup(_shell: Shell, args: Sequence[str]) -> Steps:
    asked = [arg for arg in args if not arg.startswith("-")]
    if not asked:
        return (yield from fail("Usage: nslookup HOST [DNS_SERVER]"))
    vantage = yield from _dialled()
    found = vantage.look_up(asked[0])
    yield Out(f"Server:\t\t{NAME_SERVER}\nAddress:\t{NAME_SERVER}:53\n\n")
    if found.why:
        yield Out(f"** server can't find {found.name}: NXDOMAIN\n\n")
        yield explained(found.why)
        return 1
    return (
        yield from say("".join(f"Name:\t{found.name}\nAddress: {each}\n" for each in found.addresses) + "\n")
    )


def _getent(_shell: Shell, args: Sequence[str]) -> Steps:
    if len(args) < 2 or args[0] not in {"hosts", "ahosts", "ahostsv4"}:  # noqa: PLR2004 - a database and a name
        return (yield from fail("usage: getent hosts NAME..."))
    vantage = yield from _dialled()
    code = 0
    for name in args[1:]:
        found = vantage.look_up(name)
        yield Out("".join(f"{each:<15} {found.name}\n" for each in found.addresses))
        if found.why:
            yield explained(found.why)
            code = 2
    return code


# -- calls -----------------------------------------------------------------------------------------


class Target(NamedTuple):
    """Where a URL leads to."""

    host: str
    port: int
    path: str


@dataclass(slots=True)
class Options:
    """What was asked of curl or wget. ``values`` are options with a value, the last of each."""

    flags: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)
    urls: list[str] = field(default_factory=list)

    @property
    def patience(self) -> float:
        """Return the seconds to wait for an answer."""
        given = self.values.get("m") or self.values.get("T") or ""
        try:
            return min(max(float(given), 0.0), MOST_PATIENCE) if given else PATIENCE
        except ValueError:
            return PATIENCE


LONG = {
    "silent": "s", "show-error": "S", "fail": "f", "include": "i", "head": "I", "verbose": "v", "quiet": "q",
    "output": "o", "write-out": "w", "max-time": "m", "connect-timeout": "m", "timeout": "T", "request": "X",
    "header": "H", "data": "d", "user": "u", "user-agent": "A", "output-document": "O", "tries": "t",
}  # fmt: skip
CURL_VALUES, WGET_VALUES = frozenset("owmXHduA"), frozenset("OTtU")


def read_options(args: Sequence[str], valued: frozenset[str]) -> Options:
    """Read arguments; ``valued`` are the letters that have a value. What is not known changes nothing."""
    options, rest = Options(), iter(args)
    for arg in rest:
        if arg.startswith("--"):
            name, equals, value = arg[2:].partition("=")
            letter = LONG.get(name, name)
            _read_one(options, letter, value if equals else None, rest, valued)
        elif arg.startswith("-") and len(arg) > 1:
            for place, letter in enumerate(arg[1:], start=2):
                if letter in valued:
                    _read_one(options, letter, arg[place:] or None, rest, valued)
                    break
                options.flags.add(letter)
        else:
            options.urls.append(arg)
    return options


def _read_one(
    options: Options, letter: str, value: str | None, rest: Iterator[str], valued: frozenset[str]
) -> None:
    if letter in valued:
        options.values[letter] = next(rest, "") if value is None else value
    else:
        options.flags.add(letter)


def target_of(url: str) -> Target | None:
    """Read a URL, or None if it is none."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or parts.scheme not in PORTS:
        return None
    return Target(parts.hostname, port or PORTS[parts.scheme], parts.path or "/")


def _called(shell: Shell, vantage: Vantage, found: Looked, port: int) -> Called:
    now = shell.now()
    turn = now.second * 1000 + now.microsecond // 1000
    return vantage.call(found.addresses[turn % len(found.addresses)], port, turn)


def _curl(shell: Shell, args: Sequence[str]) -> Steps:
    options = read_options(args, CURL_VALUES)
    if not options.urls:
        return (yield from fail("curl: try 'curl --help' or 'curl --manual' for more information", 2))
    vantage = yield from _dialled()
    code = 0
    for url in options.urls:
        code = yield from _curl_one(shell, vantage, options, url)
    return code


def _curl_one(shell: Shell, vantage: Vantage, options: Options, url: str) -> Steps:
    target = target_of(url)
    if target is None:
        return (yield from _curl_failed(options, 3, "URL rejected: Malformed input to a URL function", "", 0))
    found = vantage.look_up(target.host)
    if found.why:
        said = f"Could not resolve host: {target.host}"
        return (yield from _curl_failed(options, 6, said, found.why, 0))
    reply = _called(shell, vantage, found, target.port)
    if "v" in options.flags:
        yield Out(f"* Host {target.host}:{target.port} was resolved.\n", error=True)
        yield Out(f"*   Trying {', '.join(found.addresses)}...\n", error=True)
    if reply.why:
        waited = 0.0 if reply.refused else options.patience
        where = f"Failed to connect to {target.host} port {target.port} after {waited * 1000:.0f} ms"
        said = f"{where}: {'Could not connect to server' if reply.refused else 'Timeout was reached'}"
        return (yield from _curl_failed(options, 7 if reply.refused else 28, said, reply.why, waited))
    yield from _curl_answered(options, target, reply)
    return 0


def _curl_failed(options: Options, code: int, said: str, why: str, waited: float) -> Steps:
    if waited:
        yield Pause(waited)
    if "s" not in options.flags or "S" in options.flags:
        yield Out(f"curl: ({code}) {said}\n", error=True)
        if why:
            yield explained(why)
    if "w" in options.values:
        yield Out(_written(options.values["w"], "000", Called("", 0)))
    return code


def _curl_answered(options: Options, target: Target, reply: Called) -> Steps:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(reply.text)}\r\n\r\n"
    if "v" in options.flags:
        yield Out(f"> GET {target.path} HTTP/1.1\n> Host: {target.host}\n>\n", error=True)
        yield Out("".join(f"< {line}\n" for line in head.strip().split("\r\n")) + "<\n", error=True)
    if "o" not in options.values:
        yield Out(head if options.flags & {"i", "I"} else "")
        yield Out("" if "I" in options.flags else reply.text)
    if "w" in options.values:
        yield Out(_written(options.values["w"], "200", reply))
    return 0


def _written(form: str, code: str, reply: Called) -> str:
    words = {
        "http_code": code,
        "response_code": code,
        "remote_ip": reply.address,
        "remote_port": str(reply.port),
    }
    for word, value in words.items():
        form = form.replace(f"%{{{word}}}", value)
    return form.replace("\\n", "\n")


def _wget(shell: Shell, args: Sequence[str]) -> Steps:
    options = read_options(args, WGET_VALUES)
    target = target_of(options.urls[0]) if options.urls else None
    if target is None:
        return (yield from fail("Usage: wget [-q] [-O FILE] [-T SEC] URL"))
    vantage = yield from _dialled()
    found = vantage.look_up(target.host)
    if found.why:
        yield Out(f"wget: bad address '{target.host}'\n", error=True)
        yield explained(found.why)
        return 1
    reply = _called(shell, vantage, found, target.port)
    if "q" not in options.flags:
        yield Out(f"Connecting to {target.host} ({found.addresses[0]}:{target.port})\n", error=True)
    if reply.why:
        return (yield from _wget_failed(options, found, reply))
    if "spider" in options.flags:
        return (yield from say("remote file exists\n"))
    file = options.values.get("O") or posixpath.basename(target.path) or "index.html"
    if file in {"-", "/dev/null"}:
        return (yield from say(reply.text if file == "-" else ""))
    return (yield from _wget_saved(shell, file, reply.text, quiet="q" in options.flags))


def _wget_saved(shell: Shell, file: str, text: str, *, quiet: bool) -> Steps:
    """Save a text in a file: only the command of a container itself can, and nobody else sees it."""
    if not shell.strict:
        return (yield from fail(f"wget: can't open '{file}': Read-only file system (write to -O -)"))
    shell.environment.files[shell.path(file)] = text
    if not quiet:
        yield Out(f"saving to '{file}'\n'{file}' saved\n", error=True)
    return 0


def _wget_failed(options: Options, found: Looked, reply: Called) -> Steps:
    said = f"can't connect to remote host ({found.addresses[0]}): Connection refused"
    if not reply.refused:
        yield Pause(options.patience)
        said = "download timed out"
    yield Out(f"wget: {said}\n", error=True)
    yield explained(reply.why)
    return 1


NETWORK_PROGRAMS: dict[str, Command] = {
    "nslookup": _nslookup,
    "getent": _getent,
    "curl": _curl,
    "wget": _wget,
}
