"""Who owns which fields of an object: managedFields, and server-side apply (KEP-555).

Every write notes its manager. An update takes over what it changes; an apply says what its manager
wants, gives up what it no longer names, and conflicts with what others own and it would change.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from controller.engine.admission import fieldsets
from controller.engine.admission.fieldsets import Path, spoken
from controller.engine.admission.shape import read
from controller.engine.errors import ApplyConflict, Cause
from controller.engine.objects import LAST_APPLIED, Manifest
from controller.engine.schema import Field, field_of, member_of

APPLY, UPDATE = "Apply", "Update"
KUBECTL = "kubectl"
ESCAPED = str.maketrans({"&": "\\u0026", "<": "\\u003c", ">": "\\u003e"})
"""How Go writes these signs in JSON."""
STATUS = "f:status"


@dataclass(frozen=True, slots=True)
class Manager:
    """One entry of managedFields: who, by which operation, in which version, through what."""

    name: str
    operation: str
    api_version: str
    subresource: str = ""
    time: str = ""
    owned: frozenset[Path] = frozenset()

    @classmethod
    def read(cls, raw: Manifest) -> Self:
        """Read an entry of ``metadata.managedFields``."""
        return replace(cls.named(raw), owned=frozenset(fieldsets.paths(raw.get("fieldsV1") or {})))

    @classmethod
    def named(cls, raw: Manifest) -> Self:
        """Read an entry without what it owns."""
        return cls(
            name=raw.get("manager") or "",
            operation=raw.get("operation") or UPDATE,
            api_version=raw.get("apiVersion") or "",
            subresource=raw.get("subresource") or "",
            time=raw.get("time") or "",
        )

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """Return what tells two entries apart."""
        return (self.name, self.operation, self.api_version, self.subresource)

    def reaches(self, path: Path) -> bool:
        """Whether it can own a field: the status is written through a subresource of its own, and only it."""
        return (path[0] == STATUS) is (self.subresource == "status")

    def manifest(self) -> Manifest:
        """Return the entry as it is stored."""
        entry = {
            "manager": self.name,
            "operation": self.operation,
            "apiVersion": self.api_version,
            "time": self.time,
            "fieldsType": "FieldsV1",
            "fieldsV1": fieldsets.of(set(self.owned)),
        }
        return {**entry, "subresource": self.subresource} if self.subresource else entry


def managers_of(manifest: Manifest) -> list[Manager]:
    """Return the entries of an object."""
    return [Manager.read(raw) for raw in manifest["metadata"].get("managedFields") or ()]


def claimed_in(kind: str, sent: Manifest) -> list[Manager] | None:
    """Return the entries that a client sent with an object, or None if it sent none that can be read.

    Clients rewrite them, for instance when they go over from their own apply to the server's.
    """
    if not isinstance(sent.get("metadata"), dict) or "managedFields" not in sent["metadata"]:
        return None
    meta = read(kind, {"metadata": {"managedFields": sent["metadata"]["managedFields"]}}).manifest.get(
        "metadata"
    )
    raw = (meta or {}).get("managedFields") or []
    if not all(fieldsets.is_set(entry.get("fieldsV1") or {}) for entry in raw):
        return None
    return [Manager.read(entry) for entry in raw]


def with_managers(manifest: Manifest, managers: Sequence[Manager]) -> Manifest:
    """Return the object with these entries, those that own nothing left out, in the API server's order."""
    meta = {key: value for key, value in manifest["metadata"].items() if key != "managedFields"}
    entries = [manager.manifest() for manager in sorted(managers, key=_order) if manager.owned]
    return {**manifest, "metadata": {**meta, "managedFields": entries} if entries else meta}


def _order(manager: Manager) -> tuple[str, ...]:
    return (manager.operation, manager.time, manager.name, manager.api_version, manager.subresource)


