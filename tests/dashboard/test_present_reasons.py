"""The words of passes: every code that the engine knows is worded, with its facts."""

from __future__ import annotations

import pytest

from controller.engine.reasons import Reason, Seen
from dashboard.present.reasons import REASONS, SEEN, line_words


def test_every_code_has_words() -> None:
    """No reason of a controller, and nothing that a pass tells, is without words."""
    assert set(REASONS) == set(Reason)
    assert set(SEEN) == set(Seen)


@pytest.mark.parametrize(
    ("code", "facts", "words"),
    [
        ("created", {"reason": "no-pod"}, "created: the node should run the set and has no pod of it"),
        ("changed", {"reason": "BackOff"}, "changed: BackOff"),
        ("refused", {"created": 2, "message": "no account"}, "2 created, then: no account"),
        ("unscheduled", {"message": "0/3 nodes are available: 100 %."}, "0/3 nodes are available: 100 %."),
    ],
)
def test_a_line_is_worded_with_its_facts(code: str, facts: dict[str, str | int], words: str) -> None:
    """An event keeps its own reason; what the API says is told to the letter."""
    assert line_words(code, facts) == words
