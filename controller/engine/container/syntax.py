"""How the small shell reads a line: words, quotes, variables, and what stands between two commands."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

END = ";"
"""Stands before a command that is carried out in any case."""
LOOPS = frozenset({"while", "until"})
KEYWORDS = frozenset({"if", "for", "case", "function", "do", "done", "then", "{", "!"}) | LOOPS
TOKEN = re.compile(
    r"""(?P<space>[ \t]+|\\\n|(?<!\S)\#[^\n]*)
      | (?P<end>;|\n|&&|\|\|)
      | (?P<redirect>(?:(?<![^\s;&|])[12])?>>?[ \t]*(?:&[12]|/dev/null(?![^\s;&|])))
      | (?P<substitution>\$\((?:[^()'"`\\])*\))
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
DEEPEST_LOOP = 16
"""How many loops can be within each other."""
LONGEST = 128 * 1024
"""The most characters of a script, and of a command's words together: as long as Linux lets one word be."""
MOST_VARIABLES = 4 * LONGEST
"""The most characters of a shell's variables, their names included."""
Part = tuple[str, str]
Word = tuple[Part, ...]
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
    words: tuple[Word, ...]
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


@dataclass(frozen=True, slots=True)
class Loop:
    """Commands that are carried out again and again while, or ``until``, the condition succeeds."""

    when: str
    until: bool
    condition: tuple[Step, ...]
    body: tuple[Step, ...]
    streams: Streams


Step = SimpleCommand | Loop


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


def parse(text: str) -> list[Step]:
    """Return the commands and loops of a script. Raises NotSimulated."""
    return _Folding(deque(_commands(text))).steps()


@dataclass(slots=True)
class _Folding:
    """Makes loops of the commands that stand between ``while``, ``do`` and ``done``."""

    left: deque[SimpleCommand]
    depth: int = 0

    def steps(self, end: str = "") -> list[Step]:
        """Return what stands before a keyword, which stays, or before the end of the script."""
        found: list[Step] = []
        while self.left:
            word = _keyword(self.left[0])
            if word and word == end:
                return found
            if word in LOOPS:
                found.append(self._loop(word))
            elif word in KEYWORDS:
                raise NotSimulated(f'"{word}" is not known to this simulated shell')
            else:
                found.append(self.left.popleft())
        if end:
            raise NotSimulated(f'unexpected end of file (expecting "{end}")')
        return found

    def _loop(self, word: str) -> Loop:
        self.depth += 1
        if self.depth > DEEPEST_LOOP:
            raise NotSimulated("too many loops within each other")
        when = self._strip()
        condition = tuple(self.steps("do"))
        self._strip()
        body = tuple(self.steps("done"))
        done = self.left.popleft()
        self.depth -= 1
        if not condition or not body or len(done.words) > 1:
            raise NotSimulated('unexpected "done"')
        return Loop(when, word == "until", condition, body, done.streams)

    def _strip(self) -> str:
        """Take the keyword off the next command; return what stands before it."""
        first = self.left.popleft()
        if len(first.words) > 1:
            self.left.appendleft(SimpleCommand(END, first.words[1:], first.streams))
        return first.when


def _keyword(command: SimpleCommand) -> str:
    (kind, first), *rest = command.words[0]
    return first if kind == "text" and not rest and first in KEYWORDS else ""


def _commands(text: str) -> list[SimpleCommand]:
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
                found.append(SimpleCommand(when, tuple(words), streams))
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
