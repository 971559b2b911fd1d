"""An edit while it is being decided: what it may read, and the changes and facts that it leaves.

Whatever a draft has put is what it reads from then on, so that one edit can build on what it did
before. Nothing else sees it until somebody takes the decision and commits it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from controller.engine.admission.addresses import Taken
from controller.engine.admission.admit import admit_create, admit_status, admit_update
from controller.engine.admission.cautions import cautions
from controller.engine.admission.ephemeral import admit_ephemeral
from controller.engine.admission.managed import (
    UPDATE,
    Manager,
    after_update,
    claimed_in,
    managers_of,
    with_managers,
)
from controller.engine.admission.reading import FieldValidation, Reader
from controller.engine.admission.resize import admit_resize
from controller.engine.changes import Change, Verb
from controller.engine.deletion import is_released
from controller.engine.edits.claims import check_growth
from controller.engine.edits.differences import differences, is_same
from controller.engine.edits.quotas import Booked, booked, is_charged_again
from controller.engine.edits.reading import Found, Objects
from controller.engine.edits.standing import Standing
from controller.engine.errors import AlreadyExists, Conflict, Forbidden, Invalid, NotFound
from controller.engine.kinds import KINDS
from controller.engine.namespaces import NAMESPACE, NamespaceTerminating, is_terminating
from controller.engine.newpod import PRIORITY_CLASS, Classes, authored, classes_of, with_topology
from controller.engine.objects import Key, Manifest, Moment
from controller.engine.outcome import Names
from controller.engine.quota import limits
from controller.engine.quota.charging import QUOTA
from controller.engine.quota.limits import LIMIT_RANGE, Ranges
from controller.engine.quota.usage import is_counted
from controller.engine.reasons import Reason
from controller.engine.settings import Settings
from controller.engine.views import PersistentVolumeClaim
from controller.engine.workloads.pods import account_of, forbidden, unknown_account

BY_HAND = "everynode"
"""Who owns what the pages change of an object whose fields have owners."""

POD_PARTS = {"ephemeralcontainers": admit_ephemeral, "resize": admit_resize}
"""What is admitted through the subresources of a pod that are a part of its spec."""
MOST = 20
"""The most fields, and the most names of nodes, that a fact tells one by one."""


@dataclass(frozen=True, slots=True)
class Client:
    """How a program wants its edits done.

    ``manager`` will own the fields it writes, "" for pages, which own none. ``agent`` is the program,
    for the audit list. A ``dry_run`` is decided and not committed.
    """

    manager: str = ""
    agent: str = ""
    validation: FieldValidation = FieldValidation.IGNORE
    dry_run: bool = False


PAGES = Client()


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, when, in which cluster, and by what."""

    moment: Moment
    names: Names
    settings: Settings
    actor: str
    client: Client = PAGES


