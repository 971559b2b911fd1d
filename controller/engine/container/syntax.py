"""How the small shell reads a line: words, quotes, variables, and what stands between two commands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

END = ";"
"""Stands before a command that is carried out in any case."""
KEYWORDS = frozenset({"if", "for", "while", "until", "case", "function", "do", "then", "{", "!"})
TOKEN = re.compile(
    r"""(?P<space>[ \t]+|\\\n|(?<!\S)\#[^\n]*)
      | (?P<end>;|\n|&&|\|\|)
      | (?P<redirect>(?:(?<![^\s;&|])[12])?>>?[ \t]*(?:&[12]|/dev/null(?![^\s;&|])))
      | (?P<odd>[&|<>()`]|\$\()
      | (?P<plain>'[^']*')
      | (?P<quoted>"(?:[^"\\]|\\.)*")
      | (?P<escaped>\\.)
      | (?P<variable>\$\{\w+\}|\$[A-Za-z_]\w*|\$[?$])
      | (?P<text>[^\s;&|<>()`'"\\$]+|\$)
      | (?P<open>['"\\])""",
    re.VERBOSE | re.DOTALL,
)
VARIABLE = re.compile(r"\\([\\$\"`])|\$\{(\w+)\}|\$([A-Za-z_]\w*|[?$])|(\$\(|`)")
SETS = re.compile(r"([A-Za-z_]\w*)=")
PID = "28"
Part = tuple[str, str]
Streams = tuple[int, int]
"""Where output and errors go: to 1 (output), 2 (errors) or 0 (nowhere)."""
OWN: Streams = (1, 2)


class NotSimulated(Exception):
    """The text is no command, or one that this shell is too small for; says why."""


@dataclass(frozen=True, slots=True)
class ExpandedCommand:
    """The words of a command, the variables that it sets, and where it prints."""

    argv: tuple[str, ...]
    sets: dict[str, str]
    streams: Streams = OWN


@dataclass(frozen=True, slots=True)
class SimpleCommand:
    """A command before its variables are known. ``when`` is what stands before it: ``;``, && or ||."""

    when: str
    words: tuple[tuple[Part, ...], ...]
    streams: Streams = OWN

    def expanded(self, variables: Mapping[str, str], code: int) -> ExpandedCommand:
        """Return the words with their variables filled in; an unquoted one that is empty makes no word."""
        known = {**variables, "?": str(code), "$": PID}
        argv: list[str] = []
        sets: dict[str, str] = {}
        for word in self.words:
            text = "".join(_part(kind, raw, known) for kind, raw in word)
            assigned = SETS.match(word[0][1]) if word[0][0] == "text" and not argv else None
            if assigned:
                sets[assigned[1]] = text.removeprefix(assigned[0])
            elif text or any(kind in {"plain", "quoted"} for kind, _ in word):
                argv.append(text)
        return ExpandedCommand(tuple(argv), sets, self.streams)


def _part(kind: str, raw: str, known: Mapping[str, str]) -> str:
    if kind == "plain":
        return raw[1:-1]
    if kind == "escaped":
        return raw[1:]
    if kind == "variable":
        return known.get(raw.strip("${}"), "")
    if kind == "quoted":
        return VARIABLE.sub(lambda found: found[1] or known.get(found[2] or found[3], ""), raw[1:-1])
    return raw


def parse(text: str) -> list[SimpleCommand]:
    """Return the commands of a script. Raises NotSimulated."""
    found: list[SimpleCommand] = []
    when, words, word, streams = END, list[tuple[Part, ...]](), list[Part](), OWN
    for kind, raw in [*_tokens(text), ("end", END)]:
        if kind in {"space", "end", "redirect"} and word:
            words.append(tuple(word))
            word = []
        if kind == "end":
            if words:
                found.append(_command(when, words, streams))
            elif raw in {"&&", "||"}:
                raise NotSimulated(f'unexpected "{raw}"')
            elif when != END and raw == END:
                raise NotSimulated("unexpected end of file")
            when, streams = (END if raw == "\n" and words else raw if raw != "\n" else when), OWN
            words = []
        elif kind == "redirect":
            streams = _redirected(streams, raw)
        elif kind != "space":
            word.append((kind, raw))
    return found


def _redirected(streams: Streams, raw: str) -> Streams:
    """Return the streams after ``2>&1``, ``>&2`` or one that goes to ``/dev/null``."""
    into = {"1": streams[0], "2": streams[1]}.get(raw[-1], 0)
    return (streams[0], into) if raw[0] == "2" else (into, streams[1])


def _command(when: str, words: list[tuple[Part, ...]], streams: Streams) -> SimpleCommand:
    (kind, first), *rest = words[0]
    if kind == "text" and not rest and first in KEYWORDS:
        raise NotSimulated(f'"{first}" is not known to this simulated shell')
    return SimpleCommand(when, tuple(words), streams)


def _tokens(text: str) -> Iterator[Part]:
    for match in TOKEN.finditer(text):
        kind, raw = str(match.lastgroup), match[0]
        if kind == "open":
            raise NotSimulated("unterminated quoted string")
        substitutes = kind == "quoted" and any(found[4] for found in VARIABLE.finditer(raw))
        if kind == "odd" or substitutes:
            shown = "$(" if substitutes else raw
            raise NotSimulated(f'"{shown}" is not known to this simulated shell')
        yield kind, raw
