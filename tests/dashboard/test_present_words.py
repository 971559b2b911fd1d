"""How numbers and words are put for people, whatever the page."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils.translation import ngettext_lazy, override

from dashboard.present.words import Count, counted, counts_of, grouped


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_counts_stand_in_groups_of_three(language: str) -> None:
    """Both languages write 100,000, as browsers do for them; small counts stay as they are."""
    with override(language):
        written = [grouped(one) for one in (0, 999, 5000, 100_000, Decimal("20000.5"))]
    assert written == ["0", "999", "5,000", "100,000", "20,000.5"]


@pytest.mark.parametrize(
    ("language", "count", "words"),
    [("en", 1, "1 node"), ("en", 5000, "5,000 nodes"), ("zh-hans", 5000, "5,000 个节点")],
)
def test_counted(language: str, count: int, words: str) -> None:
    """A message has the form that its count asks for."""
    with override(language):
        assert counted("%(n)s node", "%(n)s nodes", count) == words


def test_counts_of_facts() -> None:
    """Whole numbers of facts are counts, and messages that are chosen lazily still find their plural."""
    message = ngettext_lazy("%(n)s of %(kind)s", "%(n)s of many %(kind)s", "n")
    assert message % counts_of({"n": 5000, "kind": "Pod"}) == "5,000 of many Pod"
    assert message % counts_of({"n": Count(1), "kind": "Pod"}) == "1 of Pod"
