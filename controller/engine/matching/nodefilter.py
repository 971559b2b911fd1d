"""Which nodes a person wants to see, from what they typed: label selectors, taints, and parts of names.

The map reads the same words in the browser (static/js/filter.js); both are held to the cases of
tests/fixtures/filter.json. It is more lenient than a selector of the API: terms may stand between spaces
too, and a bare word is part of a name or a label's key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from controller.engine.matching.labels import Requirement
from controller.engine.objects import Node

Test = Callable[[Node], bool]

_GAP = re.compile(r"[\s,]*")
_WORD = re.compile(r"[^\s,()=!<>]+")
_OPERATOR = re.compile(r"\s*(==|=|!=|>|<)\s*")
_LIST = re.compile(r"\s+(in|notin)\s*\(([^()]*)(\))?")
_VALUE = re.compile(r"[^\s,]*")
_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_DOMAIN = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_TAINT = re.compile(r"([^=:]+)(?:=([^:]*))?(?::(NoSchedule|PreferNoSchedule|NoExecute))?")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_PREFIX = "taint:"
_OPERATORS = {"=": "In", "==": "In", "!=": "NotIn", "in": "In", "notin": "NotIn", ">": "Gt", "<": "Lt"}


class FilterFault(ValueError):
    """What is wrong with a filter: a code, at which character from 0 on, and the word there."""

    def __init__(self, code: str, at: int, word: str) -> None:
        super().__init__(code)
        self.code, self.at, self.word = code, at, word


def node_filter(text: str) -> Test:
    """Return the test of a filter: whether a node passes all of its terms. Raises FilterFault."""
    tests = list(_terms(_Text(text)))
    return lambda node: all(test(node) for test in tests)


class _Text:
    """A text that is taken piece by piece."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def over(self) -> bool:
        return self.at >= len(self.text)


def _terms(text: _Text) -> Iterator[Test]:
    text.take(_GAP)
    while not text.over():
        negated = text.text[text.at] == "!"
        text.at += negated
        start = text.at
        word = text.take(_WORD)
        if word is None:
            raise FilterFault("unexpected", start, "!" if text.over() else text.text[start])
        if word.group().startswith(_PREFIX):
            yield _taint(text, start, word.group(), negated=negated)
        elif negated:
            yield _met(Requirement(_key(word.group(), start), "DoesNotExist"))
        else:
            yield _labelled(text, start, word.group())
        text.take(_GAP)


def _met(wanted: Requirement) -> Test:
    return lambda node: wanted.matches(node.labels)


def _labelled(text: _Text, start: int, key: str) -> Test:
    if listed := text.take(_LIST):
        _key(key, start)
        if not listed.group(3):
            raise FilterFault("unclosed", len(text.text), "(")
        return _met(Requirement(key, _OPERATORS[listed.group(1)], _values(listed)))
    operator = text.take(_OPERATOR)
    if operator is None:
        return lambda node: key in node.name or key in node.labels
    _key(key, start)
    found = text.take(_VALUE)
    value, at = (found.group(), found.start()) if found else ("", text.at)
    if operator.group(1) in {"<", ">"} and not _WHOLE.fullmatch(value):
        raise FilterFault("number", at, value)
    if operator.group(1) not in {"<", ">"}:
        _value(value, at)
    return _met(Requirement(key, _OPERATORS[operator.group(1)], (value,)))


def _values(listed: re.Match[str]) -> tuple[str, ...]:
    at, values = listed.start(2), []
    for piece in listed.group(2).split(","):
        value = piece.strip()
        values.append(_value(value, at + len(piece) - len(piece.lstrip())))
        at += len(piece) + 1
    return tuple(values)


def _taint(text: _Text, start: int, first: str, *, negated: bool) -> Test:
    more = text.take(_VALUE) if text.text[text.at : text.at + 1] == "=" else None
    word = first + (more.group() if more else "")
    found = _TAINT.fullmatch(word.removeprefix(_PREFIX))
    if found is None:
        raise FilterFault("taint", start, word)
    key, value, effect = found.groups()

    def bears(node: Node) -> bool:
        return any(
            taint.key == key and value in {None, taint.value} and effect in {None, taint.effect}
            for taint in node.taints
        )

    return lambda node: bears(node) is not negated


def _key(key: str, at: int) -> str:
    domain, slash, name = key.rpartition("/") if key.count("/") < 2 else ("", "/", "")  # noqa: PLR2004 - one at most
    if not _NAME.fullmatch(name) or (slash and not _DOMAIN.fullmatch(domain)):
        raise FilterFault("key", at, key)
    return key


def _value(value: str, at: int) -> str:
    if value and not _NAME.fullmatch(value):
        raise FilterFault("value", at, value)
    return value
