"""What the controllers tell of themselves, kept short the way Kubernetes keeps it short.

The same message raises a count; from the tenth different message of one kind about one object on they
share a single row. One source tells of one object 25 times at once, and then once in five minutes: the
rest is not told. Only the latest are remembered (client-go's event correlator, its sizes).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from copy import copy

from controller.engine.changes import Change, Verb
from controller.engine.objects import Key, Manifest, Moment
from controller.engine.outcome import Names
from controller.engine.values import value

DISTINCT = 9
"""How many different messages of one kind about one object have a row of their own."""
AT_ONCE = 25
"""How often one source may tell of one object in a row."""
AGAIN_AFTER = 300.0
"""After so many seconds it may tell once more."""
UNLIMITED = frozenset({"default-scheduler"})
"""Who speaks the newer API of events, which counts the same message and has no other limit."""
REMEMBERED = 4096
"""Of how many groups of similar events is known what stands; what comes after longer is told anew."""

MOST_PLACES = 0xFFF
"""The last place among the events of a pass that its name tells."""

COMBINED = "(combined from similar events): "

Similar = tuple[str, str, str, str]
"""The uid of what an event is about, its source, type and reason."""

Teller = tuple[str, str]
"""The uid of what an event is about, and its source."""

NONE: Mapping[str, Manifest] = {}


@value(frozen=True, slots=True)
class Telling:
    """Something to tell: ``type`` is Normal or Warning, ``reason`` one CamelCase word."""

    source: str
    type: str
    reason: str
    message: str


class EventBook:
    """The events that stand in a cluster, by what they have in common and their message, and those to add."""

    def __init__(self) -> None:
        # To take the first out of a plain dictionary takes the longer, the more were taken out before.
        self._standing: OrderedDict[Similar, Mapping[str, Manifest]] = OrderedDict()
        self._pending: dict[Key, tuple[Verb, Manifest]] = {}
        self._spent: OrderedDict[Teller, tuple[float, float | None]] = OrderedDict()
        """How often each has told of late, and at which cluster time that was so, if that is known."""
        self._shared = False

    def fork(self) -> EventBook:
        """Return a twin that can be written to by itself."""
        twin = copy(self)
        twin._pending = self._pending.copy()  # noqa: SLF001 -- it is one of us
        self._shared = twin._shared = True  # noqa: SLF001 -- until one of the two writes
        return twin

    def take(self, change: Change) -> None:
        """Take a change of an Event object into account."""
        after = None if change.verb is Verb.DELETED else change.manifest
        similar, slot = _similar(change.manifest), _slot(change.manifest.get("message", ""))
        known = self._standing.get(similar, NONE).get(slot)
        if after and known is not after:  # it was not told by this book
            spent, at = self._spent.get(similar[:2], (0.0, None))
            news = _count(after) - (_count(known) if known else 0)
            self._spend(similar[:2], min(float(AT_ONCE), spent + max(0, news)), at)
        self._put(similar, slot, after)

    def all(self) -> Iterator[Manifest]:
        """Yield every event that stands."""
        for similar in self._standing.values():
            yield from similar.values()

    def _put(self, similar: Similar, slot: str, manifest: Manifest | None) -> None:
        self._own()
        standing = {**self._standing.pop(similar, NONE)}  # forks share the one that stood
        standing.pop(slot, None)
        if manifest:
            standing[slot] = manifest
        if standing:
            self._standing[similar] = standing  # now the last: the first is what was told of longest ago
            while len(self._standing) > REMEMBERED:
                self._standing.popitem(last=False)

    def _own(self) -> None:
        if self._shared:
            self._standing, self._spent, self._shared = self._standing.copy(), self._spent.copy(), False

    def _may_tell(self, teller: Teller, now: float) -> bool:
        """Whether there is still a telling left; if so, it is spent."""
        if teller[1] in UNLIMITED:
            return True
        spent, at = self._spent.get(teller, (0.0, now))
        spent = max(0.0, spent - (now - (now if at is None else at)) / AGAIN_AFTER)
        allowed = spent + 1 <= AT_ONCE
        self._spend(teller, spent + allowed, now)
        return allowed

    def _spend(self, teller: Teller, spent: float, at: float | None) -> None:
        self._own()
        self._spent.pop(teller, None)
        self._spent[teller] = (spent, at)
        while len(self._spent) > REMEMBERED:
            self._spent.popitem(last=False)

    def tell(self, kind: str, about: Manifest, telling: Telling, now: Moment, names: Names) -> None:
        """Note one event; it becomes a change when the pass asks for ``flush``."""
        teller = (about["metadata"]["uid"], telling.source)
        if not self._may_tell(teller, now.cluster):
            return
        similar = (*teller, telling.type, telling.reason)
        standing = self._standing.get(similar, NONE)
        message = telling.message
        if message not in standing and len(standing) >= DISTINCT and telling.source not in UNLIMITED:
            message = COMBINED + message
        slot = _slot(message)
        before = standing.get(slot)
        if before is None:
            uid = names.uid()
            name = _name(about["metadata"]["name"], now, len(self._pending), uid)
            manifest = _manifest(kind, about, telling, message, now, name, uid)
        else:
            manifest = {
                **before,
                "message": message,
                "count": _count(before) + 1,
                "lastTimestamp": now.stamp,
            }
        self._put(similar, slot, manifest)
        key = ("Event", manifest["metadata"]["namespace"], manifest["metadata"]["name"])
        verb = self._pending[key][0] if key in self._pending else Verb.MODIFIED if before else Verb.ADDED
        self._pending[key] = (verb, manifest)

    def flush(self) -> list[Change]:
        """Return the pass' events as changes, one per event object."""
        pending, self._pending = self._pending, {}
        return [
            Change(verb, "Event", manifest, manifest["source"]["component"], manifest["reason"])
            for verb, manifest in pending.values()
        ]


def _count(manifest: Manifest) -> int:
    return manifest.get("count") or 1


def _slot(message: str) -> str:
    return COMBINED if message.startswith(COMBINED) else message


def _similar(manifest: Manifest) -> Similar:
    return (
        (manifest.get("involvedObject") or {}).get("uid", ""),
        (manifest.get("source") or {}).get("component", ""),
        manifest.get("type", ""),
        manifest.get("reason", ""),
    )


def _name(about: str, now: Moment, place: int, uid: str) -> str:
    """Return the name of an event, after those that were told of before: clients show events by name.

    It ends in the time (microseconds), the place among the events of a pass, and the chance of its uid.
    """
    micros = int(now.wall.timestamp() * 1e6)
    return f"{about}.{micros:x}{min(place, MOST_PLACES):03x}{uid[:8]}"


def _manifest(  # noqa: PLR0917 -- all of it is needed
    kind: str, about: Manifest, telling: Telling, message: str, now: Moment, name: str, uid: str
) -> Manifest:
    meta = about["metadata"]
    namespace = meta.get("namespace", "")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": name,
            "namespace": namespace or "default",
            "uid": uid,
            "creationTimestamp": now.stamp,
        },
        "involvedObject": {
            "apiVersion": about["apiVersion"],
            "kind": kind,
            "name": meta["name"],
            "uid": meta["uid"],
            **({"namespace": namespace} if namespace else {}),
        },
        "type": telling.type,
        "reason": telling.reason,
        "message": message,
        "source": {"component": telling.source},
        "firstTimestamp": now.stamp,
        "lastTimestamp": now.stamp,
        "count": 1,
        "eventTime": None,
        "reportingComponent": telling.source,
        "reportingInstance": "",
    }
