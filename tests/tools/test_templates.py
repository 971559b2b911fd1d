"""What counts as a word that gettext never sees, and as a long line. The templates: ``make check``."""

from __future__ import annotations

import pytest

from tools.templates import LONGEST_LINE, long_lines, untranslated


@pytest.mark.parametrize(
    ("source", "found"),
    [
        pytest.param("<p>{% trans 'Nodes' %}</p>", [], id="translated"),
        pytest.param("<p>Nodes</p>", [(1, "Nodes")], id="bare"),
        pytest.param(
            "{% if a %}\n<p>{{ count }} nodes</p>{% endif %}", [(2, "… nodes")], id="beside a variable"
        ),
        pytest.param("{% blocktranslate %}All nodes{% endblocktranslate %}", [], id="block"),
        pytest.param("<h1>Everynode</h1>", [], id="proper name"),
        pytest.param("<code>maxSurge</code>", [], id="code"),
        pytest.param('<a title="Close">&times;</a>', [(1, 'title="Close"')], id="attribute"),
        pytest.param("<a title=\"{% trans 'Close' %}\">&times;</a>", [], id="translated attribute"),
        pytest.param('<input placeholder="disk=ssd">', [], id="example of what to type"),
        pytest.param("{% block mainclass %}wide{% endblock %}", [], id="class"),
        pytest.param("{# a remark #}{% comment %}another{% endcomment %}", [], id="remark"),
    ],
)
def test_untranslated(source: str, found: list[tuple[int, str]]) -> None:
    """A word that a person reads comes from gettext; code, examples and names do not."""
    assert list(untranslated(source)) == found


def test_long_lines() -> None:
    """A line may fill the screen's width; one character more is told with its number."""
    full = "x" * LONGEST_LINE
    assert list(long_lines(f"{full}\n{full}y\n")) == [(2, LONGEST_LINE + 1)]
