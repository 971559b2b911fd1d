"""The door: who is let in, what is refused and in which words, and what never stands in the way."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from controller import models
from controller.apiserver.call import Call, json_response
from controller.apiserver.handlers import HANDLERS
from controller.manifests.untrusted import MOST_BYTES
from controller.services import tokens
from tests.apiserver.asking import Asker, DoorClient
from tests.clusters import PERSON, cluster, mirrored, row_of

pytestmark = pytest.mark.django_db
FAR = "192.0.2.7"


@pytest.fixture(name="asker")
def _asker() -> Asker:
    return Asker(cluster(nodes=1))


def status(response: Any) -> dict[str, Any]:
    """Return the Status that was answered, having seen that it is one and says the code."""
    answered = json.loads(response.content)
    assert (answered["kind"], answered["status"]) == ("Status", "Failure")
    assert answered["code"] == response.status_code
    return dict(answered)


def secret(asker: Asker) -> str:
    """Return the text of somebody's token."""
    return asker.base.rsplit("/", 1)[1]


def test_a_real_cluster_has_its_own_server(asker: Asker) -> None:
    """Of a mirrored cluster nothing is served: clients are sent to its own API server."""
    asker.ask("/api")
    mirrored(asker.cluster)
    for path in ("/api", "/version", "/api/v1/nodes"):
        answered = status(DoorClient().get(asker.base + path))
        assert answered["code"] == 405
        assert answered["message"] == (
            "tried is a real cluster: its API is not served here, use a kubeconfig of its own server"
        )


def test_clients_are_warned_of_endpoints(asker: Asker) -> None:
    """Whatever they do with them; and it takes the place of no other warning."""
    said = '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"'
    for path in ("endpoints", "endpoints/nowhere"):
        answered = DoorClient().get(f"{asker.base}/api/v1/namespaces/default/{path}")
        assert answered["Warning"] == said
    assert "Warning" not in DoorClient().get(f"{asker.base}/api/v1/namespaces/default/services")


# -------------------------------------------------------------------------------- who is let in
@pytest.mark.parametrize(
    "path", ["/k8s/tried/api", "/k8s/tried/evn-wrong/api", "/k8s/nowhere/api", "/k8s/tried"]
)
def test_strangers_are_unauthorized(asker: Asker, path: str) -> None:
    """Without a token that is known nobody learns even which clusters there are."""
    asker.ask("/api")
    answered = status(DoorClient().get(path))
    assert (answered["code"], answered["reason"], answered["message"]) == (
        401,
        "Unauthorized",
        "Unauthorized",
    )


def test_a_bearer_token_lets_in(asker: Asker) -> None:
    """The same token may come in a header instead of in the path."""
    headers = {"Authorization": f"Bearer {secret(asker)}"}
    assert DoorClient().get("/k8s/tried/api", headers=headers).status_code == 200


def test_a_token_opens_one_cluster(asker: Asker) -> None:
    """A token of one cluster opens no other."""
    cluster("other")
    assert DoorClient().get(f"/k8s/other/{secret(asker)}/api").status_code == 401


def test_a_revoked_token_opens_nothing(asker: Asker) -> None:
    """Revoking takes effect at once."""
    asker.ask("/api")
    held = models.Token.objects.get()
    tokens.token_revoke(user=held.user_id, actor=PERSON, token=held.pk)
    asker.ask("/api", code=401)


def test_the_token_of_someone_locked_out_opens_nothing(asker: Asker) -> None:
    """Whoever may not log in may not use kubectl either."""
    get_user_model().objects.update(is_active=False)
    asker.ask("/api", code=401)


def test_a_token_in_the_path_is_for_this_machine(asker: Asker) -> None:
    """A path can be read on its way, so a secret in it counts from the loopback alone."""
    answered = status(DoorClient(REMOTE_ADDR=FAR).get(f"{asker.base}/api"))
    assert answered["reason"] == "Forbidden"
    assert "Bearer" in answered["message"]


@pytest.mark.parametrize("facts", [{"REMOTE_ADDR": FAR}, {"HTTP_X_FORWARDED_FOR": FAR}, {"REMOTE_ADDR": ""}])
def test_a_bearer_token_from_afar_needs_tls(asker: Asker, facts: dict[str, str]) -> None:
    """In plain text a token is taken from this machine only, and through no proxy."""
    headers = {"Authorization": f"Bearer {secret(asker)}"}
    client = DoorClient(headers=headers, **facts)
    assert status(client.get("/k8s/tried/api"))["message"] == "a Bearer token needs TLS"
    assert client.get("/k8s/tried/api", secure=True).status_code == 200


def test_the_last_use_of_a_token_is_known_roughly(asker: Asker) -> None:
    """The first use is noted, and the next ones only after a while: reading must not mean writing."""
    asker.ask("/api")
    first = models.Token.objects.get().used
    asker.ask("/api")
    assert first is not None
    assert models.Token.objects.get().used == first


