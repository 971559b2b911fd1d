"""JSON of others: read, or refused with a sentence before it costs much."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.admission.shape import DEEPEST
from controller.engine.errors import BadRequest, TooLarge
from controller.manifests.untrusted import MOST_BYTES, MOST_VALUES, check, read_json


def nested(levels: int) -> Any:
    """Return a list within a list, so many times."""
    return [nested(levels - 1)] if levels > 1 else []


def test_json_is_read() -> None:
    """Signs in texts are no values, and brackets in them no levels."""
    text = "[{,:" * MOST_VALUES
    assert read_json(b'{"a": [1, null, "%s"]}' % text.encode()) == {"a": [1, None, text]}
    assert read_json(b"[" * DEEPEST + b"]" * DEEPEST) == nested(DEEPEST)
    assert read_json(rb'"\\u0000"') == r"\u0000"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(b"[1,", "unexpected end of data: line 1 column 4 (char 3)", id="broken"),
        pytest.param(
            b'{"[[": \n' + b"[" * 300 + b"]" * 300 + b"}",
            f"line 2, column {DEEPEST}: nested more than {DEEPEST} levels deep",
            id="deep",
        ),
        pytest.param(
            rb'{"a": {"b": [1, "x\u0000"]}}',
            "a.b[1]: the null character (U+0000) can be stored nowhere: leave it out",
            id="null",
        ),
        pytest.param(
            rb'{"a": {"\u0000": 1}}',
            "a: the null character (U+0000) can be stored nowhere: leave it out of the keys",
            id="null in a key",
        ),
        pytest.param(
            rb'"\u0000"',
            "the text: the null character (U+0000) can be stored nowhere: leave it out",
            id="nothing but null",
        ),
    ],
)
def test_json_that_cannot_be_read_is_told_with_its_place(text: bytes, sentence: str) -> None:
    """One sentence says where and what."""
    with pytest.raises(BadRequest) as refused:
        read_json(text)

    assert refused.value.sentence == sentence


@pytest.mark.parametrize(
    "text", [b" " * (MOST_BYTES + 1), b"[" + b"[]," * MOST_VALUES + b"1]", b"[" + b"1," * MOST_VALUES + b"1]"]
)
def test_too_much_json_is_not_read(text: bytes) -> None:
    """Neither bytes nor values."""
    with pytest.raises(TooLarge):
        read_json(text)


@pytest.mark.parametrize("value", [{"a": nested(DEEPEST)}, {"a": ["\0"]}])
def test_values_of_another_form_are_checked_as_well(value: object) -> None:
    """Protobuf brings texts and JSON of its own."""
    check({"a": nested(DEEPEST - 1), "b": "c"})
    with pytest.raises(BadRequest):
        check(value)
