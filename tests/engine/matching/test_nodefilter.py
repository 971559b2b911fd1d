"""The filter of nodes is held to the same cases as the page's (tests/js/filter.test.mjs)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from controller.engine.matching.nodefilter import FilterFault, node_filter
from tests.builders import node

CASES: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "filter.json").read_text(encoding="utf-8")
)


NODES = [node(one["name"], labels=one["labels"], taints=one["taints"]) for one in CASES["nodes"]]


@pytest.mark.parametrize(
    ("text", "names"), [pytest.param(*case, id=case[0] or "nothing") for case in CASES["passing"]]
)
def test_passing(text: str, names: list[str]) -> None:
    """A filter passes the nodes for which all of its terms hold."""
    passes = node_filter(text)
    assert [one.name for one in NODES if passes(one)] == names


@pytest.mark.parametrize(
    ("text", "code", "at", "word"), [pytest.param(*case, id=case[0]) for case in CASES["faulty"]]
)
def test_faulty(text: str, code: str, at: int, word: str) -> None:
    """What does not parse is refused with the place and the word that is wrong."""
    with pytest.raises(FilterFault) as refused:
        node_filter(text)
    assert (refused.value.code, refused.value.at, refused.value.word) == (code, at, word)
