"""The text of selectors: how clients write, in a query, which labels and fields objects must have.

Label selectors are ``app=agent,tier in (node,edge),!legacy``; field selectors know ``=``, ``==`` and
``!=`` only. What is wrong with one is said in the words of the API server's own parsers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from controller.engine.errors import BadRequest
from controller.engine.matching.labels import Requirement, Values, integer

_TOKEN = re.compile(r"[ \t\r\n]*(==|!=|[=!(),<>]|[^=!(),<> \t\r\n]+)")
_SYMBOLS = frozenset({"==", "!=", "=", "!", "(", ")", ",", "<", ">"})
_OPERATORS = {"=": "In", "==": "In", "in": "In", "!=": "NotIn", "notin": "NotIn", ">": "Gt", "<": "Lt"}
_LISTS = frozenset({"in", "notin"})
_END = ""


class _Reader:
    """The words of a label selector, read from left to right; after the last one there is ``_END``."""

    def __init__(self, text: str) -> None:
        self._words: list[str] = [*_TOKEN.findall(text.partition("\0")[0]), _END]
        self._at = 0

    @property
    def next(self) -> str:
        """Return the word that comes next, without taking it."""
        return self._words[self._at]

    def take(self) -> str:
        """Take the next word."""
        word = self.next
        self._at = min(self._at + 1, len(self._words) - 1)
        return word

    def name(self) -> str:
        """Take a key or a value."""
        word = self.take()
        if not _is_name(word):
            _refuse(f"unable to parse requirement: found '{word}', expected: identifier")
        return word


def _is_name(word: str) -> bool:
    return word != _END and word not in _SYMBOLS


def _refuse(said: str) -> NoReturn:
    raise BadRequest(said)


def label_requirements(text: str) -> tuple[Requirement, ...]:
    """Return what a label selector asks for, all of which must be met. Raises BadRequest.

    Whether keys and values can be those of labels is not looked at.
    """
    words, found = _Reader(text), []
    while words.next != _END:
        if not _is_name(words.next) and words.next != "!":
            _refuse(f"found '{words.next}', expected: !, identifier, or 'end of string'")
        found.append(_requirement(words))
        if words.next not in {_END, ","}:
            _refuse(f"found '{words.next}', expected: ',' or 'end of string'")
        if words.take() == "," and not _is_name(words.next) and words.next != "!":
            _refuse(f"found '{words.next}', expected: identifier after ','")
    return tuple(found)


def _requirement(words: _Reader) -> Requirement:
    absent = words.next == "!"
    if absent:
        words.take()
    key = words.name()
    if words.next in {_END, ","}:
        return Requirement(key, "DoesNotExist" if absent else "Exists")
    sign = words.take()
    if sign not in _OPERATORS:
        expected = "in, notin, =, ==, !=, gt, lt"
        _refuse(f"unable to parse requirement: found '{sign}', expected: {expected}")
    values = _values(words) if sign in _LISTS else (_value(words),)
    if _OPERATORS[sign] in {"Gt", "Lt"} and integer(values[0]) is None:
        message = "for 'Gt', 'Lt' operators, the value must be an integer"
        _refuse(f'unable to parse requirement: values[0]: Invalid value: "{values[0]}": {message}')
    return Requirement(key, _OPERATORS[sign], values)


def _value(words: _Reader) -> str:
    return "" if words.next in {_END, ","} else words.name()


def _values(words: _Reader) -> Values:
    """Read ``(a,b)``: between two commas, or beside one alone, stands the empty value."""
    if words.next != "(":
        _refuse(f"unable to parse requirement: found '{words.next}' expected: '('")
    words.take()
    values = [_listed(words)]
    while words.next == ",":
        words.take()
        values.append(_listed(words))
    if words.next != ")":
        _refuse(f"unable to parse requirement: found '{words.next}', expected: ',' or ')'")
    words.take()
    return tuple(sorted(set(values)))


def _listed(words: _Reader) -> str:
    if words.next in {",", ")"}:
        return ""
    if not _is_name(words.next):
        _refuse(f"unable to parse requirement: found '{words.next}', expected: ',', ')' or identifier")
    return words.take()


@dataclass(frozen=True, slots=True)
class FieldTerm:
    """One term of a field selector: the field must have the value or, if ``other``, another one."""

    field: str
    value: str
    other: bool = False

    def met(self, value: str) -> bool:
        """Whether a field with this value meets the term."""
        return (value == self.value) is not self.other


_TERMS = re.compile(r"((?:\\.|[^,\\]|\\$)*)(?:,|$)", re.DOTALL)
_SIGN = re.compile(r"!=|==|=")
_ESCAPED = re.compile(r"\\(.?)|=", re.DOTALL)


def field_terms(text: str) -> tuple[FieldTerm, ...]:
    """Return the terms of a field selector, all of which must be met. Raises BadRequest.

    A backslash before ``,``, ``=`` or itself makes it part of a value.
    """
    return tuple(_term(text, part) for part in _TERMS.findall(text) if part)


def _term(text: str, part: str) -> FieldTerm:
    sign = _SIGN.search(part)
    if sign is None:
        _refuse(f"invalid selector: '{text}'; can't understand '{part}'")
    value = _ESCAPED.sub(_plain, part[sign.end() :])
    return FieldTerm(part[: sign.start()], value, sign.group() == "!=")


def _plain(found: re.Match[str]) -> str:
    escaped = found.group(1)
    if escaped is None:
        _refuse("invalid field selector: unescaped character in value: =")
    if escaped not in {"\\", ",", "="}:
        _refuse(f"invalid field selector: invalid escape sequence: {found.group()}")
    return escaped
