"""What was read from parts of manifests, remembered by the part itself.

Manifests are never edited, and the pods of a revision share most of theirs. So what follows from a part
alone is worked out once, and found again for the same object: to compare two would take longer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

R = TypeVar("R")

ROOM = 16_384
"""How many parts a function remembers: some of them belong to a node, not to a revision."""


def remembered(read: Callable[..., R]) -> Callable[..., R]:
    """Remember what a pure function returned for a part of a manifest and, if need be, further values.

    When there are too many it begins anew. Safe for use by several threads: at worst one works twice.
    """
    kept: dict[int | tuple[Any, ...], tuple[Any, R]] = {}

    def look(part: Any, *more: Any) -> R:  # noqa: ANN401 -- any part of a manifest
        key = (id(part), *more) if more else id(part)
        found = kept.get(key)
        if found is not None and found[0] is part:
            return found[1]
        if len(kept) >= ROOM:
            kept.clear()
        result = read(part, *more)
        kept[key] = (part, result)  # the part stays while it is remembered, so its id is its own
        return result

    return look
