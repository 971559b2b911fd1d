"""What clients write through the door: answers, conditions, dry runs, owners of fields, deletions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from controller import models
from controller.services import workloads
from controller.store import rows
from tests.apiserver.asking import Asker, DoorClient
from tests.clusters import audited, cluster, row_of, settle

pytestmark = pytest.mark.django_db(transaction=True)
NODES = "/api/v1/nodes"
SETS = "/apis/apps/v1/namespaces/default/daemonsets"
PODS = "/api/v1/namespaces/default/pods"
MERGE, STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"
JSON_PATCH, APPLY = "application/json-patch+json", "application/apply-patch+yaml"
AGENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "DaemonSet",
    "metadata": {"name": "agent", "labels": {"team": "a"}},
    "spec": {
        "selector": {"matchLabels": {"app": "agent"}},
        "template": {
            "metadata": {"labels": {"app": "agent"}},
            "spec": {"containers": [{"name": "main", "image": "agent:1"}]},
        },
    },
}


class Writer(Asker):
    """A client that writes."""

    def send(
        self, method: str, path: str, body: Any = None, *, media: str = "application/json", code: int = 200
    ) -> Any:
        """Return what a write answers, as JSON; fail if its code is another."""
        self.warning = ""
        text = body if isinstance(body, str) else json.dumps(body) if body is not None else ""
        headers = {"User-Agent": "kubectl/v1.32"}
        answered = DoorClient().generic(method, self.base + path, text, content_type=media, headers=headers)
        assert answered.status_code == code, answered.content
        self.warning = answered.headers.get("Warning", "")
        return json.loads(answered.content)


@pytest.fixture(name="writer")
def _writer() -> Writer:
    return Writer(cluster(nodes=1))


def test_a_created_object_comes_back_as_it_is_stored(writer: Writer) -> None:
    """With its defaults, its number, and the client as the owner of what it sent."""
    made = writer.send("POST", SETS, AGENT, code=201)

    assert made["metadata"]["resourceVersion"] == str(row_of(writer.cluster).number)
    assert made["spec"]["updateStrategy"]["type"] == "RollingUpdate"
    (entry,) = made["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"]) == ("kubectl", "Update")
    assert writer.ask(f"{SETS}/agent") == made


def test_a_generated_name(writer: Writer) -> None:
    """``generateName`` is completed by five characters."""
    made = writer.send(
        "POST",
        PODS,
        {"metadata": {"generateName": "x-"}, "spec": {"containers": [{"name": "a", "image": "b"}]}},
        code=201,
    )
    assert len(made["metadata"]["name"]) == len("x-") + 5


def test_a_dry_run_changes_nothing(writer: Writer) -> None:
    """It answers as if it had been done: no row, no number, no audit entry."""
    before, entries = row_of(writer.cluster).number, models.AuditEntry.objects.count()
    made = writer.send("POST", f"{SETS}?dryRun=All", AGENT, code=201)

    assert made["metadata"]["uid"]
    assert row_of(writer.cluster).number == before
    assert models.AuditEntry.objects.count() == entries
    writer.ask(f"{SETS}/agent", code=404)
    writer.send("POST", f"{SETS}?dryRun=Some", AGENT, code=400)


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("/agent", {"dryRun": ["All"]}),
        ("/agent?dryRun=All", {}),
        ("", {"dryRun": ["All"]}),
        ("?dryRun=All", {}),
    ],
)
def test_a_dry_run_of_a_deletion_deletes_nothing(writer: Writer, path: str, options: dict[str, Any]) -> None:
    """Kubectl says so in the body, others in the address; of one object or of all that are chosen."""
    writer.send("POST", SETS, AGENT, code=201)

    writer.send("DELETE", f"{SETS}{path}", {"propagationPolicy": "Background", **options})
    assert "deletionTimestamp" not in writer.ask(f"{SETS}/agent")["metadata"]
    writer.send("DELETE", f"{SETS}/agent", {"dryRun": ["Some"]}, code=400)


def test_a_dry_run_gives_no_number(writer: Writer) -> None:
    """What was not written has no resourceVersion; what stands keeps its own, so a diff does not show it."""
    dry = writer.send("POST", f"{SETS}?dryRun=All", AGENT, code=201)
    made = writer.send("POST", SETS, AGENT, code=201)["metadata"]
    label = {"metadata": {"labels": {"team": "b"}}}
    patched = writer.send("PATCH", f"{SETS}/agent?dryRun=All", label, media=MERGE)["metadata"]
    wanted = f"{SETS}/agent?dryRun=All&fieldManager=robot&force=true"
    applied = writer.send("PATCH", wanted, AGENT, media=APPLY)["metadata"]

    assert "resourceVersion" not in dry["metadata"]
    assert patched["labels"] == {"team": "b"}
    assert {patched["resourceVersion"], applied["resourceVersion"]} == {made["resourceVersion"]}


def test_a_patch_that_does_not_fit_is_refused_in_the_words_of_kubernetes(writer: Writer) -> None:
    """The API server tells no more of it than that."""
    writer.send("POST", SETS, AGENT, code=201)
    patch = [{"op": "replace", "path": "/spec/nope/x", "value": 1}]
    answered = writer.send("PATCH", f"{SETS}/agent", patch, media=JSON_PATCH, code=422)

    assert answered["message"] == "the server rejected our request due to an error in our request"
    assert answered["details"] == {}


@pytest.mark.parametrize(
    ("asked", "code", "warning"),
    [("Strict", 400, ""), ("Warn", 201, '299 - "unknown field \\"spec.replicas\\""'), ("Ignore", 201, "")],
)
def test_unknown_fields(writer: Writer, asked: str, code: int, warning: str) -> None:
    """They are refused, told or dropped, as the client asks."""
    odd = {**AGENT, "spec": {**AGENT["spec"], "replicas": 2}}
    answered = writer.send("POST", f"{SETS}?fieldValidation={asked}", odd, code=code)

    assert writer.warning == warning
    if code == 400:
        assert 'strict decoding error: unknown field "spec.replicas"' in answered["message"]
    else:
        assert "replicas" not in answered["spec"]


def test_a_warning_is_a_header_that_servers_send(writer: Writer) -> None:
    """Control characters of a field's name would end the connection without an answer."""
    odd = {**AGENT, "spec": {**AGENT["spec"], "a\x01b\tc\nd\x7f": 2}}
    writer.send("POST", f"{SETS}?fieldValidation=Warn", odd, code=201)

    assert "unknown field" in writer.warning
    assert writer.warning.isprintable()


