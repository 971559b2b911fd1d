"""The body of a snapshot: whole, or a few of its objects."""

from __future__ import annotations

import pytest

from controller.store import snapshots
from controller.store.rows import Packed

KEYS = [("Pod", "default", f"agent-{number:04}") for number in range(1_200)]
STATE = {key: Packed(at, f"body {at}".encode(), '{"due": 1}') for at, key in enumerate(reversed(KEYS))}


def test_whole() -> None:
    """What is packed is unpacked, in whatever order it came; also nothing."""
    assert snapshots.unpacked(snapshots.packed(STATE)) == STATE
    assert snapshots.unpacked(snapshots.packed({})) == {}


def test_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Single objects are found by opening only where they lie; those that are not there are left out."""
    body = snapshots.packed(STATE)
    read = snapshots._objects
    opened: list[int] = []

    def counted(portion: memoryview) -> object:
        opened.append(len(portion))
        return read(portion)

    monkeypatch.setattr(snapshots, "_objects", counted)
    wanted = [
        KEYS[0],
        KEYS[1],
        KEYS[-1],
        ("Pod", "default", "agent-0000x"),
        ("Node", "", "first"),
        ("Z", "", ""),
    ]
    assert snapshots.picked(body, wanted) == {key: STATE[key] for key in (KEYS[0], KEYS[1], KEYS[-1])}
    assert len(opened) == 2
    assert snapshots.picked(snapshots.packed({}), wanted) == {}
