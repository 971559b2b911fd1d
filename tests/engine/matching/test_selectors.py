"""The text of selectors: what it asks for, and what is said of text that asks for nothing."""

from __future__ import annotations

import pytest

from controller.engine.errors import BadRequest
from controller.engine.matching.labels import Requirement
from controller.engine.matching.selectors import FieldTerm, field_terms, label_requirements


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", []),
        ("  ", []),
        ("app=agent", [("app", "In", "agent")]),
        ("app==agent", [("app", "In", "agent")]),
        ("app = agent , tier!=edge", [("app", "In", "agent"), ("tier", "NotIn", "edge")]),
        ("app=", [("app", "In", "")]),
        ("app=,tier", [("app", "In", ""), ("tier", "Exists")]),
        ("app", [("app", "Exists")]),
        ("!app", [("app", "DoesNotExist")]),
        ("! app,x", [("app", "DoesNotExist"), ("x", "Exists")]),
        ("team in (a,b)", [("team", "In", "a", "b")]),
        ("team notin (b, a,b)", [("team", "NotIn", "a", "b")]),
        ("team in ()", [("team", "In", "")]),
        ("team in (,a)", [("team", "In", "", "a")]),
        ("team in (a,)", [("team", "In", "", "a")]),
        ("team in (in,notin)", [("team", "In", "in", "notin")]),
        ("in in (a)", [("in", "In", "a")]),
        ("notin=in", [("notin", "In", "in")]),
        ("cores>4", [("cores", "Gt", "4")]),
        ("cores<4", [("cores", "Lt", "4")]),
        ("example.com/a_b.c=D", [("example.com/a_b.c", "In", "D")]),
        ("app=a\0,ignored", [("app", "In", "a")]),
    ],
)
def test_label_selectors(text: str, wanted: list[tuple[str, ...]]) -> None:
    """Requirements stand between commas: equality, sets, presence, absence and comparison."""
    assert label_requirements(text) == tuple(
        Requirement(key, sign, tuple(values)) for key, sign, *values in wanted
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("=a", "found '=', expected: !, identifier, or 'end of string'"),
        (",", "found ',', expected: !, identifier, or 'end of string'"),
        ("a,", "found '', expected: identifier after ','"),
        ("a,,b", "found ',', expected: identifier after ','"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("a=b)", "found ')', expected: ',' or 'end of string'"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("!=a", "found '!=', expected: !, identifier, or 'end of string'"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a!b", "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"),
        ("a==!", "unable to parse requirement: found '!', expected: identifier"),
        ("a=(b)", "unable to parse requirement: found '(', expected: identifier"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"),
        ("a in (", "unable to parse requirement: found '', expected: ',', ')' or identifier"),
        ("a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"),
        ("a in (b,", "unable to parse requirement: found '', expected: ',', ')' or identifier"),
        (
            "a>b",
            (
                'unable to parse requirement: values[0]: Invalid value: "b": for '
                "'Gt', 'Lt' operators, the value must be an integer"
            ),
        ),
    ],
)
def test_label_selectors_that_cannot_be_read(text: str, said: str) -> None:
    """A fault is told in the words of Kubernetes' parser, with the word that it stumbled over."""
    with pytest.raises(BadRequest) as refused:
        label_requirements(text)
    assert refused.value.sentence == said


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", []),
        (",", []),
        ("spec.nodeName=n1", [("spec.nodeName", "n1", False)]),
        ("a==b", [("a", "b", False)]),
        ("a!=b,c=", [("a", "b", True), ("c", "", False)]),
        (r"a=b\,c\=d\\e", [("a", r"b,c=d\e", False)]),
        (r"a=\\,b=c", [("a", "\\", False), ("b", "c", False)]),
    ],
)
def test_field_selectors(text: str, wanted: list[tuple[str, str, bool]]) -> None:
    """Terms stand between commas: a field, a sign, a value, in which a backslash hides a sign."""
    assert field_terms(text) == tuple(FieldTerm(*term) for term in wanted)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a", "invalid selector: 'a'; can't understand 'a'"),
        ("x=y,a", "invalid selector: 'x=y,a'; can't understand 'a'"),
        ("a=b=c", "invalid field selector: unescaped character in value: ="),
        (r"a=\b", r"invalid field selector: invalid escape sequence: \b"),
        ("a=b\\", "invalid field selector: invalid escape sequence: \\"),
    ],
)
def test_field_selectors_that_cannot_be_read(text: str, said: str) -> None:
    """A fault is told in the words of Kubernetes' parser."""
    with pytest.raises(BadRequest) as refused:
        field_terms(text)
    assert refused.value.sentence == said


@pytest.mark.parametrize(
    ("value", "equal", "other"), [("a", True, False), ("b", False, True), ("", False, True)]
)
def test_a_term_is_met(value: str, *, equal: bool, other: bool) -> None:
    """A term asks for one value of a field, or for any other."""
    assert FieldTerm("f", "a").met(value) is equal
    assert FieldTerm("f", "a", other=True).met(value) is other