def test_a_revision_that_names_no_number_has_none(writer: Writer) -> None:
    """As in Kubernetes it is 0, also if it is applied."""
    revisions = "/apis/apps/v1/namespaces/default/controllerrevisions"
    bare = {"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": {"name": "x"}, "data": {}}
    made = writer.send("PATCH", f"{revisions}/x?fieldManager=w", bare, media=APPLY, code=201)

    assert made["revision"] == 0


def test_a_put_without_a_version_is_unconditional(writer: Writer) -> None:
    """With a version that is no longer the newest it is a conflict, and nothing changes."""
    first = writer.send("POST", SETS, AGENT, code=201)
    writer.send("PUT", f"{SETS}/agent", {**AGENT, "metadata": {"name": "agent", "labels": {"team": "b"}}})
    stale = {**first, "metadata": {**first["metadata"], "labels": {"team": "c"}}}
    refused = writer.send("PUT", f"{SETS}/agent", stale, code=409)

    assert refused["reason"] == "Conflict"
    assert writer.ask(f"{SETS}/agent")["metadata"]["labels"] == {"team": "b"}


@pytest.mark.parametrize(
    ("media", "body"),
    [
        (MERGE, {"metadata": {"labels": {"team": None, "x": "y"}}}),
        (STRATEGIC, {"metadata": {"labels": {"$patch": "replace", "x": "y"}}}),
        (
            JSON_PATCH,
            [
                {"op": "remove", "path": "/metadata/labels/team"},
                {"op": "add", "path": "/metadata/labels/x", "value": "y"},
            ],
        ),
        (APPLY, "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent, labels: {x: 'y'}}"),
    ],
    ids=["merge", "strategic", "json", "apply"],
)
def test_the_four_patches(writer: Writer, media: str, body: Any) -> None:
    """Each changes what it names; the generation counts only changes of the spec."""
    writer.send("POST", SETS, AGENT, code=201)
    changed = writer.send("PATCH", f"{SETS}/agent?fieldManager=robot", body, media=media)

    assert changed["metadata"]["labels"] == ({"team": "a", "x": "y"} if media == APPLY else {"x": "y"})
    assert changed["metadata"]["generation"] == 1
    assert "robot" in [entry["manager"] for entry in changed["metadata"]["managedFields"]]


