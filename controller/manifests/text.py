"""YAML text to plain JSON values, without trusting it.

libyaml only tells events here; the values are built from them, so that every limit holds before memory
is spent: nesting, the number and length of values with aliases spelt out, keys that stand twice.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import yaml

from controller.engine.admission.shape import DEEPEST
from controller.manifests.faults import Overgrown, Unreadable
from controller.manifests.scalars import Scalar, meaning
from controller.manifests.untrusted import MOST_BYTES, MOST_VALUES, NULL, NULL_REFUSED

MOST_PASTED = 1024 * 1024
"""The most bytes of a text that somebody pastes or uploads."""
DIRECTIVE = re.compile(r"^%", re.MULTILINE)
MOST_DIRECTIVES = 10
"""The most lines that begin with a percent sign: libyaml compares each with all before it."""
MERGE = "<<"
CORE = "tag:yaml.org,2002:"
IN_ITEMS = 2
"""How many lists and maps are open among the members of a list in the root of a document."""


@dataclass(frozen=True, slots=True)
class Root:
    """One document of a text: its value, and the line (from 1) on which it begins."""

    value: Any
    line: int


def read_yaml(text: str, most: int = MOST_PASTED) -> list[Root]:
    """Return the documents of a YAML (or JSON) text of ``most`` bytes, empty ones left out.

    BadRequest with line and column if it cannot be read, TooLarge if it is more than is accepted.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise Unreadable(None, "The text holds half of a character pair: it is no proper Unicode") from None
    if size > most:
        raise Overgrown(None, f"The text has {size} bytes; at most {most} ({most >> 20} MiB) are accepted")
    if sum(1 for _ in DIRECTIVE.finditer(text)) > MOST_DIRECTIVES:
        said = f"more than {MOST_DIRECTIVES} lines begin with %: manifests need no directives"
        raise Unreadable(None, said)
    try:
        return list(_roots(yaml.parse(text, Loader=yaml.CSafeLoader)))
    except yaml.MarkedYAMLError as error:
        raise _unreadable(error, text) from error
    except yaml.reader.ReaderError as error:
        before = text.encode()[: error.position].decode(errors="ignore")
        place = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise Unreadable(place, "a character that YAML does not allow") from error


