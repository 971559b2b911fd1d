"""Refusals as Status objects: the words, the code, and what clients read instead of words."""

from __future__ import annotations

from typing import Any

import pytest

from controller.apiserver.status import status
from controller.engine import errors
from controller.engine.errors import Cause

FAULT = Cause("spec.selector", "FieldValueInvalid", "Invalid value: is wrong")


@pytest.mark.parametrize(
    ("refused", "code", "details"),
    [
        (errors.NotFound("daemonsets.apps", "a"), 404, {"name": "a", "group": "apps", "kind": "daemonsets"}),
        (errors.AlreadyExists("pods", "a"), 409, {"name": "a", "kind": "pods"}),
        (errors.Conflict("nodes", "a"), 409, {"name": "a", "kind": "nodes"}),
        (errors.PageNotFound(), 404, {}),
        (errors.Unauthorized(), 401, {}),
        (errors.Gone("too old"), 410, {}),
        (errors.TooLarge("too long"), 413, {}),
        (errors.UnsupportedMediaType(["a"]), 415, {}),
        (errors.NotAcceptable(["a"]), 406, {}),
        (errors.Busy(), 503, {}),
    ],
)
def test_a_refusal_becomes_a_status(refused: errors.Refused, code: int, details: dict[str, Any]) -> None:
    """Reason, code and details follow from the class and its facts, the message is its sentence."""
    told = status(refused)
    assert (told["reason"], told["code"], told["message"]) == (refused.code, code, refused.sentence)
    assert told["details"] == details


@pytest.mark.parametrize(
    ("kind", "begins", "group"),
    [("DaemonSet", 'DaemonSet.apps "a" is invalid', "apps"), ("Pod", 'Pod "a" is invalid', None)],
)
def test_an_invalid_object_is_told_with_its_causes(kind: str, begins: str, group: str | None) -> None:
    """Clients make a sentence of their own of name, kind and causes; others read the message."""
    told = status(errors.Invalid(kind, "a", [FAULT]))
    assert told["message"].startswith(begins)
    assert (told["code"], told["details"]["kind"], told["details"].get("group")) == (422, kind, group)
    (cause,) = told["details"]["causes"]
    assert cause == {"reason": FAULT.kind, "message": FAULT.message, "field": FAULT.field}


def test_wrong_types_are_told_in_the_words_of_the_decoder() -> None:
    """Pages say more clearly what is wrong where; kubectl prints what Kubernetes says."""
    body = status(errors.WrongTypes("clear words", "its own words"))

    assert (body["message"], body["code"]) == ("its own words", 400)
