"""The frame of every use case: one transaction, its audit entries, and the telling after its commit.

What an edit comes to is decided by the engine (``controller.engine.edits``); here it is committed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import partial

from django.db import OperationalError, transaction

from controller import models, wakeups
from controller.engine.changes import Change, Verb
from controller.engine.edits.decide import Request, decide
from controller.engine.edits.draft import PAGES, Client, Context, Decision, Fact
from controller.engine.errors import Busy, NotPreviewed, Refused, StorageFull
from controller.engine.objects import Key, Manifest, Moment
from controller.engine.reasons import Reason
from controller.live import notices, publish
from controller.modes import Capability, Mode
from controller.services import forwarding
from controller.services.audit import audit_entry
from controller.services.calls import Call, Sent
from controller.services.names import NAMES
from controller.store import clocks, log, rows
from controller.store.objects import RowObjects
from controller.store.rows import Stored
from controller.store.worlds import settings_of
from controller.store.writes import Locked, Writing, locked, writing
from controller.upstream.errors import PartlySent, Unanswered

FULL = ("is full", "No space left")
"""What SQLite and PostgreSQL say of a disk without room."""

NAMED = 20
"""How many objects are named of an edit of which only a part was made."""

EVERYBODYS = frozenset(
    {
        "cluster_reset",
        "cluster_rename",
        "clock_pause",
        "clock_resume",
        "clock_speed",
        "mirror_recreated",
        "mirror_rewound",
    }
)
"""The actions that whoever looks at the cluster is told of, because everything they see changes with it."""


_holding: ContextVar[bool] = ContextVar("holding", default=False)


_recording: ContextVar[list[models.AuditEntry] | None] = ContextVar("recording", default=None)


class Held(Exception):
    """What was to be submitted while somebody was ``holding``.

    ``faults`` words why it is refused, if the form that asked has words of its own for that.
    """

    faults: Callable[[Refused], list[str]] | None = None

    def __init__(self, request: Request, client: Client) -> None:
        super().__init__(request)
        self.request, self.client = request, client


@contextmanager
def holding() -> Iterator[None]:
    """Let nothing be written meanwhile: ``submit`` raises Held, whatever else would write NotPreviewed.

    So a preview goes the way of the edit itself, through the same form and service, and stops only where
    that would be committed.
    """
    token = _holding.set(True)
    try:
        yield
    finally:
        _holding.reset(token)


@contextmanager
def recording() -> Iterator[list[models.AuditEntry]]:
    """Yield a list to which the audit entries of what is changed meanwhile are added."""
    entries: list[models.AuditEntry] = []
    token = _recording.set(entries)
    try:
        yield entries
    finally:
        _recording.reset(token)


def is_holding() -> bool:
    """Whether somebody only wants to know what would be done."""
    return _holding.get()


class Act:
    """What one person does to one cluster of any mode, while the transaction is open: no object changes."""

    def __init__(self, opened: Locked, actor: str) -> None:
        self.opened, self.actor = opened, actor
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

    def decide(self, request: Request, client: Client = PAGES) -> Decision:
        """Return what a request comes to; nothing is written yet. Raises Refused."""
        return decide(RowObjects(self.row.pk), request, self.context(client))

    def context(self, client: Client) -> Context:
        """Return what a request is decided with."""
        return Context(self.moment, NAMES, settings_of(self.row), self.actor, client)

    def note_sent(self, fact: Fact, sent: Sent, seen: Mapping[Key, int] | None, *, partly: int) -> None:
        """Remember what was sent to an API server, and by which changes its mirror told of it.

        ``partly`` is how many changes it should have been if not all were made, else 0.
        """
        told: dict[str, object] = (
            {"unseen": True} if seen is None else {"echo": [[*key, number] for key, number in seen.items()]}
        )
        if partly:
            names = [key[2] for key, version in sent.after.items() if version is not None]
            told["partly"] = {"names": names[:NAMED], "made": len(names), "count": partly}
        self.note(fact.action, fact.about, **fact.values, sent=len(sent.after), **told)
        self._notes[-1].number = max(seen.values(), default=None) if seen else None

    def close(self) -> None:
        """Write the audit entries, and arrange what is told after the commit."""
        changed = self.opened.number > self.began
        for entry in self._notes:
            entry.cluster_name = self.row.name
            entry.number = self.opened.number if changed else entry.number
            rows.insert(entry)
        if (recorded := _recording.get()) is not None:
            recorded += [entry for entry in self._notes if entry.number or "unseen" in entry.facts]
        for entry in self._notes:
            if entry.action in EVERYBODYS:
                told = {"code": entry.action, "facts": entry.facts}
                transaction.on_commit(partial(notices.tell, self.row.pk, person=self.actor, **told))
        if changed or self._notes:
            announce(self.row, self.began, wake=not self.row.paused)


class Edit(Act):
    """What one person does to the objects of one cluster."""

    def __init__(self, opened: Writing, actor: str) -> None:
        super().__init__(opened, actor)
        self.writing = opened

    def commit(self, decision: Decision, *, noted: bool = True) -> Decision:
        """Write what was decided; return it with the resourceVersions that it was given."""
        before = self.opened.number
        self.writing.put(decision.changes)
        for fact in decision.facts if noted else ():
            self.note(fact.action, fact.about, **fact.values)
        return _numbered(decision, before)

    def put_all(self, verb: Verb, many: Iterable[Stored], reason: Reason) -> None:
        """Write many objects as they are after the change, past admission: copies, resets."""
        self.writing.put(Change(verb, one.kind, one.manifest, self.actor, reason, one.timers) for one in many)


@contextmanager
def acting(*, cluster: int, actor: str) -> Iterator[Act]:
    """Open a use case on a cluster of any mode that changes no object. Raises NotFound, Busy."""
    if _holding.get():
        raise NotPreviewed
    with in_turn(), locked(cluster) as opened:
        act = Act(opened, actor)
        yield act
        act.close()


@contextmanager
def editing(*, cluster: int, actor: str) -> Iterator[Edit]:
    """Open a use case that changes objects. Raises NotFound, NotOffered, and Busy if no turn is to be had."""
    if _holding.get():
        raise NotPreviewed
    with in_turn(), writing(cluster) as opened:
        edit = Edit(opened, actor)
        yield edit
        edit.close()


def submit(request: Request, *, cluster: int, actor: str, client: Client = PAGES) -> Decision:
    """Carry out a request, whole or not at all; return what it came to. A dry run is only decided.

    In a cluster that others move it is sent to its API server. Raises Refused: NotFound if there is no such
    cluster, Busy if no turn is to be had, and what the request raises.
    """
    row = rows.cluster_row(cluster)
    ours = row is None or Capability.RECONCILE in Mode(row.mode).capabilities
    if not ours:
        forwarding.check(request)
    if _holding.get():
        raise Held(request, client)
    if not ours:
        return _forwarded(request, cluster=cluster, actor=actor, client=client)
    with editing(cluster=cluster, actor=actor) as edit:
        decision = edit.decide(request, client)
        return decision if client.dry_run else edit.commit(decision)


def _forwarded(request: Request, *, cluster: int, actor: str, client: Client) -> Decision:
    """Send what a request comes to, wait until it is seen, and note what was done."""

    def decided() -> tuple[Decision, list[Call]]:
        with in_turn(), locked(cluster) as opened:  # meanwhile the mirror writes nothing
            act = Act(opened, actor)
            decision = act.decide(request, client)
            context, number = act.context(client), opened.number
            return decision, forwarding.calls_of(decision, request, RowObjects(cluster), context, number)

    decision, sent, refused = forwarding.forward(cluster, decided, actor=actor, sender=client)
    count = len({change.key for change in decision.changes} | sent.after.keys())
    if not client.dry_run and sent.after:
        seen = None if isinstance(refused, Unanswered) else sent.await_echo(cluster)
        with acting(cluster=cluster, actor=actor) as act:
            for fact in decision.facts:
                act.note_sent(fact, sent, seen, partly=count if refused and sent.done else 0)
    if refused and sent.done:
        raise PartlySent(sent.done, count, refused)
    if refused:
        raise refused
    return decision


@contextmanager
def in_turn() -> Iterator[None]:
    """Turn the database's "locked" into Busy, and its "full" into StorageFull."""
    try:
        yield
    except OperationalError as error:
        if any(word in str(error) for word in FULL):
            raise StorageFull from error
        if "lock" not in str(error):
            raise
        raise Busy from error


def announce(row: models.Cluster, before: int, *, wake: bool) -> None:
    """Once the transaction is committed, tell browsers and workers what changed since ``before``."""
    if wake:
        transaction.on_commit(partial(wakeups.wake, row.pk))
    transaction.on_commit(partial(publish.nudge, row.pk))
    if row.number // log.EVERY > before // log.EVERY:
        transaction.on_commit(partial(wakeups.ask, wakeups.KEEP, row.pk))


def _numbered(decision: Decision, before: int) -> Decision:
    """Return a decision whose results bear the numbers that their changes were given, from ``before`` on."""
    places = {id(change): place for place, change in enumerate(decision.changes, start=1)}
    results = tuple(
        replace(result, manifest=_with_version(result.manifest, before + places[id(result)]))
        if isinstance(result, Change) and id(result) in places
        else result
        for result in decision.results
    )
    return replace(decision, results=results)


def _with_version(manifest: Manifest, number: int) -> Manifest:
    return {**manifest, "metadata": {**manifest["metadata"], "resourceVersion": str(number)}}