# ------------------------------------------------------------------------------ what is refused
@pytest.mark.parametrize(
    ("method", "path", "named", "what", "where"),
    [
        (
            "post",
            "/apis/apps/v1/namespaces/default/daemonsets",
            "daemonsets.apps",
            'create resource "daemonsets" in API group "apps"',
            'in the namespace "default"',
        ),
        (
            "delete",
            "/api/v1/nodes/node-1",
            'nodes "node-1"',
            'delete resource "nodes" in API group ""',
            "at the cluster scope",
        ),
        (
            "delete",
            "/api/v1/namespaces/apart",
            'namespaces "apart"',
            'delete resource "namespaces" in API group ""',
            'in the namespace "apart"',
        ),
        (
            "get",
            "/api/v1/namespaces/default/pods/a/exec",
            'pods "a"',
            'get resource "pods/exec" in API group ""',
            'in the namespace "default"',
        ),
    ],
)
def test_viewers_only_read(method: str, path: str, named: str, what: str, where: str) -> None:
    """The token of a viewer changes nothing, and reaches into no pod."""
    viewer = Asker(cluster(), role="viewer")
    answered = status(getattr(DoorClient(), method)(viewer.base + path))
    assert answered["reason"] == "Forbidden"
    assert answered["message"] == f'{named} is forbidden: User "the-viewer" cannot {what} {where}'
    viewer.ask("/api/v1/namespaces")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/metrics",
        "/api/v2",
        "/api/v1/deployments",
        "/apis/apps",
        "/apis/apps/v1",
        "/apis/apps/v1beta2/daemonsets",
        "/apis/none/v1",
        "/api/v1/pods/a",
        "/api/v1/namespaces/default/nodes",
        "/api/v1/namespaces/default/pods/a/scale",
        "/api/v1/namespaces/default/pods/a/log/b",
    ],
)
def test_other_paths_lead_nowhere(asker: Asker, path: str) -> None:
    """What is not served is not found, in the API server's sentence; a group that is served is."""
    response = DoorClient().get(asker.base + path)
    if path in {"/apis/apps", "/apis/apps/v1"}:
        assert response.status_code == 200
    else:
        answered = status(response)
        assert (answered["reason"], answered["code"]) == ("NotFound", 404)
        assert answered["message"] == "the server could not find the requested resource"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("put", "/api/v1/nodes"),
        ("post", "/api/v1/nodes/node-1"),
        ("post", "/api/v1/pods"),
        ("delete", "/api/v1/namespaces"),
        ("put", "/api/v1/namespaces/default/pods/a/log"),
        ("post", "/version"),
        ("get", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
        ("options", "/api/v1/nodes"),
    ],
)
def test_a_verb_that_does_not_fit_is_refused(asker: Asker, method: str, path: str) -> None:
    """Methods that mean nothing where they are sent are told so."""
    answered = status(getattr(DoorClient(), method)(asker.base + path))
    assert (answered["reason"], answered["code"]) == ("MethodNotAllowed", 405)


def test_an_overlong_body_is_refused(asker: Asker) -> None:
    """More than 3 MiB is too much, as in Kubernetes."""
    path = f"{asker.base}/apis/authentication.k8s.io/v1/selfsubjectreviews"
    response = DoorClient().post(path, b" " * (MOST_BYTES + 1), content_type="application/json")
    assert status(response)["reason"] == "RequestEntityTooLarge"


def test_a_query_without_end_is_refused(asker: Asker) -> None:
    """Django counts the fields of a query, and a client is told so in a Status."""
    answered = status(DoorClient().get(asker.base + "/api/v1/nodes", {f"a{at}": "" for at in range(1001)}))
    assert answered["reason"] == "BadRequest"


def test_what_fails_unforeseen_is_told_with_a_mark(
    asker: Asker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A client gets a Status with a mark under which the log holds the rest, and no word of the inside."""

    def fail(_call: Call) -> Any:
        raise RuntimeError("the inside")

    monkeypatch.setitem(HANDLERS, ("get", ""), fail)
    with caplog.at_level(logging.ERROR):
        answered = status(DoorClient().get(f"{asker.base}/api/v1/nodes/node-1"))
    assert answered["code"] == 500
    assert "inside" not in answered["message"]
    assert answered["message"].rsplit(" ", 1)[1] in caplog.text
    assert secret(asker) not in caplog.text


# ------------------------------------------------------------------------ what is not in the way
def test_the_door_is_clear_of_what_pages_have(asker: Asker) -> None:
    """No login page, no redirect for a slash, no form's token, no cookie: programs have no use of them."""
    client = DoorClient()
    for path in ("/api", "/api/", "/api/v1/nodes", "/api/v1/nodes/"):
        response = client.get(asker.base + path)
        assert response.status_code == 200, path
        assert not response.cookies
    path = f"{asker.base}/apis/authentication.k8s.io/v1/selfsubjectreviews"
    assert client.post(path, "{}", content_type="application/json").status_code == 201


def test_a_call_knows_what_was_asked(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Handlers get cluster, caller, kind, names, query and agent, read once."""
    seen: list[Call] = []

    def see(call: Call) -> Any:
        seen.append(call)
        return json_response(call, {})

    monkeypatch.setitem(HANDLERS, ("get", "log"), see)
    path = f"{asker.base}/api/v1/namespaces/default/pods/a/log?follow=true&tail=3"
    DoorClient(headers={"User-Agent": "kubectl/v1.32.4 (linux/amd64)"}).get(path)
    (call,) = seen
    assert (call.kind.name, call.verb, call.subresource) == ("Pod", "get", "log")
    assert (call.namespace, call.name, call.group, call.version) == ("default", "a", "", "v1")
    assert (call.caller.name, call.caller.role, call.agent) == ("the-operator", "operator", "kubectl")
    assert (call.cluster.pk, call.cluster.name) == (asker.cluster, row_of(asker.cluster).name)
    assert (call.flag("follow"), call.flag("previous"), call.query["tail"]) == (True, False, "3")


def test_only_up_takes_its_own_machine_for_local(asker: Asker, settings: Any) -> None:
    """A proxy that names no client seems to be one, so the address of a request alone opens nothing."""
    settings.EVERYNODE_LOCAL = False
    assert "only for this machine" in asker.ask("/api", code=403)["message"]
    bearer = {"Authorization": f"Bearer {secret(asker)}"}
    assert DoorClient().get("/k8s/tried/api", headers=bearer).status_code == 403
    assert DoorClient().get("/k8s/tried/api", headers=bearer, secure=True).status_code == 200
