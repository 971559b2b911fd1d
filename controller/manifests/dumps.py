"""Lists of objects as ``kubectl get -o json`` writes them, read one object at a time.

A dump of a large cluster has more than a gigabyte, so it is never held as a whole: the reader looks for
brackets outside of strings, cuts out one member of ``items`` after the other, and hands each to the reader
that fears its text (``untrusted``). A streaming parser would have to be feared too: ijson keeps the whole
path of each value, so that a hundred kilobytes of opening brackets take more memory than machines have.
YAML comes as the events of libyaml; that takes some hundred times as long, so its limit is lower.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import IO, Any, NamedTuple

import orjson

from controller.engine.errors import BadRequest, Refused
from controller.manifests.text import EndsEarly, read_items
from controller.manifests.untrusted import MOST_BYTES as LARGEST_OBJECT
from controller.manifests.untrusted import read_json

COMMAND = "kubectl get nodes,namespaces,pods,daemonsets,controllerrevisions,events -A -o json"
"""What makes a dump."""

MIB = 2**20
MOST_PACKED = 2048 * MIB
"""The most bytes of a file as it is sent..."""
MOST_BYTES = 4096 * MIB
"""... of all files together, unpacked..."""
MOST_YAML = 64 * MIB
"""... and of those that are YAML."""
MOST_AROUND = MIB // 4
"""The most bytes of a list beside its items."""
CHUNK = MIB // 4
GZIP = b"\x1f\x8b"
OURS = b'["everynode"'
"""How an archive of ours begins, unpacked (see ``archive``)."""


class Fault(StrEnum):
    """What may be wrong with a dump."""

    EMPTY = "empty"
    EARLY = "early"
    ARCHIVE = "archive"
    HTML = "html"
    KUBECONFIG = "kubeconfig"
    SINGLE = "single"
    NO_LIST = "no-list"
    UNREADABLE = "unreadable"
    LARGE_FILE = "large-file"
    LARGE_DUMP = "large-dump"
    LARGE_YAML = "large-yaml"
    LARGE_OBJECT = "large-object"
    BAD_OBJECT = "bad-object"
    LACKING = "lacking"
    LONG = "long"
    NAMESPACE = "namespace"
    ODD = "odd"
    TWICE = "twice"
    SAME_UID = "same-uid"
    NO_NODES = "no-nodes"
    MANY_NODES = "many-nodes"
    MANY_OBJECTS = "many-objects"
    NO_SETS = "no-sets"
    UNWORKABLE = "unworkable"


AGAIN = f"Make it with: {COMMAND}"
SENTENCES: dict[Fault, str] = {
    Fault.EMPTY: f"the file is empty. {AGAIN}",
    Fault.EARLY: "the file ends early: it was cut off, or kubectl had not come to its end. Make it again.",
    Fault.ARCHIVE: "this is a file of Everynode's own, with a history: use `cluster import`.",
    Fault.HTML: f"this is a web page, not what kubectl wrote. {AGAIN}",
    Fault.KUBECONFIG: "this is a kubeconfig, not a dump: with it a real cluster is added, and shown live.",
    Fault.SINGLE: f"this is a single {{what}}, not a list. {AGAIN}",
    Fault.NO_LIST: f"this is no list of objects as kubectl writes it, in JSON or YAML. {AGAIN}",
    Fault.UNREADABLE: f"it cannot be read: {{what}}. {AGAIN}",
    Fault.LARGE_FILE: "the file is larger than {what} MiB: pack it with gzip.",
    Fault.LARGE_DUMP: "all files together have more than {what} MiB, unpacked: leave out the events.",
    Fault.LARGE_YAML: "more than {what} MiB of YAML take too long: write the dump with -o json.",
    Fault.LARGE_OBJECT: "an object has more than {what} MiB; no API server would keep it.",
    Fault.BAD_OBJECT: "{what}",
    Fault.LACKING: "{what} is missing.",
    Fault.LONG: "{what} is too long.",
    Fault.NAMESPACE: "metadata.namespace is missing, or there is one and {what} has none.",
    Fault.ODD: "it lacks what every object of its kind has: {what}",
    Fault.TWICE: "{what} is there twice, in two versions: make all lists of a dump by one command.",
    Fault.SAME_UID: "{what} has the uid of another object: a dump is of one cluster.",
    Fault.NO_NODES: f"there are no nodes in it, only: {{what}}. {AGAIN}",
    Fault.MANY_NODES: "there are more than {what} nodes in it.",
    Fault.MANY_OBJECTS: "there are more than {what} objects to keep in it: leave out the events.",
    Fault.NO_SETS: f"there are pods of DaemonSets in it, but no DaemonSets. {AGAIN}",
    Fault.UNWORKABLE: "no controller can work with what is in it: {what}.",
}
"""What is said of a fault on the command line; pages have words of their own (``dashboard/present``)."""


class BadDump(BadRequest):
    """A dump that is refused: in which ``file``, ``where`` in it, and ``what`` the fault is about."""

    def __init__(self, fault: Fault, file: str = "", where: str = "", what: object = "") -> None:
        said = SENTENCES[fault].format(what=what)
        super().__init__(": ".join(word for word in (file, where, said) if word))
        self.fault, self.file, self.where, self.what = fault, file, where, str(what)


class File(NamedTuple):
    """One file of a dump, and what it is called."""

    name: str
    content: IO[bytes]


class Item(NamedTuple):
    """An object of a list, any JSON: its number in the file, from 1, and its kind if the list says it."""

    file: str
    number: int
    value: Any
    kind: str
    version: str

    @property
    def where(self) -> str:
        """Return its place in the file."""
        return place_of(self.number)


def place_of(number: int) -> str:
    """Return the place of an object in its file, in words that need no translation."""
    return f"items[{number - 1}]"


def read(files: Sequence[File]) -> Iterator[Item]:
    """Yield the objects of all lists in some files, as they come. Raises BadDump."""
    left = MOST_BYTES
    for file in files:
        source = _Source(file, left)
        yield from _items(source)
        left -= source.count


def is_archive(content: IO[bytes]) -> bool:
    """Return whether a file is one of ours, with a history, by its first bytes."""
    content.seek(0)
    try:
        with gzip.GzipFile(fileobj=content) as unpacked:
            return unpacked.read(len(OURS)) == OURS
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return False
    finally:
        content.seek(0)


def _items(source: _Source) -> Iterator[Item]:
    head = source.head.lstrip()
    if not head:
        raise BadDump(Fault.EMPTY, source.name)
    if head.startswith(OURS):
        raise BadDump(Fault.ARCHIVE, source.name)
    if head.startswith(b"<"):
        raise BadDump(Fault.HTML, source.name)
    yield from _Cutter(source).items() if head.startswith((b"{", b"[")) else _yaml(source)


class _Source:
    """The bytes of a file as UTF-8, unpacked; how many there are is watched."""

    def __init__(self, file: File, most: int) -> None:
        self.name, self.most, self.count = file.name, most, 0
        self._stream: IO[bytes] | gzip.GzipFile = file.content
        file.content.seek(0, io.SEEK_END)
        if file.content.tell() > MOST_PACKED:
            raise BadDump(Fault.LARGE_FILE, self.name, what=MOST_PACKED // MIB)
        file.content.seek(0)
        if file.content.read(len(GZIP)) == GZIP:
            self._stream = gzip.GzipFile(fileobj=file.content)
        file.content.seek(0)
        start = self._read(CHUNK)
        wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        # PowerShell writes it so.
        self._decoder = codecs.getincrementaldecoder("utf-16")() if wide else None
        self.head = self._utf8(start).removeprefix(codecs.BOM_UTF8)
        self._begun = False

    def read(self, _size: int = -1) -> bytes:
        """Return the next bytes, none at the end. Raises BadDump."""
        if not self._begun:
            self._begun = True
            return self.head
        return self._utf8(self._read(CHUNK))

    def _utf8(self, some: bytes) -> bytes:
        if self._decoder is None:
            return some
        try:
            return self._decoder.decode(some, final=not some).encode()
        except UnicodeError as error:
            raise BadDump(Fault.UNREADABLE, self.name, what=error) from error

    def _read(self, size: int) -> bytes:
        try:
            some = self._stream.read(size)
        except EOFError as error:
            raise BadDump(Fault.EARLY, self.name) from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise BadDump(Fault.UNREADABLE, self.name, what=error) from error
        self.count += len(some)
        if self.count > self.most:
            raise BadDump(Fault.LARGE_DUMP, self.name, what=MOST_BYTES // MIB)
        return some


# -- JSON ------------------------------------------------------------------------------------------

STRETCH = re.compile(rb'(?:[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+([\[\]{}])', re.DOTALL)
"""All up to the next bracket that stands in no string."""
OPENS = frozenset(b"[{")
ITEMS = re.compile(rb'"items"\s*:\s*\[\Z')
LIST = re.compile(rb'"kind"\s*:\s*"(\w+)List"')
VERSION = re.compile(rb'"apiVersion"\s*:\s*"([\w./-]+)"')
IN_ROOT, IN_ITEMS = 1, 2
"""How many brackets are open there."""


class _Cutter:
    """Cuts the objects out of lists of JSON, of which several may follow one another."""

    def __init__(self, source: _Source) -> None:
        self._source = source
        self._text, self._at, self._start = b"", 0, 0
        self._depth, self._listing, self._number = 0, False, 0
        self._around = bytearray()
        """What is read of this list beside its items."""

    def items(self) -> Iterator[Item]:
        """Yield them. Raises BadDump."""
        while self._more():
            while found := STRETCH.match(self._text, self._at):
                before, self._at = self._at, found.end()
                if (item := self._bracket(before, found.start(1))) is not None:
                    yield item
        if self._depth > 0:
            raise BadDump(Fault.EARLY, self._source.name, self._where())
        if self._depth or self._text[self._at :].strip():
            raise BadDump(Fault.UNREADABLE, self._source.name, what="what follows the list is none")

    def _more(self) -> bool:
        """Read on; what was cut out is let go of."""
        some = self._source.read()
        keep = self._start if self._listing and self._depth > IN_ITEMS else self._at
        self._text = self._text[keep:] + some
        self._start, self._at = self._start - keep, self._at - keep
        if len(self._text) > LARGEST_OBJECT + CHUNK:
            fault = Fault.LARGE_OBJECT if self._listing else Fault.NO_LIST
            raise BadDump(fault, self._source.name, self._where(), LARGEST_OBJECT // MIB)
        return bool(some)

    def _where(self) -> str:
        return place_of(self._number + 1) if self._number else ""

    def _bracket(self, before: int, at: int) -> Item | None:
        """Look at the next bracket; return the object that ends there, if one does."""
        if self._text[at] in OPENS:
            self._depth += 1
            if not self._listing:
                self._keep(before)
                self._listing = self._depth == IN_ITEMS and bool(ITEMS.search(self._around))
            elif self._depth == IN_ITEMS + 1:
                self._divided(before, at)
                self._start = at
            return None
        self._depth -= 1
        if not self._listing:
            self._keep(before)
            if not self._depth:
                self._finish()
        elif self._depth == IN_ITEMS:
            return self._cut()
        elif self._depth == IN_ROOT:
            self._divided(before, at, last=True)
            self._listing = False
            self._around += b"]"
        return None

    def _divided(self, before: int, at: int, *, last: bool = False) -> None:
        """Refuse what may not stand between two objects."""
        wanted = b"" if last or self._fresh() else b","
        if self._text[before:at].strip() != wanted:
            said = "between two objects there must be a comma and nothing else"
            raise BadDump(Fault.UNREADABLE, self._source.name, self._where(), said)

    def _fresh(self) -> bool:
        return self._around.endswith(b"[")

    def _keep(self, before: int) -> None:
        self._around += self._text[before : self._at]
        if len(self._around) > MOST_AROUND:
            raise _foreign(self._source)

    def _cut(self) -> Item:
        self._number += 1
        text = self._text[self._start : self._at]
        if self._fresh():
            self._around += b" "
        try:
            value = read_json(text)
        except Refused as refused:
            where = place_of(self._number)
            raise BadDump(Fault.UNREADABLE, self._source.name, where, refused.sentence) from refused
        kind, version = LIST.search(self._around), VERSION.search(self._around)
        return Item(
            self._source.name,
            self._number,
            value,
            kind[1].decode() if kind else "",
            version[1].decode() if version else "",
        )

    def _finish(self) -> None:
        """Look at a list that is complete."""
        try:
            root = orjson.loads(self._around)
        except orjson.JSONDecodeError as error:
            raise BadDump(Fault.UNREADABLE, self._source.name, what=error) from error
        if not isinstance(root, dict) or root.get("items") != []:
            raise _foreign(self._source)
        self._around.clear()


# -- YAML ------------------------------------------------------------------------------------------


def _yaml(source: _Source) -> Iterator[Item]:
    source.most = min(source.most, MOST_YAML)
    number = 0
    try:
        for number, root in enumerate(read_items(source), start=1):
            yield Item(source.name, number, root.value, "", "")
    except BadDump as error:
        if error.fault is Fault.LARGE_DUMP:
            raise BadDump(Fault.LARGE_YAML, source.name, what=MOST_YAML // MIB) from error
        raise
    except EndsEarly as error:
        raise BadDump(Fault.EARLY, source.name, place_of(number)) from error
    except Refused as refused:
        if not number:
            raise _foreign(source, refused.sentence) from refused
        raise BadDump(Fault.UNREADABLE, source.name, place_of(number + 1), refused.sentence) from refused
    if not number and b"items:" not in source.head:
        raise _foreign(source)


# -- what is none ----------------------------------------------------------------------------------

KIND = re.compile(rb"""(?:"|^)kind"?\s*:\s*"?(\w+)""", re.MULTILINE)


def _foreign(source: _Source, said: str = "") -> BadDump:
    """Return what is wrong with a file that holds no list, by how it begins."""
    found = KIND.search(source.head)
    kind = found[1].decode() if found else ""
    if kind == "Config":
        return BadDump(Fault.KUBECONFIG, source.name)
    if kind and not kind.endswith("List"):
        return BadDump(Fault.SINGLE, source.name, what=kind)
    return BadDump(Fault.UNREADABLE, source.name, what=said) if said else BadDump(Fault.NO_LIST, source.name)