def read_items(stream: Readable) -> Iterator[Root]:
    """Yield the members of ``items`` of the lists in a YAML stream, one after the other, each as a document.

    None is larger than a text may spell out to, and an alias reaches nothing outside of its member.
    Raises Unreadable, Overgrown, and whatever the stream raises.
    """
    try:
        yield from _members(yaml.parse(_Undirected(stream), Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        raise _unreadable(error, "") from error
    except yaml.reader.ReaderError as error:
        raise Unreadable(None, "a character that YAML does not allow") from error


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes, none at the end."""


class _Undirected:
    """A stream that ends with a refusal where directives are more than a few."""

    def __init__(self, stream: Readable) -> None:
        self._stream, self._count, self._last = stream, 0, b"\n"

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        some = self._stream.read(size)
        self._count += (self._last + some).count(b"\n%")
        self._last = some[-1:]
        if self._count > MOST_DIRECTIVES:
            raise Unreadable(
                None, f"more than {MOST_DIRECTIVES} lines begin with %: lists need no directives"
            )
        return some


def _members(events: Iterator[yaml.Event]) -> Iterator[Root]:
    """Yield what the list called ``items`` holds in the map that is the root of each document."""
    around = _Around()
    builder: _Builder | None = None
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            around = _Around()
        elif isinstance(event, yaml.DocumentEndEvent):
            if "items" in around.keys and not around.is_list:
                raise EndsEarly(None, "the list ends before it says which kind it is")
        elif builder or (around.holds_items and isinstance(event, yaml.NodeEvent)):
            builder = builder or _Builder()
            builder.take(event)
            if not builder.open:
                yield Root(builder.value, builder.line)
                builder = None
        elif isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
            around.take(event)


class EndsEarly(Unreadable):
    """A list that is YAML as far as it goes, and was cut off."""


@dataclass(slots=True)
class _Around:
    """What is told of a document beside the members of its list. ``keys`` are those of its root."""

    depth: int = 0
    keys: list[str] = field(default_factory=list)
    is_key: bool = True
    is_list: bool = False

    @property
    def holds_items(self) -> bool:
        """Whether the next event may begin a member."""
        return self.depth == IN_ITEMS and self.keys[-1] == "items"

    def take(self, event: yaml.Event) -> None:
        """Take the next event that belongs to no member."""
        ends, begins = (
            isinstance(event, one) for one in (yaml.CollectionEndEvent, yaml.CollectionStartEvent)
        )
        if self.depth - ends == 1:
            self._in_root(event, begins=begins)
        self.depth += begins - ends

    def _in_root(self, event: yaml.Event, *, begins: bool) -> None:
        said = event.value if isinstance(event, yaml.ScalarEvent) else ""
        if self.is_key:
            self.keys.append(said)
        elif self.keys[-1] == "kind":
            self.is_list = said.endswith("List")
        self.is_key = not self.is_key and not begins


def _unreadable(error: yaml.MarkedYAMLError, text: str) -> Unreadable:
    mark: Any = error.problem_mark
    place = mark.line + 1, mark.column + 1
    lines = text.splitlines()
    if mark.line < len(lines) and "\t" in lines[mark.line][: mark.column + 1]:
        return Unreadable(place, "a tab cannot indent YAML: write spaces")
    context = f" ({error.context})" if error.context else ""
    return Unreadable(place, f"{error.problem}{context}")


def _at(event: yaml.Event) -> tuple[int, int]:
    """Return the line and the column, from 1, at which something begins."""
    mark: Any = event.start_mark
    return mark.line + 1, mark.column + 1


def _line(event: yaml.Event) -> int:
    mark: Any = event.start_mark
    return int(mark.line) + 1


def _roots(events: Iterator[yaml.Event]) -> Iterator[Root]:
    builder = _Builder()
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            builder.begin()
        elif isinstance(event, yaml.DocumentEndEvent):
            if builder.value is not None:
                yield Root(builder.value, builder.line)
        elif isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
            builder.take(event)


@dataclass(slots=True)
class _Open:
    """A list or map that is not complete: where it goes when it is, and the key that waits."""

    value: list[Any] | dict[str, Any]
    anchor: str | None
    before: tuple[int, int]
    key: str | None = None
    lines: dict[str, int] = field(default_factory=dict)
    merged: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class _Builder:
    value: Any = None
    line: int = 0
    count: int = 0
    length: int = 0
    anchors: dict[str, tuple[Any, int, int]] = field(default_factory=dict)
    open: list[_Open] = field(default_factory=list)

    def begin(self) -> None:
        """Start a new document; anchors do not reach from one into the next."""
        self.value, self.line = None, 0
        self.anchors = {}

    def take(self, event: yaml.Event) -> None:
        """Take the next event of a document."""
        self.line = self.line or _line(event)
        if isinstance(event, yaml.CollectionEndEvent):
            self._close(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.ScalarEvent):
            self._count(event, 1, len(event.value))
            self._scalar(event)
        else:
            self._count(event, 1, 0)
            self._open(event)

    def _count(self, event: yaml.Event, values: int, length: int) -> None:
        self.count += values
        self.length += length
        if self.count > MOST_VALUES:
            said = f"the text spells out to more than {MOST_VALUES} values, aliases included"
            raise Overgrown(_at(event), said)
        if self.length > MOST_BYTES:
            said = f"the text spells out to more than {MOST_BYTES} characters, aliases included"
            raise Overgrown(_at(event), said)

    def _open(self, event: Any) -> None:  # noqa: ANN401 - start of a sequence or of a mapping
        if len(self.open) >= DEEPEST:
            raise Unreadable(_at(event), f"nested more than {DEEPEST} levels deep")
        if self._wants_key():
            raise Unreadable(_at(event), "a key must be a plain word, not a list or a map")
        wanted = "map" if isinstance(event, yaml.MappingStartEvent) else "seq"
        if event.tag not in {None, "!", CORE + wanted}:
            raise Unreadable(_at(event), f"the tag {event.tag} is not accepted")
        self.open.append(_Open({} if wanted == "map" else [], event.anchor, (self.count - 1, self.length)))

    def _close(self, event: yaml.Event) -> None:
        done = self.open.pop()
        if isinstance(done.value, dict):
            for merged in done.merged:
                for key, value in merged.items():
                    done.value.setdefault(key, value)
        if done.anchor:
            count, length = done.before
            self.anchors[done.anchor] = (done.value, self.count - count, self.length - length)
        self._put(event, done.value)

    def _alias(self, event: yaml.AliasEvent) -> None:
        if event.anchor not in self.anchors:
            raise Unreadable(
                _at(event), f"the alias *{event.anchor} names nothing that is complete before it"
            )
        value, count, length = self.anchors[event.anchor]
        self._count(event, count, length)
        if self._wants_key():
            raise Unreadable(_at(event), "a key must be a plain word, not an alias")
        self._put(event, value)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if NULL in event.value:
            raise Unreadable(_at(event), NULL_REFUSED)
        if self._wants_key():
            self._key(event)
            return
        value = _scalar_value(event)
        if event.anchor:
            self.anchors[event.anchor] = (value, 1, len(event.value))
        self._put(event, value)

    def _wants_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].value, dict) and self.open[-1].key is None

    def _key(self, event: yaml.ScalarEvent) -> None:
        within, key = self.open[-1], event.value
        if event.implicit[0] and not event.style and key != MERGE:
            key = _key_text(key)
        if key in within.lines:
            raise Unreadable(_at(event), f'the key "{key}" stands twice (first on line {within.lines[key]})')
        within.key = key
        within.lines[key] = _line(event)
        if event.anchor:
            self.anchors[event.anchor] = (key, 1, len(key))

    def _put(self, event: yaml.Event, value: object) -> None:
        if not self.open:
            self.value = value
            return
        within = self.open[-1]
        if isinstance(within.value, list):
            within.value.append(value)
            return
        if within.key == MERGE:
            within.merged += _merge(event, value)
        else:
            within.value[str(within.key)] = value
        within.key = None


def _merge(event: yaml.Event, value: object) -> list[dict[str, Any]]:
    maps: list[Any] = value if isinstance(value, list) else [value]
    if not all(isinstance(one, dict) for one in maps):
        raise Unreadable(_at(event), "<< takes a map or a list of maps")
    return maps


def _key_text(word: str) -> str:
    """Return a plain key as JSON has it: always a text, of a number its value."""
    found = meaning(word)
    if isinstance(found, bool):
        return str(found).lower()
    return str(found) if isinstance(found, int | float) else word


def _scalar_value(event: yaml.ScalarEvent) -> Scalar:
    if event.tag is None and not event.style:
        return _finite(event, meaning(event.value))
    tag = event.tag.removeprefix(CORE) if event.tag else "str"
    if tag in {"str", "!"}:
        return str(event.value)
    found = meaning(event.value)
    if tag in TAGS and TAGS[tag](found):
        return _finite(event, found)
    raise Unreadable(_at(event), f"the tag {event.tag} is not accepted for {event.value!r}")


def _finite(event: yaml.ScalarEvent, found: Scalar) -> Scalar:
    """Refuse what JSON has no word for: .inf, .nan and numbers beyond what a computer counts to."""
    if isinstance(found, float) and not math.isfinite(found):
        raise Unreadable(_at(event), f"{event.value[:20]} is no number that a manifest can hold")
    return found


TAGS: dict[str, Callable[[Scalar], bool]] = {
    "bool": lambda found: isinstance(found, bool),
    "float": lambda found: isinstance(found, int | float) and not isinstance(found, bool),
    "int": lambda found: isinstance(found, int) and not isinstance(found, bool),
    "null": lambda found: found is None,
}
