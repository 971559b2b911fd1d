"""YAML text to plain values: what it means, where it is wrong, and what it may not do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.engine.errors import BadRequest, Refused, TooLarge
from controller.manifests.text import MOST_PASTED, Root, read_yaml

BOMB = "a: &a [1, 2, 3]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n" + "".join(
    f"c{n}: &c{n} [{', '.join(['*b' if n == 0 else f'*c{n - 1}'] * 9)}]\n" for n in range(9)
)


def only(text: str) -> Any:
    """Return the value of a text of one document."""
    (root,) = read_yaml(text)
    return root.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\nb: [x, 'y', \"1\"]\n", {"a": 1, "b": ["x", "y", "1"]}),
        ('{"a": {"b": [null, true, 1.5]}}', {"a": {"b": [None, True, 1.5]}}),
        ('{\n\t"a": 1\n}', {"a": 1}),
        ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
        ("1: a\nyes: b\n1.5: c\n~: d\n'2': e", {"1": "a", "true": "b", "1.5": "c", "~": "d", "2": "e"}),
        ("a: !!str 5\nb: !!int '5'\nc: ! 5", {"a": "5", "b": 5, "c": "5"}),
        ("a: !!float 5\nb: !!bool 'yes'\nc: !!null ''", {"a": 5, "b": True, "c": None}),
        ("a: !!map {}\nb: !!seq []", {"a": {}, "b": []}),
        ("a: &x {k: 1}\nb: *x", {"a": {"k": 1}, "b": {"k": 1}}),
        ("a: &x 5\nb: [*x]", {"a": 5, "b": [5]}),
        ("&x a: b\nc: *x", {"a": "b", "c": "a"}),
        ("a: &x {k: 1, l: 1}\nb: {<<: *x, l: 2}", {"a": {"k": 1, "l": 1}, "b": {"k": 1, "l": 2}}),
        ("b: {<<: [{k: 1}, {k: 2, l: 2}]}", {"b": {"k": 1, "l": 2}}),
        ("plain", "plain"),
    ],
)
def test_a_text_means_what_it_means_to_kubectl(text: str, value: object) -> None:
    """YAML and JSON, anchors, merges and the tags of the core."""
    assert only(text) == value


def test_documents_know_their_line_and_empty_ones_are_left_out() -> None:
    """Three dashes begin a document; the line is that of its first word."""
    assert read_yaml("---\n# nothing\n---\na: 1\n---\n\n\nb: 2\n") == [Root({"a": 1}, 4), Root({"b": 2}, 8)]
    assert read_yaml("") == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a:\n\tb: 1", "line 2, column 1: a tab cannot indent YAML: write spaces"),
        ("a: 1\n  b: 2", "line 2, column 4: mapping values are not allowed in this context"),
        ("a: 'x", "line 1, column 6: found unexpected end of stream (while scanning a quoted scalar)"),
        ("a: [1,", "line 2, column 1: did not find expected node content (while parsing a flow node)"),
        ("a: 1\nb: 2\na: 3", 'line 3, column 1: the key "a" stands twice (first on line 1)'),
        ("a: \x07", "line 1, column 4: a character that YAML does not allow"),
        ("é:\n b: \x07", "line 2, column 5: a character that YAML does not allow"),
        ("? [a]\n: b", "line 1, column 3: a key must be a plain word, not a list or a map"),
        ("a: &x b\n? *x\n: c", "line 2, column 3: a key must be a plain word, not an alias"),
        ("a: *b", "line 1, column 4: the alias *b names nothing that is complete before it"),
        ("a: &a [*a]", "line 1, column 8: the alias *a names nothing that is complete before it"),
        ("a: &a 1\n---\nb: *a", "line 3, column 4: the alias *a names nothing that is complete before it"),
        ("<<: 5", "line 1, column 5: << takes a map or a list of maps"),
        ("a: !!binary eA==", "line 1, column 4: the tag tag:yaml.org,2002:binary is not accepted for 'eA=='"),
        ("a: !!int x", "line 1, column 4: the tag tag:yaml.org,2002:int is not accepted for 'x'"),
        ("a: !mine {}", "line 1, column 4: the tag !mine is not accepted"),
        ('a: "x\\0"', "line 1, column 4: the null character (U+0000) can be stored nowhere: leave it out"),
        ('"\\0": x', "line 1, column 1: the null character (U+0000) can be stored nowhere: leave it out"),
        ("a: .inf", "line 1, column 4: .inf is no number that a manifest can hold"),
        ("a: !!float .nan", "line 1, column 4: .nan is no number that a manifest can hold"),
        ("a: " + "1" * 5000, f"line 1, column 4: {'1' * 20} is no number that a manifest can hold"),
        ("%TAG !a! b\n" * 11, "more than 10 lines begin with %: manifests need no directives"),
        ("- " * 100 + "a", "line 1, column 129: nested more than 64 levels deep"),
        ("[" * 100_000, "line 1, column 65: nested more than 64 levels deep"),
        ("a: \ud800", "The text holds half of a character pair: it is no proper Unicode"),
        ("%YAML 3.0\n---\na", "line 1, column 1: found incompatible YAML document"),
    ],
)
def test_a_text_that_cannot_be_read_is_told_with_line_and_column(text: str, sentence: str) -> None:
    """One sentence says where and what."""
    with pytest.raises(BadRequest) as refused:
        read_yaml(text)

    assert refused.value.sentence == sentence


def test_a_document_of_another_yaml_version_is_told() -> None:
    """Errors without a mark of their own are told as well."""
    with pytest.raises(BadRequest):
        read_yaml("!<tag:yaml.org,2002:python/object:os.system> {}")


def test_a_text_has_at_most_one_mebibyte() -> None:
    """Bytes count, not characters."""
    read_yaml("#" + "é" * (MOST_PASTED // 2 - 1))
    with pytest.raises(TooLarge) as refused:
        read_yaml("#" + "é" * (MOST_PASTED // 2))

    assert (
        refused.value.sentence
        == f"The text has {MOST_PASTED + 1} bytes; at most {MOST_PASTED} (1 MiB) are accepted"
    )


@pytest.mark.parametrize("text", [BOMB, "[" + "1," * 200_000 + "]"])
def test_aliases_cannot_make_much_of_little(text: str) -> None:
    """The values are counted as if every alias were spelt out."""
    with pytest.raises(TooLarge, match="more than 100000 values, aliases included"):
        read_yaml(text)


def test_aliases_cannot_make_long_texts_many() -> None:
    """A text counts with its length wherever it is spelt out."""
    with pytest.raises(TooLarge, match=r"line 2, column 12: .* more than 3145728 characters, aliases"):
        read_yaml("- &a " + "x" * 1_000_000 + "\n- [*a, *a, *a]\n")
    with pytest.raises(TooLarge, match="more than 3145728 characters"):
        read_yaml("- &a [" + "x" * 500_000 + "]\n- &b [*a, *a]\n- [*b, *b]\n")


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """There is no third way."""
    try:
        assert isinstance(read_yaml(text), list)
    except Refused as refused:
        assert refused.sentence  # noqa: PT017 - either way is right


SIGNS = st.text(alphabet=":-?[]{},&*!|>'\"%@`#<~ \n\tab01.é", max_size=40)


@given(SIGNS)
def test_any_heap_of_signs_is_read_or_refused(text: str) -> None:
    """Texts that look more like YAML than noise does."""
    try:
        assert isinstance(read_yaml(text), list)
    except Refused as refused:
        assert refused.sentence  # noqa: PT017 - either way is right
