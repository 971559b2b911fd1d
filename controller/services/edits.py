"""The frame of every use case: one transaction, its audit entries, and the telling after its commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial

from django.db import OperationalError, transaction

from controller import models, wakeups
from controller.engine.admission.admit import admit_create, admit_status, admit_update
from controller.engine.admission.managed import UPDATE, Manager, after_update, claimed_in, with_managers
from controller.engine.changes import Change, Verb
from controller.engine.edits.differences import MOST, differences
from controller.engine.errors import AlreadyExists, Busy, NotFound
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest, Moment
from controller.live import notices, publish
from controller.services.audit import audit_entry
from controller.services.names import NAMES
from controller.store import clocks, log, rows
from controller.store.rows import Stored
from controller.store.writes import Writing, writing

EVERYBODYS = frozenset({"cluster_reset", "cluster_rename", "clock_pause", "clock_resume", "clock_speed"})
"""The actions that whoever looks at the cluster is told of, because everything they see changes with it."""

PAGES = "everynode"
"""Who owns what the pages change of an object whose fields have owners."""


class Edit:
    """What one person does to one cluster, while the transaction is open."""

    def __init__(self, opened: Writing, actor: str, manager: str) -> None:
        self.opened, self.actor, self._manager = opened, actor, manager
        self.row = opened.row
        self.began = opened.number
        self._notes: list[models.AuditEntry] = []

    @property
    def moment(self) -> Moment:
        """Return the instant of the transaction on both clocks."""
        return clocks.moment_of(self.row, self.opened.now.timestamp())

    def note(self, action: str, about: str, **facts: object) -> None:
        """Remember for the audit list what was done, to what, with its facts (any JSON)."""
        entry = audit_entry(
            actor=self.actor, action=action, about=about, cluster=self.row, facts=facts, at=self.opened.now
        )
        self._notes.append(entry)

    def note_changes(self, action: str, about: str, stored: Stored, made: Manifest, **facts: object) -> None:
        """Remember which fields of an object were changed, from what to what."""
        self.note(action, about, changes=differences(stored.kind, stored.manifest, made)[:MOST], **facts)

    def put(self, verb: Verb, stored: Stored, reason: str) -> None:
        """Write one object as it is after the change."""
        self.put_all(verb, [stored], reason)

    def put_all(self, verb: Verb, many: Iterable[Stored], reason: str) -> None:
        """Write many objects at once, which is much quicker than one by one."""
        self.opened.put(Change(verb, one.kind, one.manifest, self.actor, reason, one.timers) for one in many)

    def manager(self, kind: str, operation: str = UPDATE, subresource: str = "") -> Manager:
        """Return who writes, as an object's managedFields name them."""
        return Manager(
            self._manager or PAGES, operation, KINDS[kind].api_version, subresource, self.moment.stamp
        )

    def create(
        self,
        kind: str,
        manifest: Manifest,
        *,
        reason: str = "created",
        owners: Sequence[Manager] | None = None,
    ) -> Manifest:
        """Admit and write a new object; return it. ``owners`` are its managers if an apply made it.

        Raises Invalid, AlreadyExists, NotFound (namespace).
        """
        made = self._admitted(kind, manifest)
        if owners is not None:
            made = with_managers(made, owners)
        elif self._manager:
            made = after_update(kind, None, made, self.manager(kind))
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

    def replace(
        self, stored: Stored, manifest: Manifest, *, reason: str, owners: Sequence[Manager] | None = None
    ) -> Manifest | None:
        """Admit and write a changed object; return it, or None if nothing is different. Raises Invalid.

        ``owners`` are its managers after an apply; any other write takes over what it changes.
        """
        made = admit_update(stored.kind, stored.manifest, manifest, self.moment)
        if owners is None and self._is_owned(stored):
            by, claimed = self.manager(stored.kind), claimed_in(stored.kind, manifest)
            made = after_update(stored.kind, stored.manifest, made, by, claimed)
        return self._write(stored, made, owners, reason=reason)

    def replace_status(self, stored: Stored, manifest: Manifest) -> Manifest | None:
        """Admit and write a changed status; return the object, or None if nothing is different."""
        made = admit_status(stored.kind, stored.manifest, manifest)
        if self._is_owned(stored):
            by = self.manager(stored.kind, UPDATE, "status")
            made = after_update(stored.kind, stored.manifest, made, by)
        return self._write(stored, made, reason="status edited")

    def _is_owned(self, stored: Stored) -> bool:
        return bool(self._manager or stored.manifest["metadata"].get("managedFields"))

    def _write(
        self, stored: Stored, made: Manifest, owners: Sequence[Manager] | None = None, *, reason: str
    ) -> Manifest | None:
        if owners is not None:
            made = with_managers(made, owners)
        if _same(made, stored.manifest):
            return None
        self.put(Verb.MODIFIED, Stored(stored.kind, made, stored.timers), reason)
        return made

    def close(self) -> None:
        """Write the audit entries, and arrange what is told after the commit."""
        changed = self.opened.number > self.began
        for entry in self._notes:
            entry.cluster_name = self.row.name
            entry.number = self.opened.number if changed else None
        models.AuditEntry.objects.bulk_create(self._notes)
        for entry in self._notes:
            if entry.action in EVERYBODYS:
                told = {"code": entry.action, "facts": entry.facts}
                transaction.on_commit(partial(notices.tell, self.row.pk, person=self.actor, **told))
        if changed or self._notes:
            announce(self.row, self.began, wake=not self.row.paused)


@contextmanager
def editing(*, cluster: int, actor: str, manager: str = "", dry_run: bool = False) -> Iterator[Edit]:
    """Open a use case on a cluster. Raises NotFound if there is none, Busy if no turn is to be had.

    ``manager`` is the client that owns the fields it writes; pages own none. After a ``dry_run``
    everything is as it was.
    """
    with suppress(_Undone), in_turn(), writing(cluster) as opened:
        edit = Edit(opened, actor, manager)
        yield edit
        if dry_run:
            raise _Undone
        edit.close()


class _Undone(Exception):
    """Ends the transaction of a dry run."""


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
    if wake:
        transaction.on_commit(partial(wakeups.wake, row.pk))
    transaction.on_commit(partial(publish.nudge, row.pk, row.number))
    if row.number // log.EVERY > before // log.EVERY:
        transaction.on_commit(partial(wakeups.ask, wakeups.KEEP, row.pk))


def _same(made: Manifest, standing: Manifest) -> bool:
    """Compare manifests but for the resourceVersion, which is the store's."""
    return {**made, "metadata": _bare(made)} == {**standing, "metadata": _bare(standing)}


def _bare(manifest: Manifest) -> Manifest:
    return {key: value for key, value in manifest["metadata"].items() if key != "resourceVersion"}
