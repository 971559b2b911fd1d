"""What is asked of the API server of a real cluster, and whether its mirror has told of it since."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple, cast

from django.conf import settings

from controller.engine.changes import Verb
from controller.engine.edits.undo import edited
from controller.engine.objects import Key, Manifest
from controller.store import log, mirrors

READ = frozenset({"Namespace", "Node", "DaemonSet", "Pod"})
"""Kinds whose objects are mirrored and may be changed; of other kinds objects can be created."""

LOOK = 0.02
"""Seconds between two looks at what it told."""


class Told(NamedTuple):
    """A change that the mirror told of."""

    number: int
    verb: Verb
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Call:
    """One change as its API server is asked for it.

    ``version`` is the one upstream it was decided on, when change ``number`` was the cluster's last;
    ``standing`` are the fields that it would change, as they stood then, if it is a patch, and ``wanted``
    as they shall be.
    """

    key: Key
    verb: str
    body: object
    number: int
    version: str = ""
    subresource: tuple[str, ...] = ()
    standing: Manifest | None = None
    wanted: Manifest | None = None

    def echo(self, told: Iterable[Told], *, is_done: bool) -> int | None:
        """Return the number of the change by which the mirror told of it, None if there is none.

        ``told`` is what was told of its object since. Controllers may have written a status before it and
        after it: that is another change. If it is not known whether it was done, so is all that does not
        come to what was wanted.
        """
        for one in told:
            if one.number > self.number and self._is_by(one, is_done=is_done):
                return one.number
        return None

    def _is_by(self, change: Told, *, is_done: bool) -> bool:
        if self.standing is not None and not is_done:
            return change.verb is not Verb.DELETED and edited(change.manifest) == self.wanted
        if self.standing is not None:
            return change.verb is Verb.DELETED or edited(change.manifest) != self.standing
        leaves = change.verb is Verb.DELETED or "deletionTimestamp" in change.manifest["metadata"]
        return leaves or self.verb == "POST"

    def on(self, version: str) -> Call:
        """Return the same patch on another version of its object."""
        _old, *operations = cast("list[Manifest]", self.body)
        return replace(self, version=version, body=[condition(version), *operations])


@dataclass(slots=True)
class Sent:
    """What was sent so far: the version upstream by object, and its call.

    The version is "" of one that was deleted, None where the server did not say whether it was done.
    """

    after: dict[Key, str | None] = field(default_factory=dict)
    calls: dict[Key, Call] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """Return how many changes are known to be made."""
        return sum(version is not None for version in self.after.values())

    def seen(self, cluster: int) -> dict[Key, int] | None:
        """Return the numbers of the changes by which the mirror told of it, None until it told of all."""
        sent = self.after.items()
        if not all(at is None or _has_come(cluster, key, at, self.calls[key].version) for key, at in sent):
            return None
        told = self._told(cluster)
        found: dict[Key, int] = {}
        for key, version in sent:
            number = self.calls[key].echo(told[key], is_done=version is not None) if key[0] in READ else None
            if number:
                found[key] = number
            elif version is None:
                return None
        return found

    def _told(self, cluster: int) -> dict[Key, list[Told]]:
        """Return by object what the mirror told since the first call was decided. The log is read once."""
        told: dict[Key, list[Told]] = {key: [] for key in self.after}
        first = min(call.number for call in self.calls.values())
        for key, verb, packed in log.packed_since(cluster, first, None):
            if key in told:
                told[key].append(Told(packed.version, Verb(verb), packed.parsed(key[0]).manifest))
        return told

    def await_echo(self, cluster: int) -> dict[Key, int] | None:
        """Wait until the mirror told of all that was sent; None if it did not in that time."""
        until = time.monotonic() + settings.EVERYNODE_UPSTREAM_ECHO
        while (found := self.seen(cluster)) is None and time.monotonic() < until:
            time.sleep(LOOK)
        return found


def _has_come(cluster: int, key: Key, version: str, before: str) -> bool:
    """Whether the mirror told of a version of an object, or that it goes. Of some kinds it tells nothing."""
    if key[0] not in READ:
        return True
    standing = mirrors.upstream_of(cluster, key)
    return not _is_behind(standing.version, version, before) if standing else not version


def _is_behind(standing: str, version: str, before: str) -> bool:
    """Whether a row is older than what was sent. A deletion ends it, or marks it in a version of its own."""
    if not version:
        return standing == before
    if standing.isdecimal() and version.isdecimal():
        return int(standing) < int(version)
    return standing == before


def condition(version: str) -> Manifest:
    """Return the part of a JSON patch by which it is refused if somebody wrote since a version."""
    return {"op": "replace", "path": "/metadata/resourceVersion", "value": version}
