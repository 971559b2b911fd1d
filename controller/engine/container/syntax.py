"""How the small shell reads a line: words, quotes, variables, and what stands between two commands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

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
LONGEST = 128 * 1024
"""The most characters of a script, and of a command's words together: as long as Linux lets one word be."""
MOST_VARIABLES = 4 * LONGEST
"""The most characters of a shell's variables, their names included."""
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
        """Return the words with their variables filled in; an unquoted one that is empty makes no word.

        Raises NotSimulated if they become too long, before they do.
        """
        known = {**variables, "?": str(code), "$": PID}
        room = LONGEST
        argv: list[str] = []
        sets: dict[str, str] = {}
        for word in self.words:
            pieces: list[str] = []
            for piece in chain.from_iterable(_pieces(kind, raw, known) for kind, raw in word):
                room -= len(piece)
                if room < 0:
                    raise NotSimulated("argument list too long")
                pieces.append(piece)
            text = "".join(pieces)
            assigned = SETS.match(word[0][1]) if word[0][0] == "text" and not argv else None
            if assigned:
                sets[assigned[1]] = text.removeprefix(assigned[0])
            elif text or any(kind in {"plain", "quoted"} for kind, _ in word):
                argv.append(text)
        return ExpandedCommand(tuple(argv), sets, self.streams)


def _pieces(kind: str, raw: str, known: Mapping[str, str]) -> Iterator[str]:
    """Yield what a part of a word becomes, piece by piece: one line may name a long variable very often."""
    if kind == "plain":
        yield raw[1:-1]
    elif kind == "escaped":
        yield raw[1:]
    elif kind == "variable":
        yield known.get(raw.strip("${}"), "")
    elif kind == "quoted":
        at, end = 1, len(raw) - 1
        for found in VARIABLE.finditer(raw, at, end):
            yield raw[at : found.start()]
            yield found[1] or known.get(found[2] or found[3], "")
            at = found.end()
        yield raw[at:end]
    else:
        yield raw


def check_size(variables: Mapping[str, str]) -> None:
    """Raise NotSimulated if variables take more room than a shell has for them."""
    if sum(len(name) + len(value) for name, value in variables.items()) > MOST_VARIABLES:
        raise NotSimulated("out of memory: the variables are too long")


def parse(text: str) -> list[SimpleCommand]:
    """Return the commands of a script. Raises NotSimulated."""
    if len(text) > LONGEST:
        raise NotSimulated(f"a script of more than {LONGEST} characters")
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
