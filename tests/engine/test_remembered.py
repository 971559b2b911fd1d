"""What follows from a part of a manifest is worked out once for that part."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from controller.engine import remembered as module
from controller.engine.objects import Manifest
from controller.engine.remembered import remembered


def counting() -> tuple[Callable[..., int], list[object]]:
    """Return a function that is remembered, and what it was called for."""
    calls: list[object] = []

    @remembered
    def size(part: Manifest, more: int = 0) -> int:
        calls.append(part)
        return len(part) + more

    return size, calls


def test_a_part_is_read_once() -> None:
    """The same part gives what it gave; an equal one, or another argument, is worked out by itself."""
    size, calls = counting()
    part, equal = {"a": 1}, {"a": 1}
    assert [size(part), size(part), size(equal), size(part, 2), size(part, 2)] == [1, 1, 1, 3, 3]
    assert len(calls) == 3


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """With too many parts it begins anew, and is right nonetheless."""
    monkeypatch.setattr(module, "ROOM", 2)
    size, calls = counting()
    parts = [{str(at): at for at in range(length)} for length in range(5)]
    assert [size(part) for part in parts * 2] == [0, 1, 2, 3, 4] * 2
    assert len(calls) > len(parts)
