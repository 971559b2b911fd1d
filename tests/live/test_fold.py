"""The reference of what a client makes of frames; static/js/fold.js plays the same stories."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from controller.live.fold import Gap, fold

STORIES = sorted((Path(__file__).parent.parent / "fixtures" / "fold").glob("*.json"))


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in STORIES])
def test_stories(path: Path) -> None:
    """Each story's frames lead to its map; one with a gap stops there and keeps what was known."""
    story: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    state, gap = None, False
    for frame in story["frames"]:
        try:
            state = fold(state, frame)
        except Gap:
            gap = True
    assert (state, gap) == (story["map"], story["gap"])


def test_folding_leaves_what_was_known_alone() -> None:
    """A fold makes a new map and changes nothing of the old one."""
    story = json.loads((STORIES[0].parent / "come-and-go.json").read_text(encoding="utf-8"))
    snapshot, delta = story["frames"]
    start = fold(None, snapshot)
    before = json.dumps(start)
    fold(start, delta)
    assert json.dumps(start) == before
