"""The limits of whatever others send as JSON or YAML, and the reader of JSON that holds them.

Half a megabyte of text can mean gigabytes of values, or a nesting on which every recursion behind it
would break. What comes out of here has a bounded size and depth, and no character that PostgreSQL
cannot hold; the rest of the code may walk it as it likes.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from controller.engine.admission.patching import deeper
from controller.engine.admission.shape import DEEPEST
from controller.engine.errors import BadRequest, TooLarge

MOST_BYTES = 3 * 1024 * 1024
"""The most bytes of a body, as in Kubernetes; also what a text may spell out to."""
MOST_VALUES = 100_000
"""The most values of a text: a DaemonSet has some hundred."""
NULL = "\0"
NULL_REFUSED = "the null character (U+0000) can be stored nowhere: leave it out"
STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
MARKS = re.compile(STRING.pattern + rb"|[\[\]{}]", re.DOTALL)


def read_json(text: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Return what a text of JSON says. Raises BadRequest (it cannot be read), TooLarge (it is too much)."""
    if len(text) > MOST_BYTES:
        raise TooLarge(f"the text has {len(text)} bytes; at most {MOST_BYTES} (3 MiB) are accepted")
    if _separators(text) > MOST_VALUES and _separators(STRING.sub(b"", text)) > MOST_VALUES:
        raise TooLarge(f"the text holds more than {MOST_VALUES} values")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(str(error)) from error
    if deeper(value, DEEPEST):
        raise BadRequest(f"{_opened(text)}: nested more than {DEEPEST} levels deep")
    if b"\\u0000" in text:
        refuse_null(value)
    return value


def _separators(text: bytes) -> int:
    """Return how many values a text may hold at most, less one; too many if its strings hold such signs."""
    return text.count(b",") + text.count(b"[") + text.count(b"{") + text.count(b":")


def _opened(text: bytes) -> str:
    """Return the line and column of the first bracket that is one too many."""
    depth = 0
    for found in MARKS.finditer(text):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(found[0], 0)
        if depth > DEEPEST:
            break
    lines = text[: found.start() + 1].split(b"\n")
    return f"line {len(lines)}, column {len(lines[-1])}"


def check(value: object) -> None:
    """Refuse values that came in another way than as text, if they are too deep or hold U+0000."""
    if deeper(value, DEEPEST):
        raise BadRequest(f"nested more than {DEEPEST} levels deep")
    refuse_null(value)


def refuse_null(value: object, path: str = "") -> None:
    """Raise BadRequest, naming the place, if any text or key in a value holds U+0000."""
    if isinstance(value, str) and NULL in value:
        raise BadRequest(f"{path or 'the text'}: {NULL_REFUSED}")
    if isinstance(value, list):
        for index, inner in enumerate(value):
            refuse_null(inner, f"{path}[{index}]")
    if isinstance(value, dict):
        for key, inner in value.items():
            if NULL in key:
                raise BadRequest(f"{path or 'the object'}: {NULL_REFUSED} of the keys")
            refuse_null(inner, f"{path}.{key}" if path else key)
