"""A selection: which objects of a kind somebody wants, for lists and watches alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from controller.engine.matching import fields
from controller.engine.matching.fields import OWN
from controller.engine.matching.labels import Labels, Requirement
from controller.engine.matching.selectors import FieldTerm
from controller.engine.objects import Key, Manifest


@dataclass(frozen=True, slots=True)
class Facts:
    """What selections look at in one object, beside its key."""

    labels: Labels
    fields: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, kind: str, manifest: Manifest) -> Facts:
        """Read all that any selection may ask of an object."""
        return cls(manifest["metadata"].get("labels") or {}, dict(fields.changing(kind, manifest)))


@dataclass(frozen=True)
class Selection:
    """Objects of one ``kind``, in a ``namespace`` or ("") in all, that meet all requirements."""

    kind: str
    namespace: str = ""
    labels: tuple[Requirement, ...] = ()
    fields: tuple[FieldTerm, ...] = ()

    @cached_property
    def _own(self) -> tuple[tuple[int, FieldTerm], ...]:
        return tuple((1 + OWN[::-1].index(each.field), each) for each in self.fields if each.field in OWN)

    @cached_property
    def changing(self) -> tuple[FieldTerm, ...]:
        """Return the terms about fields that may change in an object's life."""
        return tuple(each for each in self.fields if each.field not in OWN)

    @cached_property
    def fixed(self) -> bool:
        """Whether an object is in the selection all its life or never."""
        return not self.labels and not self.changing

    def covers(self, key: Key) -> bool:
        """Whether an object of this key can be in the selection."""
        if key[0] != self.kind or (self.namespace and key[1] != self.namespace):
            return False
        return all(each.met(key[place]) for place, each in self._own)

    def holds(self, facts: Facts) -> bool:
        """Whether an object that is covered is in the selection while these are its facts."""
        return all(each.matches(facts.labels) for each in self.labels) and all(
            each.met(facts.fields[each.field]) for each in self.changing
        )

    def selects(self, manifest: Manifest) -> bool:
        """Whether an object that is covered is in the selection as it stands."""
        labels = manifest["metadata"].get("labels") or {}
        return all(each.matches(labels) for each in self.labels) and all(
            each.met(fields.value(self.kind, manifest, each.field)) for each in self.changing
        )

    def wanted(self, name: str) -> str | None:
        """Return the only value that a field may have, or None if there are several or none is asked."""
        return next((each.value for each in self.fields if each.field == name and not each.other), None)
