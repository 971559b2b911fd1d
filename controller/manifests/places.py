"""Where in a text a field stands, so that a fault of an object can be shown where it was written.

Only for texts that ``read_yaml`` has read: its limits hold for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from controller.engine.errors import Invalid

UNKNOWN = re.compile(r'unknown field "([^"]+)"')
STEP = re.compile(r"[^.\[\]]+")


class Places:
    """The objects of a text, in their order; those of a List one by one."""

    def __init__(self, text: str) -> None:
        roots = yaml.compose_all(text, Loader=yaml.CSafeLoader)
        self.objects = [one for root in roots for one in _objects(root)]

    def line(self, at: int, path: str) -> int:
        """Return the line (from 1) of a field of an object, or of the deepest part of its path there is."""
        node = self.objects[at]
        line: int = node.start_mark.line + 1
        for step in STEP.findall(path):
            found = _step(node, step)
            if found is None:
                break
            line, node = found
        return line

    def with_lines(self, at: int, said: str) -> str:
        """Return a sentence with the line of each unknown field that it names."""
        if at >= len(self.objects):
            return said
        return UNKNOWN.sub(lambda one: f"{one[0]} on line {self.line(at, one[1])}", said)

    def faults(self, refused: Invalid) -> list[str]:
        """Return the faults of one of the objects, each with its line; of several with its number."""
        at = next((at for at, node in enumerate(self.objects) if _is(node, refused)), None)
        if at is None:
            return [str(cause) for cause in refused.causes]
        document = f"Document {at + 1}, line" if len(self.objects) > 1 else "Line"
        return [f"{document} {self.line(at, cause.field)}: {cause}" for cause in refused.causes]


def _objects(root: yaml.Node | None) -> Iterator[yaml.Node]:
    if root is None or (isinstance(root, yaml.ScalarNode) and root.tag.endswith(":null")):
        return
    items = _step(root, "items")
    if _text(root, "kind") == "List" and items and isinstance(items[1], yaml.SequenceNode):
        yield from items[1].value
    else:
        yield root


def _step(node: yaml.Node, step: str) -> tuple[int, yaml.Node] | None:
    """Return the line and the value of a field, or of an item by its number; None if there is none."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == step:
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and step.isdecimal() and int(step) < len(node.value):
        item = node.value[int(step)]
        return item.start_mark.line + 1, item
    return None


def _text(node: yaml.Node, *path: str) -> str:
    for step in path:
        found = _step(node, step)
        if found is None:
            return ""
        node = found[1]
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _is(node: yaml.Node, refused: Invalid) -> bool:
    return _text(node, "kind") == refused.kind and _text(node, "metadata", "name") == refused.name
