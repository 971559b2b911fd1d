"""Where in a text a field stands, so that a fault of an object can be shown where it was written.

Only for texts that ``read_yaml`` has read: its limits hold for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import yaml

from controller.engine.errors import AlreadyExists, Invalid, NotFound, Refused, Several
from controller.manifests.faults import MOST_FAULTS, Fault, Place, faults_of_reading, in_order

STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")


class Wrong(NamedTuple):
    """What is wrong with an object: the path of a field, "" for none, and the whole sentence."""

    path: str
    said: str


class Places:
    """The objects of a text, in their order; those of a List one by one."""

    def __init__(self, text: str) -> None:
        roots = yaml.compose_all(text, Loader=yaml.CSafeLoader)
        self.objects = [one for root in roots for one in _objects(root)]

    def place(self, at: int, path: str) -> Place:
        """Return where a field of an object stands, or the deepest part of its path that there is."""
        node = self.objects[at]
        place = _start(node)
        for item, name in STEP.findall(path):
            found = _step(node, item or name)
            if found is None:
                break
            place, node = found
        return place

    def fault(self, at: int, wrong: Wrong) -> Fault:
        """Return a fault of the object that is the ``at``-th, from 0."""
        document = at + 1 if len(self.objects) > 1 else 0
        line, column = self.place(at, wrong.path)
        return Fault(wrong.said, line, column if wrong.path else 0, document, wrong.path)

    def faults(self, refused: Refused, numbers: Sequence[int] = ()) -> list[Fault]:
        """Return why one of the objects was refused.

        ``numbers`` are those of the objects that were asked for, from 1, if they are not all.
        """
        at = self._about(refused, numbers)
        if at is None:
            return [Fault(wrong.said) for wrong in _wrongs(refused)]
        return [self.fault(at, wrong) for wrong in _wrongs(refused)[:MOST_FAULTS]]

    def _about(self, refused: Refused, numbers: Sequence[int]) -> int | None:
        if refused.index is not None:
            return numbers[refused.index] - 1 if numbers else refused.index
        return 0 if len(self.objects) == 1 else None


def faults_of(text: str, refused: Refused, numbers: Sequence[int] = ()) -> list[Fault]:
    """Return why a text was refused, each fault with its place. ``numbers``: as above."""
    if found := faults_of_reading(refused):
        return found
    places = Places(text)
    each = refused.refusals if isinstance(refused, Several) else [refused]
    return in_order(fault for one in each for fault in places.faults(one, numbers))


def _wrongs(refused: Refused) -> Sequence[Wrong]:
    if isinstance(refused, Invalid):
        return [Wrong(cause.field, str(cause)) for cause in refused.causes]
    if isinstance(refused, NotFound) and refused.resource == "namespaces":
        return [Wrong("metadata.namespace", refused.sentence)]
    if isinstance(refused, AlreadyExists):
        return [Wrong("metadata.name", refused.sentence)]
    return [Wrong("", refused.sentence)]


def _objects(root: yaml.Node | None) -> Iterator[yaml.Node]:
    if root is None or (isinstance(root, yaml.ScalarNode) and root.tag.endswith(":null")):
        return
    items = _step(root, "items")
    if _text(root, "kind") == "List" and items and isinstance(items[1], yaml.SequenceNode):
        yield from items[1].value
    else:
        yield root


def _start(node: yaml.Node) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _step(node: yaml.Node, step: str) -> tuple[Place, yaml.Node] | None:
    """Return the place and the value of a field, or of an item by its number; None if there is none."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == step:
                return _start(key), value
    if isinstance(node, yaml.SequenceNode) and step.isdecimal() and int(step) < len(node.value):
        item = node.value[int(step)]
        return _start(item), item
    return None


def _text(node: yaml.Node, step: str) -> str:
    found = _step(node, step)
    return str(found[1].value) if found and isinstance(found[1], yaml.ScalarNode) else ""
