"""The frame of every use case: one transaction, its audit entries, and the telling after its commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial

from django.db import OperationalError, transaction

from controller import models, wakeups
from controller.engine.admission.admit import admit_create, admit_update
from controller.engine.changes import Change, Verb
from controller.engine.errors import AlreadyExists, Busy, NotFound
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest, Moment
from controller.live import publish
from controller.services.names import NAMES
from controller.store import clocks, log, rows
from controller.store.rows import Stored
from controller.store.writes import Writing, writing

ABOUT = 512
"""The longest list of names that an audit entry holds; more are cut off."""


class Edit:
    """What one person does to one cluster, while the transaction is open."""

    def __init__(self, opened: Writing, actor: str) -> None:
        self.opened, self.actor = opened, actor
        self.row = opened.row
        self.began = opened.number
        self._notes: list[models.AuditEntry] = []

    @property
    def moment(self) -> Moment:
        """Return the instant of the transaction on both clocks."""
        return clocks.moment_of(self.row, self.opened.now.timestamp())

    def note(self, action: str, about: str, sentence: str) -> None:
        """Remember for the audit list what was done, to what, in a sentence for people."""
        shown = about if len(about) <= ABOUT else f"{about[: ABOUT - 1]}…"
        entry = models.AuditEntry(at=self.opened.now, actor=self.actor, action=action, about=shown)
        entry.sentence = sentence
        self._notes.append(entry)

    def put(self, verb: Verb, stored: Stored, reason: str) -> None:
        """Write one object as it is after the change."""
        self.put_all(verb, [stored], reason)

    def put_all(self, verb: Verb, many: Iterable[Stored], reason: str) -> None:
        """Write many objects at once, which is much quicker than one by one."""
        self.opened.put(Change(verb, one.kind, one.manifest, self.actor, reason, one.timers) for one in many)

    def create(self, kind: str, manifest: Manifest, *, reason: str = "created") -> Manifest:
        """Admit and write a new object; return it. Raises Invalid, AlreadyExists, NotFound (namespace)."""
        made = self._admitted(kind, manifest)
        meta = made["metadata"]
        namespace, name = meta.get("namespace") or "", meta["name"]
        if namespace and not self.opened.find("Namespace", "", namespace):
            raise NotFound("namespaces", namespace)
        if self.opened.find(kind, namespace, name):
            raise AlreadyExists(KINDS[kind].resource, name)
        self.put(Verb.ADDED, Stored(kind, made, {}), reason)
        return made

    def create_all(self, kind: str, manifests: Iterable[Manifest]) -> None:
        """Admit and write many new objects of a kind that has no namespace, with one look at the names.

        Raises Invalid, AlreadyExists.
        """
        taken, made = rows.names(self.row.pk, kind), []
        for manifest in manifests:
            made.append(Stored(kind, self._admitted(kind, manifest), {}))
            name = made[-1].manifest["metadata"]["name"]
            if name in taken:
                raise AlreadyExists(KINDS[kind].resource, name)
            taken.add(name)
        self.put_all(Verb.ADDED, made, "created")

    def _admitted(self, kind: str, manifest: Manifest) -> Manifest:
        return admit_create(kind, manifest, self.moment, NAMES.uid(), NAMES.suffix())

    def replace(self, stored: Stored, manifest: Manifest, *, reason: str) -> bool:
        """Admit and write a changed object; say whether anything is different. Raises Invalid."""
        made = admit_update(stored.kind, stored.manifest, manifest, self.moment)
        if _same(made, stored.manifest):
            return False
        self.put(Verb.MODIFIED, Stored(stored.kind, made, stored.timers), reason)
        return True

    def close(self) -> None:
        """Write the audit entries, and arrange what is told after the commit."""
        changed = self.opened.number > self.began
        for entry in self._notes:
            entry.cluster_name = self.row.name
            entry.number = self.opened.number if changed else None
        models.AuditEntry.objects.bulk_create(self._notes)
        if changed or self._notes:
            announce(self.row, self.began, wake=not self.row.paused)


@contextmanager
def editing(*, cluster: int, actor: str) -> Iterator[Edit]:
    """Open a use case on a cluster. Raises NotFound if there is none, Busy if no turn is to be had."""
    with in_turn(), writing(cluster) as opened:
        edit = Edit(opened, actor)
        yield edit
        edit.close()


@contextmanager
def in_turn() -> Iterator[None]:
    """Turn the database's "locked" into Busy."""
    try:
        yield
    except OperationalError as error:
        if "lock" not in str(error):
            raise
        raise Busy("The database is busy: nothing was changed, please try again.") from error


def announce(row: models.Cluster, before: int, *, wake: bool) -> None:
    """Once the transaction is committed, tell browsers and workers what changed since ``before``."""
    transaction.on_commit(partial(publish.nudge, row.pk, row.number))
    if wake:
        transaction.on_commit(partial(wakeups.wake, row.pk))
    if row.number // log.EVERY > before // log.EVERY:
        transaction.on_commit(partial(wakeups.ask, wakeups.KEEP, row.pk))


def _same(made: Manifest, standing: Manifest) -> bool:
    """Compare manifests but for the resourceVersion, which is the store's."""
    return {**made, "metadata": _bare(made)} == {**standing, "metadata": _bare(standing)}


def _bare(manifest: Manifest) -> Manifest:
    return {key: value for key, value in manifest["metadata"].items() if key != "resourceVersion"}
