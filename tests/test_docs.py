"""The documents tell the truth as far as a machine can see: links, files, commands and settings.

What a button is called, the stories in tests/browser hold.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from tests.servers import BASE

DOCUMENTS = [
    *BASE.glob("*.md"),
    *(BASE / "deploy").glob("*.md"),
    *(path for path in (BASE / "docs").rglob("*.md") if path.name != "events.md"),  # made by a tool
]
TOP = ("controller/", "dashboard/", "templates/", "static/", "tests/", "tools/", "docs/", "deploy/", ".ci/")
INTERNAL = {"EVERYNODE_TLS"}
"""Variables that one part of the program sets for the others, not a person."""

PICTURE = 250_000
"""Bytes that a picture may have: it travels with every clone."""


def name_of(path: Path) -> str:
    """Return a document's name, for the id of its test."""
    return str(path.relative_to(BASE))


def prose(path: Path) -> str:
    """Return a document without its fenced blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def codes(path: Path) -> list[str]:
    """Return what stands between backticks in a document, and the lines of its shell blocks."""
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"`([^`\n]+)`", prose(path)) + [line for block in blocks for line in block.splitlines()]


def anchors(path: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


documents = pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)


@documents
def test_links_lead_somewhere(path: Path) -> None:
    """Every link and picture of a document is there, and so is the heading that a link names."""
    text = prose(path)
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|srcset)="([^"]+)"', text)
    lost = []
    for target in targets:
        place, _, heading = target.partition("#")
        where = path.parent / place if place else path
        if not place.startswith("https://") and not (
            where.exists() and (not heading or heading in anchors(where))
        ):
            lost.append(target)
    assert lost == []


@documents
def test_files_are_there(path: Path) -> None:
    """Every file and folder of the project that a document names is there."""
    named = [code for code in codes(path) if code.startswith(TOP) and not re.search(r"[\s<>*]", code)]
    assert [name for name in named if not (BASE / name).exists()] == []


@documents
def test_words_of_make_are_there(path: Path) -> None:
    """Every ``make`` word that a document tells of is one of the Makefile's."""
    words = set(re.findall(r"^(\w+):.*##", (BASE / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = {found[1] for code in codes(path) if (found := re.search(r"\bmake (\w+)", code))}
    assert told <= words


@documents
def test_commands_are_there(path: Path) -> None:
    """Every command of ``manage.py`` is there and takes the words that a document gives it."""
    for code in codes(path):
        for name, rest in re.findall(r"manage\.py (\w+)(.*)", code):
            parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
            words = example_of(rest)
            assert not words or vars(parser.parse_args(words))


def example_of(usage: str) -> list[str]:
    """Return words that a usage such as ``create NAME [--nodes N]`` describes; none for a mere name."""
    plain = re.sub(r"[\[\]]|\.\.\.| > .*", "", usage).replace("NAME", "shop").replace("k=v", "disk=ssd")
    plain = re.sub(r" > .*", "", plain)  # the shell's business
    return [re.sub(r"^[NS]$", "3", word) for word in shlex.split(plain, comments=True)]


def test_settings_are_told() -> None:
    """The README tells of every variable that a person may set, and of no other."""
    source = (BASE / "dashboard" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'env\.(?:text|choice|whole|words|folder|url)\("(\w+)"', source))
    readme = prose(BASE / "README.md")
    told = set(re.findall(r"`((?:EVERYNODE_|SECRET_|DATABASE_|REDIS_|ALLOWED_|CSRF_)\w+)`", readme))
    assert told == read - INTERNAL


def test_production_settings_are_all_there() -> None:
    """The settings for production hold every variable without which it does not start."""
    source = (BASE / "dashboard" / "settings.py").read_text(encoding="utf-8")
    required = re.findall(r'"(\w+)"', re.findall(r"env\.required\((.*)\)", source)[0])
    given = (BASE / "deploy" / "everynode.env").read_text(encoding="utf-8")
    assert [name for name in required if not re.search(rf"^{name}=", given, re.MULTILINE)] == []


@pytest.mark.parametrize("unit", ["web", "worker", "clock", "mirror"])
def test_units_run_what_is_there(unit: str) -> None:
    """Each systemd unit runs this project's own web server, worker, clock or mirror."""
    text = (BASE / "deploy" / f"everynode-{unit}.service").read_text(encoding="utf-8")
    (command,) = re.findall(r"^ExecStart=\S+/\.venv/bin/python (.*)$", text, re.MULTILINE)
    begins = {
        "web": "-m uvicorn dashboard.asgi:application ",
        "worker": "-m celery --quiet --skip-checks --app dashboard worker ",
        "clock": "manage.py clock",
        "mirror": "manage.py mirror",
    }
    assert command.startswith(begins[unit])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_are_small(theme: str) -> None:
    """The pictures of the README are there, and a clone does not grow heavy by them."""
    assert (BASE / "docs" / "images" / f"map-{theme}.png").stat().st_size < PICTURE


def test_every_decision_is_listed() -> None:
    """Every record of a decision is in the list of records, by its own title."""
    folder = BASE / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    titles = [
        (path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# "), path.name)
        for path in sorted(folder.glob("0*.md"))
    ]
    assert re.findall(r"^- \[(.+)\]\((.+)\)$", index, re.MULTILINE) == titles