@pytest.mark.parametrize(
    ("media", "body", "code"),
    [
        ("text/plain", "x", 415),
        (MERGE, "{", 400),
        (MERGE, "[]", 422),
        (MERGE, {"metadata": {"name": "other"}}, 400),
        (MERGE, {"metadata": {"resourceVersion": "1"}}, 409),
        (MERGE, {"metadata": {"uid": "other"}}, 409),
        (MERGE, {"spec": {"minReadySeconds": "x"}}, 400),
        (MERGE, {"spec": {"selector": {"matchLabels": {"app": "z"}}}}, 422),
        (STRATEGIC, {"$patch": "explode"}, 400),
        (JSON_PATCH, [{"op": "test", "path": "/metadata/name", "value": "z"}], 422),
        (APPLY, "x: [", 400),
    ],
)
def test_patches_that_are_refused_change_nothing(writer: Writer, media: str, body: Any, code: int) -> None:
    """The answer is a Status, and the object stays as it was."""
    first = writer.send("POST", SETS, AGENT, code=201)
    refused = writer.send("PATCH", f"{SETS}/agent?fieldManager=robot", body, media=media, code=code)

    assert refused["kind"] == "Status"
    assert writer.ask(f"{SETS}/agent") == first


def test_apply_creates_what_is_not_there_and_needs_a_manager(writer: Writer) -> None:
    """Without the name of a manager nobody would own the fields."""
    writer.send("PATCH", f"{SETS}/agent", json.dumps(AGENT), media=APPLY, code=400)
    writer.send("PATCH", f"{SETS}/agent?fieldManager=robot", json.dumps(AGENT), media=APPLY, code=201)
    other = {**AGENT, "metadata": {"name": "agent", "labels": {"team": "b"}}}
    refused = writer.send(
        "PATCH", f"{SETS}/agent?fieldManager=human", json.dumps(other), media=APPLY, code=409
    )
    assert refused["details"]["causes"] == [
        {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "robot"',
            "field": ".metadata.labels.team",
        }
    ]
    forced = writer.send(
        "PATCH", f"{SETS}/agent?fieldManager=human&force=true", json.dumps(other), media=APPLY
    )
    assert forced["metadata"]["labels"] == {"team": "b"}


def test_the_place_in_the_body_must_be_that_of_the_path(writer: Writer) -> None:
    """Another namespace, name or kind is refused."""
    for odd in (
        {**AGENT, "metadata": {"name": "agent", "namespace": "kube-system"}},
        {**AGENT, "kind": "Pod"},
        {**AGENT, "apiVersion": "apps/v1beta1"},
    ):
        writer.send("POST", SETS, odd, code=400)
    writer.send("POST", SETS, AGENT, code=201)
    writer.send("PUT", f"{SETS}/agent", {**AGENT, "metadata": {"name": "other"}}, code=400)


def test_through_the_status_only_the_status_is_written(writer: Writer) -> None:
    """Also by a patch, and also without a version."""
    patch = {"metadata": {"labels": {"x": "y"}}, "status": {"capacity": {"cpu": "8"}}}
    changed = writer.send("PATCH", f"{NODES}/node-1/status", patch, media=MERGE)

    assert changed["status"]["capacity"]["cpu"] == "8"
    assert "x" not in changed["metadata"].get("labels", {})


