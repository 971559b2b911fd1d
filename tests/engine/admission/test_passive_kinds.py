"""Defaults and faults of the kinds that are only kept."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.admission.admit import admit_create, admit_status, admit_update
from controller.engine.errors import Invalid
from controller.engine.objects import Moment
from tests.engine.play import BORN

NOW = Moment(BORN, 0)


def admitted(kind: str, **facts: Any) -> dict[str, Any]:
    """Return a new object of a kind."""
    return admit_create(kind, {"metadata": {"name": "x"}, **facts}, NOW, "uid", "abcde")


def test_a_secret_keeps_plain_text_as_base64() -> None:
    """``stringData`` is written into ``data`` and not kept; a Secret without a type is opaque."""
    made = admitted("Secret", stringData={"a": "hello"}, data={"b": "aGk="})

    assert made["data"] == {"b": "aGk=", "a": "aGVsbG8="}
    assert "stringData" not in made
    assert made["type"] == "Opaque"
    assert "data" not in admitted("Secret")


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        pytest.param("Secret", {"data": {"a b": "aGk="}}, "data[a b]: Invalid value", id="key"),
    ],
)
def test_faults(kind: str, facts: dict[str, Any], said: str) -> None:
    """They are refused with the path of the field, at birth and later."""
    with pytest.raises(Invalid) as born:
        admitted(kind, **facts)
    with pytest.raises(Invalid) as changed:
        admit_update(kind, admitted(kind), {"metadata": {"name": "x"}, **facts})

    assert said in born.value.sentence
    assert said in changed.value.sentence


def test_the_token_of_an_account_says_whose_it_is() -> None:
    """By an annotation."""
    kind = "kubernetes.io/service-account-token"
    with pytest.raises(Invalid) as refused:
        admitted("Secret", type=kind)
    name = "kubernetes.io/service-account.name"
    assert refused.value.sentence.endswith(f"metadata.annotations[{name}]: Required value")
    meta = {"name": "x", "annotations": {name: "robot"}}
    assert admitted("Secret", type=kind, metadata=meta)["type"] == kind


def test_through_the_status_only_the_status_is_written() -> None:
    """Labels and spec stay as they were; an empty status leaves none."""
    old = admitted("Service", spec={"ports": [{"port": 80}]})
    sent = {
        "metadata": {"name": "x", "labels": {"a": "b"}},
        "status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}},
    }
    made = admit_status("Service", old, sent)

    assert made == {**old, "status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}}
    assert "status" not in admit_status("Service", old, {"metadata": {"name": "x"}})
