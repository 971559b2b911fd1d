"""Objects, kinds and errors: what readings of a manifest find, and which sentences faults make."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.errors import (
    AlreadyExists,
    Cause,
    Conflict,
    Invalid,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    NotPaused,
    PageNotFound,
    TooNew,
    Unauthorized,
    UnsupportedMediaType,
)
from controller.engine.kinds import KINDS
from controller.engine.objects import owner_uid
from controller.engine.podparts import pinned_node


def terms(*fields: dict[str, Any]) -> dict[str, Any]:
    """Return a pod spec whose required affinity has one term with these fields."""
    required = {"nodeSelectorTerms": [{"matchFields": list(fields)}]}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}}


@pytest.mark.parametrize(
    ("spec", "node"),
    [
        pytest.param({}, "", id="no affinity"),
        pytest.param(terms(), "", id="a term without fields"),
        pytest.param(terms({"key": "metadata.name", "operator": "In", "values": ["a"]}), "a", id="one name"),
        pytest.param(
            terms({"key": "metadata.name", "operator": "In", "values": ["a", "b"]}), "", id="two names"
        ),
        pytest.param(
            terms({"key": "metadata.name", "operator": "NotIn", "values": ["a"]}), "", id="not a name"
        ),
    ],
)
def test_the_node_that_an_affinity_names(spec: dict[str, Any], node: str) -> None:
    """Only one name under In pins a pod."""
    assert pinned_node(spec) == node


def test_the_owner_is_the_reference_that_controls() -> None:
    """Other references own nothing."""
    assert owner_uid({"ownerReferences": [{"uid": "x"}, {"uid": "y", "controller": True}]}) == "y"
    assert owner_uid({"ownerReferences": [{"uid": "x"}]}) == ""


def test_kinds_name_themselves_as_messages_do() -> None:
    """The core group has no name of its own."""
    assert (KINDS["DaemonSet"].resource, KINDS["DaemonSet"].api_version) == ("daemonsets.apps", "apps/v1")
    assert (KINDS["Node"].resource, KINDS["Node"].api_version) == ("nodes", "v1")
    assert KINDS["DaemonSet"].singular == "daemonset"


def test_subresources_are_found_by_name() -> None:
    """A kind knows what has a path below its objects."""
    found = KINDS["Pod"].subresource("eviction")
    assert found is not None
    assert (found.kind, found.verbs) == ("Eviction", ("create",))
    assert KINDS["Node"].subresource("log") is None


UNREAD = "the body of the request was in an unknown format - accepted media types include: a, b"
OUTRUN = (
    'Operation cannot be fulfilled on nodes "a": the object has been modified; '
    "please apply your changes to the latest version and try again"
)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (NotFound("daemonsets.apps", "x"), 'daemonsets.apps "x" not found'),
        (AlreadyExists("daemonsets.apps", "x"), 'daemonsets.apps "x" already exists'),
        (
            Conflict("nodes", "a"),
            OUTRUN,
        ),
        (PageNotFound(), "the server could not find the requested resource"),
        (Unauthorized(), "Unauthorized"),
        (MethodNotAllowed(), "the server does not allow this method on the requested resource"),
        (NotAcceptable(["a", "b"]), "only the following media types are accepted: a, b"),
        (UnsupportedMediaType(["a", "b"]), UNREAD),
        (NotPaused("a"), "the clock of a was resumed meanwhile: no step was made"),
        (TooNew(9, 5), "Too large resource version: 9, current: 5"),
        (Invalid("Node", "a", [Cause("x", "Y", "bad")]), 'Node "a" is invalid: x: bad'),
        (
            Invalid("Node", "a", [Cause("x", "Y", "bad"), Cause("", "Z", "worse")]),
            'Node "a" is invalid: [x: bad, worse]',
        ),
    ],
    ids=[
        "not found",
        "exists",
        "conflict",
        "no such path",
        "a stranger",
        "no such verb",
        "no form to answer in",
        "no form to read",
        "a step of what is not paused",
        "too new",
        "one fault",
        "two faults",
    ],
)
def test_sentences(error: Any, sentence: str) -> None:
    """The API server's own words, and ours where it has none."""
    assert error.sentence == sentence
