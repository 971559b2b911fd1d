"""The file in which a cluster travels with its history: gzip of lines of JSON, and its untrusting reader.

The first line is the head, the last one counts what came before it, so that a file that was cut is known
for one. Between them stand, in this order, the objects as they were at the head's ``first``, every change
since, the passes, the audit entries and the turns of the clock. A line is a list: what it is, then its facts,
in the order of the class of that name below.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import IO, Any, NamedTuple

import orjson

from controller.engine.admission.shape import strictly_typed
from controller.engine.admission.validation import faults
from controller.engine.changes import Verb
from controller.engine.errors import BadRequest, Refused, TooLarge
from controller.engine.kinds import KINDS
from controller.engine.objects import Key, Manifest, Timers
from controller.engine.views import VIEWS
from controller.manifests.untrusted import MOST_BYTES as LONGEST_LINE
from controller.manifests.untrusted import read_json

FORMAT = 1
SUFFIX = ".everynode.gz"
MOST_PACKED = 256 * 1024 * 1024
"""The most bytes of a file..."""
MOST_BYTES = 4 * 1024 * 1024 * 1024
"""... and the most it may unpack to."""
GZIP = 31
"""zlib's window bits for a gzip file."""
FURTHEST = 1e12
"""The largest number of seconds that means a moment: some thirty thousand years."""
NEWEST = 2**53
"""The largest number of a change: up to here JSON's readers agree on whole numbers."""


class Head(NamedTuple):
    """Which cluster it is, at change ``number``; its history begins after ``first``. Times in seconds."""

    format: int
    name: str
    number: int
    first: int
    time: float
    speed: float
    paused: bool
    start_delay: float
    stop_delay: float
    node_grace: float
    kubelet_events: bool | None


class ObjectLine(NamedTuple):
    """An object as it was at the beginning; ``version`` is the number of its last change."""

    version: int
    kind: str
    manifest: Manifest
    timers: Timers

    @property
    def key(self) -> Key:
        """Return which object it is."""
        return _key(self.kind, self.manifest)


class ChangeLine(NamedTuple):
    """A change of the log; ``at`` is a moment of wall time (ISO 8601)."""

    number: int
    verb: str
    kind: str
    manifest: Manifest
    timers: Timers
    actor: str
    reason: str
    at: str

    @property
    def key(self) -> Key:
        """Return which object it is about."""
        return _key(self.kind, self.manifest)


class PassLine(NamedTuple):
    """A pass: its changes ``first`` to ``last``, and its lines as they are kept."""

    first: int
    last: int
    at: str
    cluster_time: float
    lines: list[Any]
    creations: int
    deletions: int


class AuditLine(NamedTuple):
    """Who did what."""

    at: str
    actor: str
    action: str
    about: str
    facts: dict[str, Any]
    number: int | None


class SpanLine(NamedTuple):
    """A stretch of the clock that is over."""

    wall: float
    time: float
    speed: float
    until: float


class EndLine(NamedTuple):
    """How many lines come before this one."""

    lines: int


Line = Head | ObjectLine | ChangeLine | PassLine | AuditLine | SpanLine | EndLine
LINES: dict[str, type[Line]] = {
    "everynode": Head,
    "object": ObjectLine,
    "change": ChangeLine,
    "pass": PassLine,
    "audit": AuditLine,
    "span": SpanLine,
    "end": EndLine,
}
NAMES = {shape: name for name, shape in LINES.items()}
ORDER = list(LINES.values())


def _key(kind: str, manifest: Manifest) -> Key:
    return (kind, manifest["metadata"].get("namespace") or "", manifest["metadata"]["name"])


# -- writing ---------------------------------------------------------------------------------------


def packed(lines: Iterable[Line]) -> Iterator[bytes]:
    """Yield the bytes of a file that holds these lines, the head first; its end is added."""
    packer = zlib.compressobj(level=3, wbits=GZIP)
    count = 0
    for line in lines:
        count += 1
        if some := packer.compress(_text(line)):
            yield some
    yield packer.compress(_text(EndLine(count))) + packer.flush()