def after_update(
    kind: str,
    old: Manifest | None,
    new: Manifest,
    by: Manager,
    claimed: Sequence[Manager] | None = None,
) -> Manifest:
    """Return ``new`` with its owners after an update by a manager: it owns what it changed.

    ``claimed`` are the entries that it says stood before, if not those of ``old``.
    """
    before = _values(kind, old) if old else {}
    now = _values(kind, new)
    changed = frozenset(
        path for path, value in now.items() if by.reaches(path) and not _same(before.get(path, ...), value)
    )
    standing = list(claimed) if claimed is not None else managers_of(old) if old else []
    mine = next((manager for manager in standing if manager.identity == by.identity), by)
    if not changed and before.keys() == now.keys():
        return with_managers(new, standing)
    kept = [
        replace(manager, owned=(manager.owned - changed) & now.keys())
        for manager in standing
        if manager.identity != by.identity
    ]
    fresh = replace(mine, time=by.time if changed else mine.time, owned=(mine.owned & now.keys()) | changed)
    return with_managers(new, [*kept, fresh])


def after_status(kind: str, old: Manifest, new: Manifest, by: Manager) -> Manifest:
    """Return ``new`` with its owners after a controller wrote its status, all of which is its own then.

    The same as ``after_update`` for what passes do, but that the rest of a large object is not looked at.
    """
    before, now = (_values(kind, {"status": one.get("status") or {}}) for one in (old, new))
    standing = managers_of({"metadata": {"managedFields": _of_status(new)}})
    changed = {path for path, value in now.items() if not _same(before.get(path, ...), value)}
    others = [
        replace(manager, owned=(manager.owned - changed) & now.keys())
        for manager in standing
        if manager.identity != by.identity
    ]
    mine = replace(by, owned=frozenset(now).difference(*(manager.owned for manager in others)))
    rest = [raw for raw in new["metadata"]["managedFields"] if raw.get("subresource") != "status"]
    ours = [manager.manifest() for manager in (*others, mine) if manager.owned]
    entries = sorted((*rest, *ours), key=lambda raw: _order(Manager.named(raw)))
    return {**new, "metadata": {**new["metadata"], "managedFields": entries}}


def _of_status(manifest: Manifest) -> list[Manifest]:
    return [raw for raw in manifest["metadata"]["managedFields"] if raw.get("subresource") == "status"]


def _values(kind: str, manifest: Manifest) -> dict[Path, object]:
    """Return what can be owned with its value; a member of a list counts by being there."""
    found: dict[Path, object] = {}
    for path, value in fieldsets.leaves(kind, manifest):
        found[path] = "" if path[-1].startswith(("k:", "v:")) else value
    return found


def _same(one: object, other: object) -> bool:
    """Whether two values are the same in JSON, where true is not 1."""
    if one is other or isinstance(one, str):
        return one == other
    return one == other and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def apply(
    kind: str, live: Manifest | None, wanted: Manifest, by: Manager, *, force: bool
) -> tuple[Manifest, list[Manager]]:
    """Return the object after a server-side apply, not yet admitted, and the managers it then has.

    Raises ApplyConflict when others own what would be changed, unless ``force``.
    """
    standing = managers_of(live) if live else []
    mine = next((manager for manager in standing if manager.identity == by.identity), None)
    others = [manager for manager in standing if manager.identity != by.identity]
    named = frozenset(path for path, _ in fieldsets.leaves(kind, wanted) if by.reaches(path))
    merged = _merge(Field(kind), live, wanted) if live else wanted
    before, after = (_values(kind, live) if live else {}), _values(kind, merged)
    changed = frozenset(path for path in named if not _same(before.get(path, ...), after.get(path, ...)))
    conflicts = [(manager, path) for manager in others for path in sorted(manager.owned & changed)]
    if conflicts and not force and by.name == KUBECTL:
        passed = _as_last_applied(kind, live or {}, before)
        conflicts = [(manager, path) for manager, path in conflicts if path not in passed]
    if conflicts and not force:
        raise ApplyConflict([_conflict(manager, path) for manager, path in conflicts])
    others = [replace(manager, owned=manager.owned - changed) for manager in others]
    if mine:
        held = named.union(*(manager.owned for manager in others))
        ways = {path[:length] for path in held for length in range(1, len(path) + 1)}
        merged = _without(Field(kind), merged, mine.owned - ways, ())
    if live and by.name == KUBECTL and not by.subresource:
        merged = _with_last_applied(merged, wanted)
    time = mine.time if mine and mine.owned == named and not changed else by.time
    return merged, [*others, replace(by, owned=named, time=time)]


