"""A snapshot's body: all objects of a cluster at a number, packed as they stand in their rows.

The objects lie in portions, in the order of their keys, so that a single one is found without opening
the others. Each portion, and the whole, begins with a table of what is in it: compressed JSON, after four
bytes that say how long it is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Any

import orjson
import zstandard

from controller.engine.objects import Key
from controller.packing import digest_of
from controller.store.rows import Packed

State = dict[Key, Packed]
PORTION = 500
LENGTH = 4


def packed(state: State) -> bytes:
    """Return a state as the body of a snapshot."""
    keys = sorted(state)
    portions = [keys[start : start + PORTION] for start in range(0, len(keys), PORTION)]
    bodies = [_portion((key, state[key]) for key in some) for some in portions]
    table = [(some[0], len(body)) for some, body in zip(portions, bodies, strict=True)]
    return b"".join((_table(table), *bodies))


def unpacked(body: bytes) -> State:
    """Return the state that a snapshot holds."""
    return {key: one for _first, some in _portions(body) for key, one in _objects(some)}


def picked(body: bytes, wanted: Iterable[Key]) -> State:
    """Return those of the wanted objects that a snapshot holds."""
    portions = list(_portions(body))
    firsts = [first for first, _some in portions]
    found: State = {}
    opened: dict[int, State] = {}
    for key in wanted:
        at = bisect_right(firsts, key) - 1
        if at < 0:
            continue
        if at not in opened:
            opened[at] = dict(_objects(portions[at][1]))
        if key in opened[at]:
            found[key] = opened[at][key]
    return found


def digests(body: bytes) -> set[bytes]:
    """Return the digests of the dictionaries that the objects of a snapshot are packed with."""
    return {digest_of(one.body) for _first, some in _portions(body) for _key, one in _objects(some)}


def _portion(some: Iterable[tuple[Key, Packed]]) -> bytes:
    objects = list(some)
    table = [(*key, one.version, one.timers, len(one.body)) for key, one in objects]
    return b"".join((_table(table), *(one.body for _key, one in objects)))


def _portions(body: bytes) -> Iterator[tuple[Key, memoryview]]:
    table, rest = _opened(memoryview(body))
    ends = accumulate(length for _first, length in table)
    for ((kind, namespace, name), length), end in zip(table, ends, strict=True):
        yield (kind, namespace, name), rest[end - length : end]


def _objects(portion: memoryview) -> Iterator[tuple[Key, Packed]]:
    table, rest = _opened(portion)
    at = 0
    for kind, namespace, name, version, timers, length in table:
        yield (kind, namespace, name), Packed(version, bytes(rest[at : at + length]), timers)
        at += length


def _table(table: list[Any]) -> bytes:
    made = zstandard.compress(orjson.dumps(table), 1)
    return len(made).to_bytes(LENGTH) + made


def _opened(body: memoryview) -> tuple[list[Any], memoryview]:
    """Return the table that a body begins with, and what comes after it."""
    end = LENGTH + int.from_bytes(body[:LENGTH])
    return orjson.loads(zstandard.decompress(body[LENGTH:end])), body[end:]
