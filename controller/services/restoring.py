"""Writes the lines of an archive as a cluster's rows and log: as they were, with the numbers they had."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice
from typing import NamedTuple

import orjson
from django.db import transaction

from controller import models
from controller.engine.changes import Verb
from controller.engine.errors import BadRequest
from controller.engine.objects import Key, Manifest, Timers
from controller.engine.world import World
from controller.manifests.archive import AuditLine, ChangeLine, Head, Line, ObjectLine, PassLine, SpanLine
from controller.store import snapshots, worlds, writes
from controller.store.dictionaries import Dictionaries
from controller.store.rows import Packed

CHUNK = 2_000
"""How many rows of what is short are written by one statement."""


class _Standing(NamedTuple):
    uid: str
    packed: Packed


class Restored:
    """What is read so far of the archive of one cluster, whose ``row`` has an id and is not there yet.

    ``alive`` is called with every portion that is written.
    """

    def __init__(self, row: models.Cluster, head: Head, alive: Callable[[], None]) -> None:
        self._row, self._head, self._alive = row, head, alive
        self._dictionaries = Dictionaries(row)
        self._state: dict[Key, _Standing] = {}
        self._log: list[writes.Values] = []
        self._number = head.first
        self._passes: list[models.Pass] = []
        self._notes: list[AuditLine] = []
        self._spans: list[SpanLine] = []

    def take(self, lines: Iterable[Line]) -> None:
        """Take all lines, and write the history. Raises BadRequest for what does not fit what came before."""
        passes: list[PassLine] = []
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
            elif isinstance(line, PassLine):
                passes.append(line)
            elif isinstance(line, AuditLine):
                self._notes.append(line)
            elif isinstance(line, SpanLine):
                self._spans.append(line)
        if not began:
            self._snapshot(self._head.first)
        self._finish(passes)

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
        if len(self._log) >= writes.PORTION:
            self._flush()

    def _packed(self, kind: str, manifest: Manifest, timers: Timers, number: int) -> _Standing:
        body = self._dictionaries.pack(kind, orjson.dumps(manifest))
        return _Standing(manifest["metadata"]["uid"], Packed(number, body, orjson.dumps(timers).decode()))

    def _flush(self) -> None:
        with transaction.atomic():
            self._alive()
            writes.insert_log(self._log)
        self._log.clear()

    def _snapshot(self, number: int) -> None:
        if not number and self._state:
            raise BadRequest("a history from the very beginning has no objects before it")
        self._alive()
        if number:
            body = snapshots.packed({key: one.packed for key, one in self._state.items()})
            models.Snapshot.objects.get_or_create(
                cluster_id=self._row.pk, number=number, defaults={"body": body}
            )

    def _finish(self, passes: list[PassLine]) -> None:
        if self._number != self._head.number:
            raise BadRequest(f"the last change is {self._number}, not {self._head.number}")
        if len({one.uid for one in self._state.values()}) < len(self._state):
            raise BadRequest("two objects have the same uid")
        self._flush()
        self._snapshot(self._number)
        if any(one.last > self._number or one.first > one.last + 1 for one in passes):
            raise BadRequest("a pass made changes that are not there")
        self._passes = [models.Pass(cluster_id=self._row.pk, **one._asdict()) for one in passes]
        self._objects()

    def _objects(self) -> None:
        """Write the objects as they are in the end."""
        left = iter(sorted(self._state.items()))
        while some := list(islice(left, writes.PORTION)):
            values: dict[str, list[writes.Values]] = {}
            for key, one in some:
                stored = one.packed.parsed(key[0])
                row = writes.row_values(self._row.pk, key, stored.manifest, stored.timers, one.packed)
                values.setdefault(key[0], []).append(row)
            with transaction.atomic():
                self._alive()
                for kind, rows in values.items():
                    writes.insert_rows(kind, rows)

    def world(self) -> World:
        """Return a world with all objects as they are in the end."""
        state = {key: one.packed for key, one in self._state.items()}
        return worlds.of_state(self._number, state, worlds.settings_of(self._row))

    def insert(self) -> None:
        """Write what needs the cluster's row, in the transaction in which that comes to be."""
        row = self._row
        models.Pass.objects.bulk_create(self._passes, batch_size=CHUNK)
        models.AuditEntry.objects.bulk_create(
            [models.AuditEntry(cluster=row, cluster_name=row.name, **one._asdict()) for one in self._notes],
            batch_size=CHUNK,
        )
        models.ClockSpan.objects.bulk_create(
            [models.ClockSpan(cluster=row, **one._asdict()) for one in self._spans], batch_size=CHUNK
        )
