"""The page's scripts, in a JavaScript engine without a browser. In a browser: tests/browser."""

from __future__ import annotations

import re
import shutil
import subprocess

from tests.servers import BASE, missing


def test_scripts() -> None:
    """What tests/js says of the page's scripts holds."""
    node = shutil.which("node") or missing("Node.js")
    files = [str(path) for path in sorted((BASE / "tests" / "js").glob("*.test.mjs"))]
    done = subprocess.run([node, "--test", *files], cwd=BASE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_scripts_have_no_words() -> None:
    """What a script shows comes from its page, where it is translated: no literal of it begins a sentence."""
    comments = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
    sentence = re.compile(r"""["'`][A-Z][a-z]* [a-z]""")
    scripts = sorted((BASE / "static" / "js").glob("*.js"))
    assert scripts
    for path in scripts:
        lines = comments.sub("", path.read_text()).splitlines()
        assert [line for line in lines if sentence.search(line)] == [], path.name


def test_fields_hide_nothing_of_their_form() -> None:
    """A form finds its fields by name: one that is called like what htmx asks of a form hides that."""
    asked = "after before children closest contains dataset id matches nextSibling parentNode remove reset"
    named = re.compile(rf"""\bname="({"|".join(asked.split())})\"""")
    pages = sorted((BASE / "templates").rglob("*.html"))
    assert pages
    assert [path.name for path in pages if named.search(path.read_text())] == []