def _as_last_applied(kind: str, live: Manifest, values: dict[Path, object]) -> set[Path]:
    """Return the fields that still stand as kubectl's own apply last wrote them.

    They count as kubectl's already: who goes over to the server's apply meets no conflict with himself.
    """
    noted = (live["metadata"].get("annotations") or {}).get(LAST_APPLIED, "")
    try:
        last = json.loads(noted)
    except ValueError:
        return set()
    if not isinstance(last, dict) or last.get("apiVersion") != live["apiVersion"]:
        return set()
    meant = _values(kind, read(kind, last).manifest)
    return {path for path, value in meant.items() if _same(values.get(path, ...), value)}


def _with_last_applied(merged: Manifest, wanted: Manifest) -> Manifest:
    """Return the object with what kubectl applied by the server, where its own apply would look for it.

    Only if its own apply did write there once: so that one can go back to it. Nobody owns that anew.
    """
    meta = merged["metadata"]
    noted = meta.get("annotations") or {}
    if not noted.get(LAST_APPLIED):
        return merged
    sent = dict(wanted.get("metadata") or {})
    if sent.get("annotations"):
        sent["annotations"] = {k: v for k, v in sent["annotations"].items() if k != LAST_APPLIED}
    text = json.dumps({**wanted, "metadata": sent}, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    text = text.translate(ESCAPED) + "\n"
    return {**merged, "metadata": {**meta, "annotations": {**noted, LAST_APPLIED: text}}}


def _conflict(manager: Manager, path: Path) -> Cause:
    through = f' with subresource "{manager.subresource}"' if manager.subresource else ""
    using = f" using {manager.api_version}" if manager.operation == UPDATE else ""
    told = f'conflict with "{manager.name}"{through}{using}'
    return Cause(spoken(path), "FieldManagerConflict", told)


def _merge(field: Field, live: Any, wanted: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(live, dict) and isinstance(wanted, dict) and not field.atomic:
        merged = dict(live)
        for name, value in wanted.items():
            merged[name] = _merge(field_of(field.type, name), live[name], value) if name in live else value
        return merged
    if isinstance(live, list) and isinstance(wanted, list) and (field.map_keys or field.is_set):
        return _merge_members(field, live, wanted)
    return wanted


def _merge_members(listed: Field, live: list[Any], wanted: list[Any]) -> list[Any]:
    merged = {fieldsets.step(member, listed): member for member in live}
    inner = Field(member_of(listed.type))
    for member in wanted:
        place = fieldsets.step(member, listed)
        merged[place] = _merge(inner, merged[place], member) if place in merged else member
    return list(merged.values())


def _without(field: Field, value: Any, gone: frozenset[Path], at: Path) -> Any:  # noqa: ANN401 - any JSON
    """Return the value without the paths that nobody wants any longer."""
    if not any(path[: len(at)] == at for path in gone):
        return value
    if isinstance(value, dict):
        left = {
            name: _without(field_of(field.type, name), inner, gone, (*at, f"f:{name}"))
            for name, inner in value.items()
            if (*at, f"f:{name}") not in gone
        }
        return {
            name: inner for name, inner in left.items() if inner not in ({}, []) or value[name] in ({}, [])
        }
    if isinstance(value, list):
        return [
            _without(Field(member_of(field.type)), member, gone, (*at, fieldsets.step(member, field)))
            for member in value
            if (*at, fieldsets.step(member, field)) not in gone
        ]
    return value