def pod_of(writer: Writer) -> str:
    """Create a set and return the name of its one pod, which runs."""
    writer.send("POST", SETS, AGENT, code=201)
    settle(writer.cluster)
    (pod,) = writer.ask(PODS)["items"]
    return str(pod["metadata"]["name"])


def test_a_pod_takes_its_time_to_go_unless_it_has_none(writer: Writer) -> None:
    """The answer is the pod while it terminates; with a grace of 0 it is gone at once."""
    name = pod_of(writer)
    leaving = writer.send("DELETE", f"{PODS}/{name}", {"gracePeriodSeconds": 7})
    assert leaving["metadata"]["deletionGracePeriodSeconds"] == 7

    gone = writer.send("DELETE", f"{PODS}/{name}?gracePeriodSeconds=0")
    assert (gone["kind"], gone["metadata"]["name"]) == ("Pod", name)
    writer.ask(f"{PODS}/{name}", code=404)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"preconditions": {"uid": "other"}}, 409),
        ({"preconditions": {"resourceVersion": "1"}}, 409),
        ({"propagationPolicy": "Sideways"}, 400),
        ({"gracePeriodSeconds": -1}, 400),
        ({"gracePeriodSeconds": "soon"}, 400),
        ({"preconditions": 7}, 400),
        ([], 400),
    ],
)
def test_conditions_and_options_of_a_deletion(writer: Writer, options: Any, code: int) -> None:
    """What does not hold or cannot be read deletes nothing."""
    writer.send("POST", SETS, AGENT, code=201)
    writer.send("DELETE", f"{SETS}/agent", options, code=code)
    writer.ask(f"{SETS}/agent")


@pytest.mark.parametrize(
    "options",
    [{"propagationPolicy": "Orphan"}, {"orphanDependents": True}],
)
def test_orphans_stay(writer: Writer, options: dict[str, Any]) -> None:
    """The set waits with a finalizer until its pods are let go."""
    pod_of(writer)
    held = writer.send("DELETE", f"{SETS}/agent", options)
    assert held["metadata"]["finalizers"] == ["orphan"]
    settle(writer.cluster)
    writer.ask(f"{SETS}/agent", code=404)
    assert len(writer.ask(PODS)["items"]) == 1


def test_a_deleted_collection_is_empty_in_the_next_list(writer: Writer) -> None:
    """Only what the selector chooses goes."""
    for name, team in (("a", "x"), ("b", "x"), ("c", "y")):
        writer.send(
            "POST",
            "/api/v1/namespaces/default/configmaps",
            {"metadata": {"name": name, "labels": {"team": team}}},
            code=201,
        )
    gone = writer.send("DELETE", "/api/v1/namespaces/default/configmaps?labelSelector=team%3Dx")

    assert [item["metadata"]["name"] for item in gone["items"]] == ["a", "b"]
    left = writer.ask("/api/v1/namespaces/default/configmaps")["items"]
    assert [item["metadata"]["name"] for item in left] == ["c", "kube-root-ca.crt"]


def test_finalizers_hold_an_object(writer: Writer) -> None:
    """It goes when the last one is taken away."""
    path = "/api/v1/namespaces/default/configmaps"
    writer.send("POST", path, {"metadata": {"name": "held", "finalizers": ["example.com/x"]}}, code=201)
    held = writer.send("DELETE", f"{path}/held")
    assert held["metadata"]["deletionTimestamp"]
    writer.send("DELETE", f"{path}/held")
    writer.send("PATCH", f"{path}/held", {"metadata": {"finalizers": None}}, media=MERGE, code=200)
    writer.ask(f"{path}/held", code=404)


def test_eviction_and_binding(writer: Writer) -> None:
    """Drain deletes through eviction; a binding gives a pod its node once."""
    name = pod_of(writer)
    evicted = writer.send("POST", f"{PODS}/{name}/eviction", {"metadata": {"name": name}}, code=201)
    assert evicted["status"] == "Success"
    assert "deletionTimestamp" in writer.ask(f"{PODS}/{name}")["metadata"]

    bare = {
        "metadata": {"name": "bare"},
        "spec": {"containers": [{"name": "a", "image": "b"}], "nodeSelector": {"no": "where"}},
    }
    writer.send("POST", PODS, bare, code=201)
    writer.send("POST", f"{PODS}/bare/binding", {"target": {"name": "nowhere"}}, code=404)
    writer.send("POST", f"{PODS}/bare/binding", {"target": {}}, code=400)
    writer.send("POST", f"{PODS}/bare/binding", {"target": {"name": "node-1"}}, code=201)
    assert writer.ask(f"{PODS}/bare")["spec"]["nodeName"] == "node-1"
    writer.send("POST", f"{PODS}/bare/binding", {"target": {"name": "node-1"}}, code=409)


