"""What our rows hold of a real cluster, and the transactions that bring them up to what it tells.

A ledger knows of each object its uid and its version upstream. So a list that is read anew writes only
what is different, and whatever is told twice is written once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from controller.engine.changes import Change, Verb
from controller.engine.mirrored import timers_of
from controller.engine.objects import DaemonSet, Key, Manifest
from controller.engine.reasons import Reason
from controller.mirror.kinds import UNKNOWN
from controller.mirror.rolloutsteps import Step, note_step, step_of
from controller.services.edits import announce
from controller.store import mirrors, rows
from controller.store.leases import Held
from controller.store.writes import MirrorWriting, mirroring

DRIFT = 2.0
"""Seconds that the server's clock may be off what we think until that is set anew."""


class Seen(NamedTuple):
    """An object as it was told, or with no ``manifest`` that it is gone. ``version`` is the one upstream."""

    key: Key
    manifest: Manifest | None
    version: str
    actor: str = UNKNOWN


class Listed(NamedTuple):
    """A list of a kind came to its end: there are no others than these."""

    kind: str
    keys: frozenset[Key]


class Rewound(NamedTuple):
    """The server went back to an earlier state of a kind: versions that are known from before say nothing."""

    kind: str


class Known(NamedTuple):
    """What is known of an object that stands in our rows. ``version`` "" is like none that is told."""

    uid: str
    version: str


Told = Seen | Listed | Rewound


class Ledger:
    """The rows of one mirrored cluster, written under the lease of its mirror. For one thread at a time."""

    def __init__(self, held: Held) -> None:
        self.held = held
        self.known: dict[Key, Known] = {}

    def load(self) -> None:
        """Read what our rows hold."""
        self.known = {key: Known(uid, version) for key, uid, version in mirrors.versions(self.held.cluster)}

    def write(self, told: Sequence[Told], skew: float) -> int:
        """Write what was told, in one transaction; return how many changes it came to. Raises Lost, NotFound.

        ``skew`` is by how many seconds the server's clock is ahead: that is the cluster's time.
        """
        draft = _Draft(self)
        for one in told:
            draft.add(one)
        with mirroring(self.held) as opened:
            _set_clock(opened, skew)
            if draft.changes:
                before = opened.number
                opened.put(draft.changes, draft.versions)
                for place, step in draft.steps:
                    note_step(opened, step, before + place)
                announce(opened.row, before, wake=False)
            opened.touch(draft.touched)
        draft.keep(self.known)
        return len(draft.changes)


class _Draft:
    """What some news come to: changes of our rows, and what is known once they are written."""

    def __init__(self, ledger: Ledger) -> None:
        self._cluster, self._standing = ledger.held.cluster, ledger.known
        self._after: dict[Key, Known | None] = {}
        self._written: dict[Key, Manifest] = {}
        self.changes: list[Change] = []
        self.steps: list[tuple[int, Step]] = []
        self.versions: dict[Key, str] = {}
        self.touched: dict[Key, str] = {}

    def keep(self, known: dict[Key, Known]) -> None:
        """Take over what is known now."""
        for key, one in self._after.items():
            if one is None:
                known.pop(key, None)
            else:
                known[key] = one

    def add(self, told: Told) -> None:
        """Find out which changes a piece of news comes to."""
        if isinstance(told, Listed):
            for key in self._of_kind(told.kind) - told.keys:
                self._delete(key, UNKNOWN)
        elif isinstance(told, Rewound):
            for key in self._of_kind(told.kind):
                self._forget_version(key)
        elif told.manifest is None:
            self._delete(told.key, told.actor)
        else:
            self._stand(told, told.manifest)

    def _known(self, key: Key) -> Known | None:
        return self._after[key] if key in self._after else self._standing.get(key)

    def _of_kind(self, kind: str) -> set[Key]:
        before = {key for key in self._standing if key[0] == kind}
        return {key for key in before | self._after.keys() if key[0] == kind and self._known(key)}

    def _stand(self, told: Seen, manifest: Manifest) -> None:
        key, uid, known = told.key, manifest["metadata"]["uid"], self._known(told.key)
        if known and known.uid != uid:
            self._delete(key, UNKNOWN)
            known = None
        if known and known.version == told.version:
            return
        self._after[key] = Known(uid, told.version)
        if known and (key[0] == "Node" or not known.version) and _same(self._manifest(key), manifest):
            self.touched[key] = told.version
            return
        verb = Verb.MODIFIED if known else Verb.ADDED
        before = self._manifest(key) if known and key[0] == DaemonSet.KIND else None
        if before and (step := step_of(key, before, manifest)):
            self.steps.append((len(self.changes) + 1, step))
        self._write(verb, key, manifest, told.actor)
        self.versions[key] = told.version

    def _forget_version(self, key: Key) -> None:
        if known := self._known(key):
            self._after[key] = known._replace(version="")

    def _delete(self, key: Key, actor: str) -> None:
        if self._known(key):
            self._after[key] = None
            if last := self._manifest(key):
                self._write(Verb.DELETED, key, last, actor)

    def _write(self, verb: Verb, key: Key, manifest: Manifest, actor: str) -> None:
        timers = timers_of(key[0], manifest)
        self.changes.append(Change(verb, key[0], manifest, actor, Reason.UPSTREAM, timers))
        self._written[key] = manifest
        self.touched.pop(key, None)

    def _manifest(self, key: Key) -> Manifest | None:
        """Return an object as it stands before this piece of news."""
        if key in self._written:
            return self._written[key]
        stored = rows.find(self._cluster, key)
        return stored.manifest if stored else None


def _same(one: Manifest | None, other: Manifest) -> bool:
    """Whether nothing but the version is different."""
    if one is None:
        return False
    metas = [{k: v for k, v in each["metadata"].items() if k != "resourceVersion"} for each in (one, other)]
    return metas[0] == metas[1] and {**one, "metadata": 0} == {**other, "metadata": 0}


def _set_clock(opened: MirrorWriting, skew: float) -> None:
    """Let the cluster's time be that of its server."""
    row, now = opened.row, time.time()
    if abs(row.anchor_cluster - row.anchor_wall - skew) > DRIFT or not row.anchor_cluster:
        row.anchor_wall, row.anchor_cluster = now, now + skew
