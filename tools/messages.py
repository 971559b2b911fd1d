"""Keeps the catalogue of translations: what is marked in the code goes in, what is translated is compiled.

Run it after changing a word of a page, translate what it lists in the ``.po`` file, run it again. The
compiled file is committed too, so that nobody needs a compiler of catalogues to run Everynode. ``--check``
writes nothing and fails when a marked string has no translation, when a translation has lost a placeholder,
or when the compiled file is not what the ``.po`` file makes. Everything is read and written by Babel.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE))

from babel.messages.catalog import Catalog, Message  # noqa: E402 - found by the line above
from babel.messages.extract import extract  # noqa: E402 - as above
from babel.messages.mofile import write_mo  # noqa: E402 - as above
from babel.messages.pofile import read_po, write_po  # noqa: E402 - as above
from django.utils.translation.template import templatize  # noqa: E402 - as above

LOCALE = "zh_Hans"
CATALOG = BASE / "locale" / LOCALE / "LC_MESSAGES" / "django.po"
COMPILED = CATALOG.with_suffix(".mo")

CODE = ("controller", "dashboard")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "counted": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
HOLES = re.compile(r"%\(\w+\)[a-z]|%[sd%]|\{\w*\}|</?\w+[^>]*>")
"""What a translation keeps: placeholders of either kind, and tags."""


def python_of(path: Path) -> str:
    """Return a file as Python that marks the same strings. Of a template Django makes it."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".html":
        return source
    marked = templatize(source, origin=str(path))
    return "\n".join(line.strip() for line in marked.splitlines())  # indented as prose, not as code


def strings(code: str) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Yield each marked string, or its forms, with its context."""
    for _line, message, _comments, context in extract("python", io.BytesIO(code.encode()), KEYWORDS):
        yield message, context


def sources() -> Iterator[Path]:
    """Yield every file that may mark strings, in an order that stays."""
    for folder in CODE:
        yield from sorted((BASE / folder).rglob("*.py"))
    yield from sorted((BASE / "templates").rglob("*.html"))


def marked() -> Catalog:
    """Return all strings that the code and the templates mark, each with the files that it stands in."""
    found = Catalog()
    for path in sources():
        for message, context in strings(python_of(path)):
            found.add(message, locations=[(path.relative_to(BASE).as_posix(), 1)], context=context)
    return found


def translated() -> Catalog:
    """Return the catalogue as it is committed."""
    return read_po(io.BytesIO(CATALOG.read_bytes()), locale=LOCALE)


def updated() -> Catalog:
    """Return the catalogue with exactly the strings that are marked. Those that are new are empty.

    Guesses from similar strings would be wrong more often than right, and a date differs on every branch.
    """
    catalog = translated()
    catalog.update(marked(), no_fuzzy_matching=True, update_creation_date=False)
    return catalog


def texts(value: object) -> tuple[str, ...]:
    """Return a message's string, or its plural forms, as a tuple."""
    return tuple(value) if isinstance(value, list | tuple) else (str(value or ""),)


def holes(text: str) -> set[str]:
    """Return what must stand in a translation as well."""
    return set(HOLES.findall(text))


def fault(message: Message) -> str | None:
    """Return what is wrong with a translation: None, or words for whoever wrote it."""
    asked, given = texts(message.id)[-1], texts(message.string)
    if not all(given):
        return "not translated"
    if message.fuzzy:
        return "fuzzy: compare it and take the flag away"
    for text in given:
        if holes(text) != holes(asked):
            return f"its placeholders are others: {', '.join(sorted(holes(text) ^ holes(asked)))}"
        if (text[:1] == "\n", text[-1:] == "\n") != (asked[:1] == "\n", asked[-1:] == "\n"):
            return "one begins or ends with a new line, the other does not"
    return None


def compiled(catalog: Catalog) -> bytes:
    """Return the file that gettext reads. What is fuzzy is left out."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def written(catalog: Catalog) -> bytes:
    """Return the file that people edit."""
    out = io.BytesIO()
    write_po(out, catalog, width=100, ignore_obsolete=True, include_lineno=False)
    return out.getvalue()


def untranslated(catalog: Catalog) -> Iterator[str]:
    """Yield a line for each message that is not ready."""
    for message in catalog:
        if message.id and (wrong := fault(message)):
            yield f"{message.locations[0][0]}: {wrong}: {texts(message.id)[0]!r}"


def check(catalog: Catalog) -> Iterator[str]:
    """Yield what is wrong with the committed files. ``catalog`` is what they should hold."""
    yield from untranslated(catalog)
    yield from (f"no longer marked: {texts(one.id)[0]!r}" for one in catalog.obsolete.values())
    if not COMPILED.exists() or COMPILED.read_bytes() != compiled(translated()):
        yield f"{COMPILED.relative_to(BASE)} is not made from its .po file."


def main(words: list[str]) -> int:
    """Write both files, or check them; list what a translator has to do. Return 1 if a check fails."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    catalog = updated()
    if "--check" in words:
        faults = list(check(catalog))
        print("\n".join(faults) or "Every string of the pages is translated, and compiled.")
        if faults:
            print("Run `make messages`, translate what it lists in the .po file, and run it again.")
        return 1 if faults else 0
    CATALOG.write_bytes(written(catalog))
    COMPILED.write_bytes(compiled(catalog))
    todo = list(untranslated(catalog))
    print("\n".join([*todo, f"{CATALOG.relative_to(BASE)}: {len(todo)} of {len(catalog)} to do."]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
