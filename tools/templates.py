"""Checks the templates: each compiles and can be read, and each word a person reads goes through gettext."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE))

import django  # noqa: E402 - found by the line above
from django.template import TemplateSyntaxError, engines  # noqa: E402 - as above
from django.template.base import Lexer, TokenType  # noqa: E402 - as above

# Kubernetes' own words are not translated, so what is set as code or as a key is left alone.
UNREAD = {"script", "style", "code", "pre", "kbd", "samp"}
UNREAD_BLOCKS = {"blocktranslate", "blocktrans", "comment"}
CLASS_BLOCKS = {"frame", "mainclass"}  # blocks of the shell that fill in the names of classes
READ_ATTRIBUTES = {"title", "alt", "placeholder", "aria-label", "aria-description", "data-label"}
NAMES = {"Everynode", "kubectl", "Kubernetes", "DaemonSet", "DaemonSets", "YAML", "JSON"}
HOLE = "\x00"  # stands for what a tag or a variable puts in its place
WORD = re.compile(r"[A-Za-z]{2,}")
LONGEST_LINE = 120


def bare_words(text: str) -> bool:
    """Return whether the text holds a word that is no proper name."""
    return any(word not in NAMES for word in WORD.findall(text.replace(HOLE, " ")))


class Reader(HTMLParser):
    """Collects the text and attributes that a person reads and that no gettext tag made."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.unread: list[str] = []
        self.found: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the attributes; remember an element whose text is not prose."""
        for name, value in attrs:
            example = name == "placeholder" and value and " " not in value
            if name in READ_ATTRIBUTES and value and not example and bare_words(value):
                self.found.append((self.getpos()[0], f'{name}="{value}"'))
        if tag in UNREAD:
            self.unread.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave an element whose text is not prose."""
        if self.unread and self.unread[-1] == tag:
            self.unread.pop()

    def handle_data(self, data: str) -> None:
        """Look at a stretch of text."""
        if not self.unread and bare_words(data):
            self.found.append((self.getpos()[0], " ".join(data.split())))


def without_tags(source: str) -> str:
    """Return the template with each tag, variable and translated block as holes; lines stay lines."""
    parts: list[str] = []
    inside = ""
    for token in Lexer(source).tokenize():
        hidden = token.token_type != TokenType.TEXT
        word, _, rest = token.contents.partition(" ") if token.token_type == TokenType.BLOCK else ("", "", "")
        if word in UNREAD_BLOCKS or (word == "block" and rest in CLASS_BLOCKS):
            inside = f"end{word}"
        parts.append(HOLE + "\n" * token.contents.count("\n") if hidden or inside else token.contents)
        if word == inside:
            inside = ""
    return "".join(parts)


def untranslated(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of each stretch that shows a word which gettext never sees."""
    reader = Reader()
    reader.feed(without_tags(source))
    reader.close()
    for line, text in reader.found:
        yield line, text.replace(HOLE, "…")


def long_lines(source: str) -> Iterator[tuple[int, int]]:
    """Yield number and length of each line that is longer than a screen is wide."""
    for number, line in enumerate(source.splitlines(), 1):
        if len(line) > LONGEST_LINE:
            yield number, len(line)


def faults() -> Iterator[str]:
    """Yield every fault of every template."""
    folder = BASE / "templates"
    for path in sorted(folder.rglob("*.html")):
        try:
            engines["django"].get_template(str(path.relative_to(folder)))
        except TemplateSyntaxError as error:
            yield f"{path.relative_to(BASE)}: {error}"
        source = path.read_text(encoding="utf-8")
        for line, text in untranslated(source):
            yield f"{path.relative_to(BASE)}:{line}: not translatable: {text}"
        for line, length in long_lines(source):
            yield f"{path.relative_to(BASE)}:{line}: {length} characters, more than {LONGEST_LINE}"


def main() -> int:
    """Print all faults; return 1 when there is one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    django.setup()
    found = list(faults())
    print("\n".join(found) or "All templates compile, fit the screen, and can be translated.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
