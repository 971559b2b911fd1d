"""What no honest client sends: bombs, endless nesting, null characters. Each is refused with a Status."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.apiserver.asking import Asker, DoorClient
from tests.clusters import cluster
from tests.manifests.test_untrusted import nested

pytestmark = pytest.mark.django_db

MERGE, STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"
JSON_PATCH, APPLY = "application/json-patch+json", "application/apply-patch+yaml"
NODE = "/api/v1/nodes/node-1"
PODS = "/api/v1/namespaces/default/pods"
REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@pytest.fixture(name="asker")
def _asker() -> Asker:
    return Asker(cluster(nodes=1))


def refused(asker: Asker, method: str, path: str, body: str = "", media: str = "application/json") -> Any:
    """Return code and message of the Status that a request is answered with."""
    answered = DoorClient().generic(method, asker.base + path, body, content_type=media)
    status = json.loads(answered.content)
    assert (status["kind"], status["code"]) == ("Status", answered.status_code), status
    return status["code"], status["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/nodes/%00"),
        ("PUT", "/api/v1/nodes/%00"),
        ("PATCH", "/api/v1/nodes/a%00b"),
        ("DELETE", "/api/v1/nodes/%00"),
        ("POST", "/api/v1/namespaces/%00/pods"),
        ("GET", f"{PODS}/%00/log"),
        ("POST", f"{PODS}/%00/exec?command=ls"),
        ("GET", "/%00"),
        ("GET", f"{PODS}?fieldSelector=metadata.name%3D%00"),
        ("GET", f"{PODS}?labelSelector=a%3D%00"),
        ("GET", f"{PODS}/a/log?container=%00"),
        ("PATCH", f"{NODE}?fieldManager=%00"),
    ],
)
def test_a_null_character_in_an_address_is_a_bad_request(asker: Asker, method: str, path: str) -> None:
    """Whatever the method, and whatever the database would say of it."""
    assert refused(asker, method, path, "{}", MERGE if method == "PATCH" else "application/json") == (
        400,
        "%00 in the address: the null character (U+0000) can be stored nowhere: leave it out",
    )


@pytest.mark.parametrize(
    ("media", "body"),
    [
        (MERGE, {"metadata": {"annotations": {"a": "\0"}}}),
        (STRATEGIC, {"metadata": {"annotations": {"a": "\0"}}}),
        (JSON_PATCH, [{"op": "add", "path": "/metadata/labels/a", "value": "\0"}]),
        (APPLY, {"apiVersion": "v1", "kind": "Node", "metadata": {"annotations": {"\0": "a"}}}),
    ],
)
def test_a_null_character_in_a_patch_is_a_bad_request(asker: Asker, media: str, body: object) -> None:
    """The sentence says where it stands."""
    code, message = refused(asker, "PATCH", f"{NODE}?fieldManager=me", json.dumps(body), media)
    assert (code, "the null character (U+0000)" in message) == (400, True)


@pytest.mark.parametrize("levels", [65, 300, 950, 1100])
@pytest.mark.parametrize("media", [MERGE, STRATEGIC, JSON_PATCH, APPLY])
def test_patches_without_bottom_are_refused(asker: Asker, media: str, levels: int) -> None:
    """With a sentence that says what is wrong, however deep it is."""
    deep = "[" * levels + "]" * levels
    body = f'{{"metadata": {{"annotations": {{"a": {deep}}}}}}}'
    if media == JSON_PATCH:
        body = f'[{{"op": "add", "path": "/metadata/annotations", "value": {deep}}}]'
    code, message = refused(asker, "PATCH", f"{NODE}?fieldManager=me", body, media)
    assert (code, "deep" in message or "depth" in message) == (400, True), message


def test_a_bomb_is_refused_for_whoever_may_only_look(asker: Asker) -> None:
    """Reviews are open to viewers: 500 bytes of YAML would have meant gigabytes of answer."""
    layers = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))
    viewer = Asker(asker.cluster, role="viewer")
    code, message = refused(viewer, "POST", REVIEW, f"a0: &a0 {{x: y}}\n{layers}", "application/yaml")
    assert (code, "aliases included" in message) == (413, True)


def test_a_patch_that_doubles_what_it_copies_is_refused(asker: Asker) -> None:
    """Seventeen operations had made a second's work of 1,300 bytes."""
    label = [{"op": "add", "path": "/metadata/annotations", "value": {"a": "x" * 100}}]
    copies = [
        {"op": "copy", "from": "/metadata/annotations", "path": f"/metadata/annotations/{n}"}
        for n in range(30)
    ]
    code, message = refused(asker, "PATCH", NODE, json.dumps(label + copies), JSON_PATCH)
    assert (code, "can copy" in message) == (400, True)
    assert "annotations" not in asker.ask(NODE)["metadata"]


def test_a_body_may_be_as_deep_as_any_object_is(asker: Asker) -> None:
    """What is refused is far beyond."""
    answered = refused(asker, "POST", "/api/v1/nodes", json.dumps({"spec": nested(60)}))
    assert answered[0] == 400
    assert "deep" not in answered[1]
