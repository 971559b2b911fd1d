"""Taking an edit back: what it changed is put as it was, if nobody has changed just that since.

Only the fields of the edit count. What others did to other fields of the same objects stays, and so does
what controllers wrote: a cordon is taken back although a taint came with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from controller.engine.edits.deletion import Options, delete
from controller.engine.edits.draft import MOST, Draft
from controller.engine.edits.reading import Found
from controller.engine.errors import AlreadyExists, Conflict, Difference, NotFound, NotRestorable
from controller.engine.kinds import KINDS
from controller.engine.objects import GENERATION_ANNOTATION, Key, Manifest
from controller.engine.reasons import Reason

MISSING: Any = object()
"""Stands for the value of a field that is not there."""

LOST = frozenset({"Pod", "Namespace"})
"""Kinds whose objects are more than their manifest says: one that was deleted cannot be made anew."""

OWN_META = ("name", "namespace", "labels", "annotations", "ownerReferences")
"""What of an object's metadata is not the server's."""

SERVERS = frozenset({"apiVersion", "kind", "metadata", "status"})
"""Parts of a manifest that an edit does not change, or only in part."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What an edit did to one object: before and after it, None where there was none."""

    key: Key
    before: Manifest | None
    after: Manifest | None


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back what an edit did, all of it or nothing; ``fact`` is what the audit list says of that edit.

    Raises Conflict (the fields that others changed since), NotFound, AlreadyExists (an object that was
    deleted and stands again, or still), NotRestorable, Invalid.
    """

    objects: Sequence[Undone]
    about: str
    fact: Mapping[str, Any]

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        for one in reversed(self.objects):
            if one.before is None:
                _uncreate(draft, one)
            elif one.after is None or _is_leaving(one.after):
                _restore(draft, one.key, one.before)
            else:
                _put_back(draft, one.key, one.before, one.after)
        draft.facts.clear()
        if draft.changes:
            draft.note("edit_undo", self.about, undone=dict(self.fact))


def _is_leaving(manifest: Manifest) -> bool:
    return "deletionTimestamp" in manifest["metadata"]


def _uncreate(draft: Draft, one: Undone) -> None:
    """Delete what was created, unless it is gone, or another bears its name."""
    found = draft.find(*one.key)
    if found and one.after and found.manifest["metadata"]["uid"] == one.after["metadata"]["uid"]:
        delete(draft, found, Options("Background"))


def _restore(draft: Draft, key: Key, manifest: Manifest) -> None:
    """Create an object that was deleted anew. Nothing of its status stays but what a machine has."""
    kind, _namespace, name = key
    if kind in LOST:
        raise NotRestorable(kind, name)
    if draft.find(*key):
        raise AlreadyExists(KINDS[kind].resource, name)
    meta = {field: manifest["metadata"][field] for field in OWN_META if field in manifest["metadata"]}
    marks = {
        name: text for name, text in (meta.get("annotations") or {}).items() if name != GENERATION_ANNOTATION
    }
    meta = {
        **{field: value for field, value in meta.items() if field != "annotations"},
        **_some(annotations=marks),
    }
    capacity = (manifest.get("status") or {}).get("capacity")
    kept = {part: value for part, value in manifest.items() if part not in {"metadata", "status"}}
    draft.create(kind, {**kept, "metadata": meta, **_some(status=_some(capacity=capacity))})


def _some(**parts: Any) -> Manifest:  # noqa: ANN401 -- any JSON
    return {name: value for name, value in parts.items() if value}


def _put_back(draft: Draft, key: Key, before: Manifest, after: Manifest) -> None:
    """Write the fields that an edit changed as they were."""
    found = draft.find(*key)
    if found is None:
        raise NotFound(KINDS[key[0]].resource, key[2])
    theirs: list[Difference] = []
    wanted = merged(edited(before), edited(after), edited(found.manifest), "", theirs)
    if theirs:
        raise Conflict(KINDS[key[0]].resource, key[2], found.manifest, theirs=theirs[:MOST])
    draft.replace(found, _whole(found, wanted), Reason.UNDONE)


def edited(manifest: Manifest) -> Manifest:
    """Return what of an object an edit may change, labels and annotations beside the rest."""
    meta = manifest["metadata"]
    marks = {
        name: text for name, text in (meta.get("annotations") or {}).items() if name != GENERATION_ANNOTATION
    }
    rest = {part: value for part, value in manifest.items() if part not in SERVERS}
    return {**rest, "metadata": {"labels": meta.get("labels") or {}, "annotations": marks}}


def _whole(found: Found, wanted: Manifest) -> Manifest:
    """Return an object with what is wanted in it; all else stays."""
    standing = found.manifest
    meta, kept = standing["metadata"], {part: standing[part] for part in SERVERS & standing.keys()}
    counted = {
        name: text for name, text in (meta.get("annotations") or {}).items() if name == GENERATION_ANNOTATION
    }
    bare = {field: value for field, value in meta.items() if field not in {"labels", "annotations"}}
    labels, marks = wanted["metadata"]["labels"], {**wanted["metadata"]["annotations"], **counted}
    parts = {part: value for part, value in wanted.items() if part != "metadata"}
    return {**kept, **parts, "metadata": {**bare, **_some(labels=labels, annotations=marks)}}


def merged(before: Any, after: Any, standing: Any, path: str, theirs: list[Difference] | None) -> Any:  # noqa: ANN401 -- any JSON
    """Return what stands with the way from ``before`` to ``after`` taken back.

    Where something else stands than ``after`` it stays, and ``theirs`` is told of it; without ``theirs`` it
    gives way. Members of lists are told apart by their names, or in lists of one length by their places.
    """
    if before in (after, standing):
        return standing
    if standing == after:
        return before
    if all(isinstance(one, dict) for one in (before, after, standing)):
        values = _members((before, after, standing), (f"{path}." if path else "", ""), theirs)
        return {name: value for name, value in values.items() if value is not MISSING}
    named = [members for one in (before, after, standing) if (members := _by_name(one)) is not None]
    if len(named) == len((before, after, standing)):
        values = _members(named, (f'{path}[name="', '"]'), theirs)
        return [value for value in values.values() if value is not MISSING]
    if _alike(before, after, standing):
        rows = enumerate(zip(before, after, standing, strict=True))
        return [merged(*row, f"{path}[{at}]", theirs) for at, row in rows]
    if theirs is not None:
        theirs.append((path, _shown(after), _shown(standing)))
    return before if theirs is None else standing


def _members(many: Sequence[Manifest], around: tuple[str, str], theirs: list[Difference] | None) -> Manifest:
    """Return what each member of the maps before, after and standing comes to, in the order of ``before``.

    ``around`` is what a path says before and behind the name of a member.
    """
    before, after, standing = many
    values = {}
    for name in dict.fromkeys((*before, *standing, *after)):
        was, became, now = (one.get(name, MISSING) for one in many)
        values[name] = merged(was, became, now, name.join(around), theirs)
    return values


def _by_name(many: Any) -> Manifest | None:  # noqa: ANN401 -- any JSON
    """Return the members of a list by their names, None if one has none or two have the same."""
    if not isinstance(many, list) or not all(isinstance(one, dict) and "name" in one for one in many):
        return None
    found = {one["name"]: one for one in many}
    return found if len(found) == len(many) else None


def _alike(*many: Any) -> bool:  # noqa: ANN401 -- any JSON
    """Whether these are lists of as many members: then each is looked at by itself."""
    return all(isinstance(one, list) for one in many) and len({len(one) for one in many}) == 1


def _shown(value: Any) -> Any:  # noqa: ANN401 -- any JSON
    return None if value is MISSING else value