def _text(line: Line) -> bytes:
    return orjson.dumps([NAMES[type(line)], *line]) + b"\n"


# -- reading ---------------------------------------------------------------------------------------


def read(file: IO[bytes]) -> Iterator[Line]:
    """Yield the lines of a file, the head first and without its end; each is well formed in itself.

    Raises BadRequest or TooLarge, which name the line, as soon as something is wrong: who takes the lines
    must be ready to throw all of them away.
    """
    at, ended, order = 0, False, 0
    for at, text in enumerate(_lines(file), start=1):
        if ended:
            raise BadRequest(f"line {at}: nothing may follow the line that ends the file")
        try:
            line = _line(text)
            place = ORDER.index(type(line))
            if place < order or (at == 1) != (type(line) is Head):
                raise BadRequest(f"a line {NAMES[type(line)]!r} does not belong here")
        except Refused as refused:
            refusal = TooLarge if isinstance(refused, TooLarge) else BadRequest
            raise refusal(f"line {at}: {refused.sentence}") from refused
        order = place
        if isinstance(line, EndLine):
            ended = True
            if line.lines != at - 1:
                raise BadRequest(f"line {at}: {line.lines} lines were written, {at - 1} are here")
        else:
            yield line
    if not ended:
        raise BadRequest("the file ends early" if at else "the file is empty")


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines of a packed file, holding no more than one. Raises BadRequest, TooLarge."""
    read = 0
    try:
        with gzip.GzipFile(fileobj=file) as unpacked:
            while text := unpacked.readline(LONGEST_LINE + 1):
                read += len(text)
                if read > MOST_BYTES or file.tell() > MOST_PACKED:
                    raise TooLarge(f"the file is larger than {MOST_PACKED} bytes, or {MOST_BYTES} unpacked")
                if not text.endswith(b"\n"):
                    raise BadRequest("the file ends early, or a line is too long")
                yield text
    except EOFError as error:
        raise BadRequest("the file ends early") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise BadRequest(f"this is no file of Everynode, which is packed by gzip: {error}") from error


def _line(text: bytes) -> Line:
    said = read_json(text)
    if not (isinstance(said, list) and said and isinstance(said[0], str) and said[0] in LINES):
        raise BadRequest(f"not one of the lines of a file of Everynode: {', '.join(LINES)}")
    shape, facts = LINES[said[0]], said[1:]
    if len(facts) != len(shape._fields):
        raise BadRequest(f"{said[0]} has {len(shape._fields)} facts, not {len(facts)}")
    line = shape(*facts)
    for (name, annotation), value in zip(shape.__annotations__.items(), facts, strict=True):
        _check(name, str(getattr(annotation, "__forward_arg__", annotation)), value)
    if isinstance(line, PassLine) and not all(map(_is_word, line.lines)):
        raise BadRequest("lines: not what a controller says")
    if isinstance(line, Head) and line.format != FORMAT:
        raise BadRequest(f"the file is of format {line.format}; this Everynode reads {FORMAT}")
    return _object(line) if isinstance(line, ObjectLine | ChangeLine) else line


def _whole(value: object) -> bool:
    return type(value) is int and 0 <= value <= NEWEST


def _number(value: object) -> bool:
    return isinstance(value, int | float) and type(value) is not bool and abs(value) <= FURTHEST


def _is_word(said: object) -> bool:
    """Return whether this is a line of a pass, as ``engine.outcome.Line`` has it."""
    return (
        isinstance(said, dict)
        and said.keys() == {"actor", "about", "code", "facts"}
        and all(isinstance(said[name], str) for name in ("actor", "about", "code"))
        and isinstance(said["facts"], dict)
        and all(isinstance(fact, str | int) for fact in said["facts"].values())
    )


CHECKS: dict[str, Callable[[Any], bool]] = {
    "int": _whole,
    "int | None": lambda value: value is None or _whole(value),
    "float": _number,
    "bool": lambda value: type(value) is bool,
    "bool | None": lambda value: value is None or type(value) is bool,
    "str": lambda value: isinstance(value, str),
    "Manifest": lambda value: isinstance(value, dict),
    "Timers": lambda value: isinstance(value, dict) and all(map(_number, value.values())),
    "dict[str, Any]": lambda value: isinstance(value, dict),
    "list[Any]": lambda value: isinstance(value, list),
}
"""By the words of an annotation, whether a value is of that type."""
LONGEST = {"name": 253, "kind": 63, "actor": 150, "action": 64, "about": 512, "reason": 4096, "at": 40}


def _check(name: str, annotation: str, value: object) -> None:
    if not CHECKS[annotation](value):
        raise BadRequest(f"{name} is no {annotation}")
    if isinstance(value, str) and len(value) > LONGEST.get(name, LONGEST_LINE):
        raise BadRequest(f"{name} has more than {LONGEST[name]} characters")
    if name == "at":
        _moment(value)


def _moment(value: object) -> None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise BadRequest(f"at: {error}") from error
    if moment.tzinfo is None:
        raise BadRequest("at: a moment needs its time zone")


NULLS = {"creationTimestamp", "eventTime", "lastProbeTime"}
"""Moments that Kubernetes writes as null while they have not come."""


def refuse_nothing(value: object, path: str = "") -> None:
    """Raise BadRequest if there is a null in a manifest where Kubernetes writes none: no rule expects one."""
    if value is None and path.rpartition(".")[2] not in NULLS:
        raise BadRequest(f"{path}: nothing stands there")
    if isinstance(value, dict):
        for key, inner in value.items():
            refuse_nothing(inner, f"{path}.{key}" if path else key)
    if isinstance(value, list):
        for index, inner in enumerate(value):
            refuse_nothing(inner, f"{path}[{index}]")


def _object(line: ObjectLine | ChangeLine) -> Line:
    """Return a line whose manifest has the types of its kind and what all objects have. Raises BadRequest."""
    if line.kind not in KINDS:
        raise BadRequest(f"the kind {line.kind} is not known")
    if isinstance(line, ChangeLine) and line.verb not in set(Verb):
        raise BadRequest(f"verb: {line.verb} is none of {', '.join(Verb)}")
    manifest = line.manifest
    # Written as it was: what the reader makes of it would lack fields that say nothing.
    strictly_typed(line.kind, manifest)
    refuse_nothing(manifest)
    meta = manifest.get("metadata") or {}
    number = line.version if isinstance(line, ObjectLine) else line.number
    lacking = [name for name in ("name", "uid", "creationTimestamp") if not meta.get(name)]
    if lacking:
        raise BadRequest(f"metadata.{lacking[0]} of a {line.kind} is missing")
    if manifest.get("kind") != line.kind or meta.get("resourceVersion") != str(number):
        raise BadRequest(f"kind or resourceVersion is not that of the line: {line.kind}, {number}")
    if bool(meta.get("namespace")) != KINDS[line.kind].namespaced:
        raise BadRequest(f"metadata.namespace of a {line.kind}")
    if len(meta["name"]) > LONGEST["name"] + 47 or len(meta.get("namespace", "")) > LONGEST["kind"]:
        raise BadRequest(f"the name of a {line.kind} is too long")
    if wrong := faults(line.kind, manifest):
        raise BadRequest(f"{line.kind} {meta['name']}: " + "; ".join(map(str, wrong)))
    if line.kind in VIEWS:
        try:
            VIEWS[line.kind](manifest, line.timers)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadRequest(f"a {line.kind} lacks what every {line.kind} has: {error!r}") from error
    return line
