"""What counts as a translation that is ready. The catalogue itself: ``make check``."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from tools import messages


def message(asked: str | tuple[str, ...], given: str | tuple[str, ...], *flags: str) -> Message:
    """Return an entry of a catalogue."""
    return Message(asked, given, flags=flags)


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        pytest.param("Nodes", "节点", id="plain"),
        pytest.param("%(n)s of %(total)s pods", "%(total)s 个 Pod 中的 %(n)s 个", id="in another order"),
        pytest.param(("one node", "%(n)s nodes"), ("%(n)s 个节点",), id="plural"),
        pytest.param("{n} nodes", "{n} 个节点", id="filled by a script"),
        pytest.param("<b>All</b>", "<b>全部</b>", id="tags"),
    ],
)
def test_ready(asked: str | tuple[str, ...], given: str | tuple[str, ...]) -> None:
    """A translation has what its string has: placeholders, tags, in any order."""
    assert messages.fault(message(asked, given)) is None


@pytest.mark.parametrize(
    ("asked", "given", "told"),
    [
        pytest.param("Nodes", "", "not translated", id="none"),
        pytest.param(("node", "nodes"), ("",), "not translated", id="none of a plural"),
        pytest.param("%(n)s nodes", "节点", "its placeholders are others: %(n)s", id="one is lost"),
        pytest.param(
            "%(n)s nodes",
            "%(count)s 个节点",
            "its placeholders are others: %(count)s, %(n)s",
            id="one is renamed",
        ),
        pytest.param("%(n)s%%", "%(n)s", "its placeholders are others: %%", id="a percent sign is lost"),
        pytest.param("<b>All</b>", "<b>全部", "its placeholders are others: </b>", id="a tag stays open"),
        pytest.param("\nAll", "全部", "one begins or ends with a new line, the other does not", id="lines"),
    ],
)
def test_not_ready(asked: str | tuple[str, ...], given: str | tuple[str, ...], told: str) -> None:
    """What a translator has forgotten is told."""
    assert messages.fault(message(asked, given)) == told


def test_a_guess_is_not_ready() -> None:
    """The translation of a similar string waits for somebody to look at it, and is not compiled."""
    guess = message("Nodes", "节点", "fuzzy")
    assert messages.fault(guess) == "fuzzy: compare it and take the flag away"
    catalog = Catalog(locale=messages.LOCALE)
    catalog[guess.id] = guess
    assert "节点".encode() not in messages.compiled(catalog)


def test_what_is_marked(tmp_path: Path) -> None:
    """A template's strings are found as those of code are, also in attributes and over several lines."""
    page = tmp_path / "page.html"
    page.write_text(
        "{% load i18n %}\n  <a title=\"{% trans 'Close' %}\">\n{% blocktrans count n=n trimmed %}\n one\n"
        "{% plural %}\n {{ n }} of\n them\n{% endblocktrans %}{{ _('Also') }}"
    )
    found = messages.strings(messages.python_of(page))
    assert [one for one, _context in found] == ["Close", ("one", "%(n)s of them"), "Also"]