@dataclass(frozen=True, slots=True)
class Fact:
    """What was done, for people: a code, what it was about, and values as JSON."""

    action: str
    about: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a request comes to. ``results`` are the objects it asked for, as they are then.

    A result that is one of the ``changes`` has no resourceVersion of its own until it is committed.
    """

    changes: tuple[Change, ...]
    facts: tuple[Fact, ...]
    results: tuple[Found, ...]
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """One decision in the making."""

    objects: Objects
    context: Context
    changes: list[Change] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    results: list[Found] = field(default_factory=list)
    reader: Reader = field(init=False)
    _held: Standing = field(init=False)

    def __post_init__(self) -> None:
        self._held = Standing(self.objects)
        self.reader = Reader(self.context.client.validation)

    @property
    def moment(self) -> Moment:
        """Return the instant of the edit."""
        return self.context.moment

    def decision(self) -> Decision:
        """Return what was decided."""
        warnings = tuple(self.reader.warnings)
        return Decision(tuple(self.changes), tuple(self.facts), tuple(self.results), warnings)

    # -- reading -----------------------------------------------------------------------------

    def find(self, kind: str, namespace: str, name: str) -> Found | None:
        """Return an object as it stands after what was decided so far, or None."""
        return self._held.find(kind, namespace, name)

    def standing(self, kind: str, namespace: str, name: str) -> Found:
        """Return an object. Raises NotFound."""
        found = self.find(kind, namespace, name)
        if found is None:
            raise NotFound(KINDS[kind].resource, name)
        return found

    # -- deciding ----------------------------------------------------------------------------

    def put(self, verb: Verb, found: Found, reason: Reason, manifest: Manifest | None = None) -> Change:
        """Decide one change: the object as it is then, in its new shape if there is one."""
        shape = found.manifest if manifest is None else manifest
        return self.decide(Change(verb, found.key[0], shape, self.context.actor, reason, found.timers))

    def decide(self, change: Change) -> Change:
        """Decide one change."""
        self.changes.append(change)
        self._held.take(change)
        return change

    def note(self, action: str, about: str, **values: object) -> None:
        """Tell what was done, to what."""
        agent = {"agent": self.context.client.agent} if self.context.client.agent else {}
        self.facts.append(Fact(action, about, {**values, **agent}))

    def note_changes(self, action: str, about: str, written: Written | None, **values: object) -> None:
        """Tell which fields of an object were changed, from what to what, if it was changed."""
        if written is None:
            return
        changes = differences(written.before.key[0], written.before.manifest, written.after.manifest)
        more = {"more": len(changes) - MOST} if len(changes) > MOST else {}
        self.note(action, about, changes=changes[:MOST], **more, **values)

    # -- through admission -------------------------------------------------------------------

    def create(self, kind: str, manifest: Manifest, *, owners: Sequence[Manager] | None = None) -> Change:
        """Admit and add a new object. ``owners`` are its managers if an apply made it.

        Raises BadRequest, Invalid, AlreadyExists, NotFound (its namespace), Forbidden (its account, or what
        its namespace allows).
        """
        made = self._admitted(kind, manifest, owners)
        charged = self._charge(kind, made)
        meta = made["metadata"]
        namespace, name = meta.get("namespace") or "", meta["name"]
        if taken := self.find(kind, namespace, name):
            leaving = "deletionTimestamp" in taken.manifest["metadata"]
            raise AlreadyExists(KINDS[kind].resource, name, leaving=leaving)
        self._book(charged)
        return self.decide(Change(Verb.ADDED, kind, made, self.context.actor, Reason.CREATED))

    def create_all(self, kind: str, manifests: Iterable[Manifest]) -> None:
        """Admit and add many new objects of a kind that has no namespace, with one look at the names.

        Raises BadRequest, Invalid, AlreadyExists.
        """
        taken = set(self.objects.names(kind))
        for manifest in manifests:
            made = self._admitted(kind, manifest, None)
            name = made["metadata"]["name"]
            if name in taken:
                raise AlreadyExists(KINDS[kind].resource, name)
            taken.add(name)
            self.decide(Change(Verb.ADDED, kind, made, self.context.actor, Reason.CREATED))

    def check(self, kind: str, manifest: Manifest) -> None:
        """Raise what the creation of an object would, but for AlreadyExists."""
        self._charge(kind, self._admitted(kind, manifest, None))

    def _admitted(self, kind: str, manifest: Manifest, owners: Sequence[Manager] | None) -> Manifest:
        names = self.context.names
        try:
            made = admit_create(
                kind,
                manifest,
                self.moment,
                names.uid(),
                names.suffix(),
                read=self.reader.read,
                taken=self._taken_by_others,
                classes=self._classes,
                ranges=self._ranges,
            )
        except (Invalid, Forbidden):
            self._check_place(kind, manifest)
            raise
        self._check_place(kind, made)
        made = self._placed(made) if kind == "Pod" else made
        self.reader.warnings.extend(cautions(kind, made))
        if owners is not None:
            return with_managers(made, owners)
        if self.context.client.manager:
            mine = made
            if kind == "Pod":
                own = limits.authored(made, manifest)
                mine = {**own, "spec": authored(own["spec"], manifest.get("spec") or {})}
            return with_managers(made, managers_of(after_update(kind, None, mine, self.manager(kind))))
        return made

    def _placed(self, pod: Manifest) -> Manifest:
        """Return a new pod with where its node is, if it names one; a real cluster sees to that itself."""
        name = pod["spec"].get("nodeName")
        node = self.find("Node", "", name) if name and not self.context.settings.mirrored else None
        return with_topology(pod, node.manifest["metadata"].get("labels") or {}) if node else pod

    def _check_place(self, kind: str, manifest: Manifest) -> None:
        """Refuse what is refused before any fault is looked for: no such namespace, or no such account.

        For the account of every namespace the API server waits. Raises NotFound, Forbidden.
        """
        if not KINDS[kind].namespaced:
            return
        meta = manifest.get("metadata") or {}
        namespace = meta.get("namespace") or "default"
        space = self.find(NAMESPACE, "", namespace)
        if space is None:
            raise NotFound("namespaces", namespace)
        if is_terminating(space.manifest):
            raise NamespaceTerminating(KINDS[kind].resource, meta.get("name") or "", namespace)
        if kind != "Pod" or self.context.settings.mirrored:
            return
        account = account_of(manifest)
        if account != "default" and not self.find("ServiceAccount", namespace, account):
            pod = meta.get("name") or meta.get("generateName") or ""
            raise Forbidden(forbidden(pod, unknown_account(namespace, account)))

    def _classes(self) -> Classes:
        """Return the PriorityClasses as they stand after what was decided so far."""
        return classes_of(one.manifest for one in self._held.of_kind(PRIORITY_CLASS))

    def _ranges(self, namespace: str) -> Ranges:
        """Return the LimitRanges of a namespace, by their names; those of a real cluster work there."""
        if self.context.settings.mirrored:
            return ()
        standing = {
            one.key: one.manifest for one in self._held.of_kind(LIMIT_RANGE) if one.key[1] == namespace
        }
        return [standing[key] for key in sorted(standing)]

    def _charge(self, kind: str, made: Manifest, before: Manifest | None = None) -> Sequence[Booked]:
        """Return what quotas become by what comes in, or by what changed. Raises Forbidden.

        Those of a real cluster are kept there.
        """
        if self.context.settings.mirrored or not is_counted(kind):
            return ()
        namespace = made["metadata"]["namespace"]
        near = [one for one in self._held.of_kind(QUOTA) if one.key[1] == namespace]
        return booked(near, kind, made, self.moment, before) if near else ()

    def _book(self, charged: Sequence[Booked]) -> None:
        for found, manifest in charged:
            self.put(Verb.MODIFIED, found, Reason.STATUS, manifest)

    def replace(
        self, found: Found, manifest: Manifest, reason: Reason, *, owners: Sequence[Manager] | None = None
    ) -> Written | None:
        """Admit and write a changed object, or return None if nothing is different.

        ``owners`` are its managers after an apply; any other write takes over what it changes. One that
        was only held by finalizers is gone with its last. Raises BadRequest, Invalid, Forbidden.
        """
        kind = found.key[0]
        others = partial(self._taken_by_others, but=found.key)
        made = admit_update(
            kind,
            found.manifest,
            manifest,
            read=self.reader.read,
            taken=others,
            classes=self._classes,
        )
        if kind == PersistentVolumeClaim.KIND:
            check_growth(found, made, self.find)
        self.reader.warnings.extend(cautions(kind, made, found.manifest))
        if owners is not None:
            made = with_managers(made, owners)
        elif self._is_owned(found):
            by, claimed = self.manager(kind), claimed_in(kind, manifest)
            made = after_update(kind, found.manifest, made, by, claimed)
        return self._write(found, made, reason, is_charged_again(kind, found.manifest, made))

    def replace_status(
        self, found: Found, manifest: Manifest, *, owners: Sequence[Manager] | None = None
    ) -> Written | None:
        """Admit and write a changed status, or return None if nothing is different. ``owners``: as above."""
        kind = found.key[0]
        made = admit_status(kind, found.manifest, manifest, read=self.reader.read)
        if owners is not None:
            made = with_managers(made, owners)
        elif self._is_owned(found):
            made = after_update(kind, found.manifest, made, self.manager(kind, UPDATE, "status"))
        return self._write(found, made, Reason.STATUS_WRITTEN)

    def replace_part(self, found: Found, manifest: Manifest, part: str) -> Written | None:
        """Admit and write one of the ``POD_PARTS`` of a pod, or return None if nothing is different.

        Raises BadRequest, Invalid.
        """
        made = POD_PARTS[part](found.manifest, manifest, read=self.reader.read)
        if self._is_owned(found):
            made = after_update("Pod", found.manifest, made, self.manager("Pod", UPDATE, part))
        return self._write(found, made, Reason.EDITED, is_charged_again("Pod", found.manifest, made, part))

    def _taken_by_others(self, but: Key | None = None) -> Taken:
        """Return the addresses and node ports of all Services but one."""
        return Taken.by(one.manifest for one in self._held.of_kind("Service") if one.key != but)

    def manager(self, kind: str, operation: str = UPDATE, subresource: str = "") -> Manager:
        """Return who writes, as an object's managedFields name them."""
        name = self.context.client.manager or BY_HAND
        return Manager(name, operation, KINDS[kind].api_version, subresource, self.moment.stamp)

    def change(
        self, key: Key, edit: Callable[[Manifest], Manifest], reason: Reason, seen: str = ""
    ) -> Written | None:
        """Write what ``edit`` makes of an object as a person saw it, or None if nothing is different.

        ``seen`` is the resourceVersion they saw, "" for whatever stands. What only controllers wrote
        since, the status, is not held against them. Raises NotFound, Conflict with both sides, Invalid.
        """
        found = self.standing(*key)
        wanted = edit(found.manifest)
        self.check_seen(found, wanted, seen)
        return self.replace(found, wanted, reason)

    def check_seen(self, found: Found, wanted: Manifest, seen: str) -> None:
        """Raise Conflict with both sides if people changed an object since the version ``seen``, unless "".

        ``wanted`` is what it would have become.
        """
        kind, _namespace, name = found.key
        if not seen or seen == found.manifest["metadata"].get("resourceVersion"):
            return
        base = self.objects.at(found.key, seen)
        theirs = differences(kind, base, found.manifest) if base else []
        if base is None or theirs:
            yours = differences(kind, base or found.manifest, wanted)
            raise Conflict(KINDS[kind].resource, name, found.manifest, theirs=theirs, yours=yours)

    def _is_owned(self, found: Found) -> bool:
        return bool(self.context.client.manager or found.manifest["metadata"].get("managedFields"))

    def _write(self, found: Found, made: Manifest, reason: Reason, charged: bool = False) -> Written | None:  # noqa: FBT001, FBT002 -- worked out where it is called
        if is_same(made, found.manifest):
            return None
        if charged:
            self._book(self._charge(found.key[0], made, found.manifest))
        written = self.put(Verb.MODIFIED, found, reason, made)
        if is_released(made):
            self.put(Verb.DELETED, written, Reason.LAST_FINALIZER_GONE)
        return Written(found, written)


@dataclass(frozen=True, slots=True)
class Written:
    """An object before and after an edit."""

    before: Found
    after: Change
