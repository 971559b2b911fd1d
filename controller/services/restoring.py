"""Writes the lines of an archive as a cluster's rows and log: as they were, with the numbers they had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple

import orjson

from controller import models
from controller.engine.changes import Change, Verb
from controller.engine.errors import BadRequest
from controller.engine.objects import Key, Manifest, Timers
from controller.manifests.archive import AuditLine, ChangeLine, Head, Line, ObjectLine, PassLine, SpanLine
from controller.store import snapshots, writes
from controller.store.dictionaries import Dictionaries
from controller.store.rows import Packed

CHUNK = 2_000
"""How many rows are written by one statement."""


class _Standing(NamedTuple):
    uid: str
    packed: Packed


class Restored:
    """What is read so far of the archive of one cluster, whose ``row`` is new and locked."""

    def __init__(self, row: models.Cluster, head: Head) -> None:
        self._row, self._head = row, head
        self._dictionaries = Dictionaries(row)
        self._state: dict[Key, _Standing] = {}
        self._log: list[writes.Values] = []
        self._number = head.first

    def take(self, lines: Iterable[Line]) -> None:
        """Write all lines. Raises BadRequest for a change that does not fit what came before it."""
        others: list[AuditLine | PassLine | SpanLine] = []
        began = False
        for line in lines:
            if isinstance(line, ObjectLine):
                self._begin(line)
                continue
            if not began:
                self._snapshot(self._head.first)
                began = True
            if isinstance(line, ChangeLine):
                self._change(line)
            elif isinstance(line, AuditLine | PassLine | SpanLine):
                others.append(line)
        if not began:
            self._snapshot(self._head.first)
        self._finish(others)

    def _begin(self, line: ObjectLine) -> None:
        if line.key in self._state:
            raise BadRequest(f"{'/'.join(line.key)} stands there twice")
        if line.version > self._head.first:
            raise BadRequest(f"{'/'.join(line.key)} is newer than the beginning of the history")
        self._state[line.key] = self._packed(line.kind, line.manifest, line.timers, line.version)

    def _change(self, line: ChangeLine) -> None:
        self._number += 1
        if line.number != self._number or line.number > self._head.number:
            raise BadRequest(f"change {line.number} where {self._number} should be")
        standing = self._state.get(line.key)
        uid = line.manifest["metadata"]["uid"]
        if (standing is None) != (line.verb == Verb.ADDED) or (standing and standing.uid != uid):
            raise BadRequest(f"change {line.number}: {line.verb} of {'/'.join(line.key)}, which is another")
        one = self._packed(line.kind, line.manifest, line.timers, line.number)
        if line.verb == Verb.DELETED:
            del self._state[line.key]
        else:
            self._state[line.key] = one
        at = writes.stamp(datetime.fromisoformat(line.at))
        self._log.append((self._row.pk, line.number, *line.key, line.verb, one.packed.body,
                          one.packed.timers, line.actor, line.reason, at))  # fmt: skip
        if len(self._log) >= CHUNK:
            self._flush()

    def _packed(self, kind: str, manifest: Manifest, timers: Timers, number: int) -> _Standing:
        body = self._dictionaries.pack(kind, orjson.dumps(manifest))
        return _Standing(manifest["metadata"]["uid"], Packed(number, body, orjson.dumps(timers).decode()))

    def _flush(self) -> None:
        writes.insert_log(self._log)
        self._log.clear()

    def _snapshot(self, number: int) -> None:
        if not number and self._state:
            raise BadRequest("a history from the very beginning has no objects before it")
        if number:
            body = snapshots.packed({key: one.packed for key, one in self._state.items()})
            models.Snapshot.objects.get_or_create(
                cluster_id=self._row.pk, number=number, defaults={"body": body}
            )

    def _finish(self, others: list[AuditLine | PassLine | SpanLine]) -> None:
        if self._number != self._head.number:
            raise BadRequest(f"the last change is {self._number}, not {self._head.number}")
        if len({one.uid for one in self._state.values()}) < len(self._state):
            raise BadRequest("two objects have the same uid")
        self._flush()
        self._snapshot(self._number)
        writes.insert_rows(self._row.pk, self._changes())
        row, last = self._row, self._number
        passes = [one for one in others if isinstance(one, PassLine)]
        if any(one.last > last or one.first > one.last + 1 for one in passes):
            raise BadRequest("a pass made changes that are not there")
        models.Pass.objects.bulk_create(
            [models.Pass(cluster=row, **one._asdict()) for one in passes], batch_size=CHUNK
        )
        notes = [one for one in others if isinstance(one, AuditLine)]
        models.AuditEntry.objects.bulk_create(
            [models.AuditEntry(cluster=row, cluster_name=row.name, **one._asdict()) for one in notes],
            batch_size=CHUNK,
        )
        spans = [one for one in others if isinstance(one, SpanLine)]
        models.ClockSpan.objects.bulk_create(
            [models.ClockSpan(cluster=row, **one._asdict()) for one in spans], batch_size=CHUNK
        )

    def _changes(self) -> Iterator[dict[Key, tuple[Change, Packed]]]:
        standing = iter(self._state.items())
        while some := dict(islice(standing, CHUNK)):
            parsed = {key: one.packed.parsed(key[0]) for key, one in some.items()}
            yield {
                key: (Change(Verb.ADDED, key[0], one.manifest, "", "", one.timers), some[key].packed)
                for key, one in parsed.items()
            }