def test_a_disruption_budget_holds_a_pod(writer: Writer) -> None:
    """An eviction that it does not allow is refused, and may be tried again; a trial run evicts nobody."""
    name = pod_of(writer)
    eviction = {"metadata": {"name": name}, "deleteOptions": {"dryRun": ["All"]}}
    writer.send("POST", f"{PODS}/{name}/eviction", eviction, code=201)
    assert "deletionTimestamp" not in writer.ask(f"{PODS}/{name}")["metadata"]
    labels = writer.ask(f"{PODS}/{name}")["metadata"]["labels"]
    budget = {"metadata": {"name": "all"}, "spec": {"selector": {"matchLabels": {"app": labels["app"]}}}}
    budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
    writer.send("POST", budgets, budget, code=201)
    refused = writer.send("POST", f"{PODS}/{name}/eviction", {"metadata": {"name": name}}, code=429)
    assert refused["reason"] == "TooManyRequests"
    assert refused["message"] == "Cannot evict pod as it would violate the pod's disruption budget."
    assert refused["details"]["causes"][0]["reason"] == "DisruptionBudget"
    budget["metadata"] = {"name": "again"}
    writer.send("POST", budgets, budget, code=201)
    refused = writer.send("POST", f"{PODS}/{name}/eviction", {"metadata": {"name": name}}, code=500)
    assert refused["reason"] == "InternalError"


def test_the_audit_list_says_who_did_what_with_which_program(writer: Writer) -> None:
    """A change by kubectl is attributed like one from a page."""
    writer.send("POST", SETS, AGENT, code=201)
    writer.send("PATCH", f"{SETS}/agent", {"metadata": {"labels": {"x": "y"}}}, media=MERGE)
    entry = models.AuditEntry.objects.latest("id")

    assert entry.actor == "the-operator"
    assert audited()[-1] == "Edited DaemonSet default/agent with kubectl: metadata.labels.x=y"


def test_a_namespace_is_furnished_and_emptied(writer: Writer) -> None:
    """It is born with its account and root certificates, and takes everything with it."""
    writer.send("POST", "/api/v1/namespaces", {"metadata": {"name": "tried"}}, code=201)
    assert [
        i["metadata"]["name"] for i in writer.ask("/api/v1/namespaces/tried/serviceaccounts")["items"]
    ] == ["default"]
    assert [i["metadata"]["name"] for i in writer.ask("/api/v1/namespaces/tried/configmaps")["items"]] == [
        "kube-root-ca.crt"
    ]
    writer.send("DELETE", "/api/v1/namespaces/tried")
    settle(writer.cluster)
    writer.ask("/api/v1/namespaces/tried", code=404)
    assert rows.find(writer.cluster, ("ConfigMap", "tried", "kube-root-ca.crt")) is None


def test_a_page_that_edits_an_object_of_clients_takes_over_what_it_changes(writer: Writer) -> None:
    """Fields that have owners keep having them, whoever writes."""
    writer.send("PATCH", f"{SETS}/agent?fieldManager=robot", json.dumps(AGENT), media=APPLY, code=201)
    workloads.workload_image(
        kind="DaemonSet",
        cluster=writer.cluster,
        actor="ada",
        namespace="default",
        name="agent",
        container="main",
        image="agent:2",
    )
    owners = {
        e["manager"]: str(e["fieldsV1"]) for e in writer.ask(f"{SETS}/agent")["metadata"]["managedFields"]
    }

    assert "f:image" in owners["everynode"]
    assert "f:image" not in owners["robot"]
