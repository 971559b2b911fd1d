"""What the newest official Python client does with a cluster: run by pytest in the clients' own environment.

It checks every answer against its models, so a field of a wrong type or a missing one raises.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from kubernetes import client, config, dynamic, informer, watch
from kubernetes.stream import stream

NAMESPACE = config.list_kube_config_contexts()[1]["context"]["namespace"]
LABELS = {"app": "web"}
SECONDS = 20
STRATEGIC, MERGE, JSON, APPLY = (
    f"application/{name}"
    for name in ("strategic-merge-patch+json", "merge-patch+json", "json-patch+json", "apply-patch+yaml")
)


def until(condition: Callable[[], Any], within: float = SECONDS) -> Any:
    """Return what ``condition()`` returns as soon as it is true."""
    ending = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < ending, "it did not come true in time"
        time.sleep(0.05)
    return found


def daemon_set(name: str) -> dict[str, Any]:
    """Return a set that runs everywhere and prints."""
    pod = {"containers": [{"name": "main", "image": "nginx:1.25", "ports": [{"containerPort": 80}]}]}
    labels = {**LABELS, "set": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def pod(name: str) -> dict[str, Any]:
    """Return a pod whose container runs until it is killed."""
    spec = {"containers": [{"name": "main", "image": "busybox", "command": ["sleep", "1000"]}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


@pytest.fixture(name="api", scope="module")
def _api() -> Iterator[client.ApiClient]:
    with config.new_client_from_config() as made:
        yield made


@pytest.fixture(name="core", scope="module")
def _core(api: client.ApiClient) -> client.CoreV1Api:
    return client.CoreV1Api(api)


@pytest.fixture(name="apps", scope="module")
def _apps(api: client.ApiClient) -> client.AppsV1Api:
    return client.AppsV1Api(api)


@pytest.fixture(name="web", scope="module")
def _web(apps: client.AppsV1Api, core: client.CoreV1Api) -> list[Any]:
    """Create a set and return its pods once all are ready."""
    made = apps.create_namespaced_daemon_set(NAMESPACE, daemon_set("web"))
    assert made.metadata.generation == 1
    until(lambda: apps.read_namespaced_daemon_set_status("web", NAMESPACE).status.number_ready == 3)
    return list(core.list_namespaced_pod(NAMESPACE, label_selector="set=web").items)


# ------------------------------------------------------------------------------------------- reading
def test_every_kind_is_read_into_its_model(api: client.ApiClient, web: list[Any]) -> None:
    """Whatever a cluster holds after a rollout.

    But for events by events.k8s.io: their eventTime is null, in a real cluster too, and the client raises.
    """
    assert web
    core, apps = client.CoreV1Api(api), client.AppsV1Api(api)
    lists = [
        core.list_node,
        core.list_namespace,
        core.list_event_for_all_namespaces,
        core.list_service_account_for_all_namespaces,
        core.list_config_map_for_all_namespaces,
        core.list_service_for_all_namespaces,
        core.list_pod_for_all_namespaces,
        apps.list_daemon_set_for_all_namespaces,
        apps.list_controller_revision_for_all_namespaces,
        client.CoordinationV1Api(api).list_lease_for_all_namespaces,
    ]
    for listed in lists:
        assert listed().items, listed.__name__
    for listed in (core.list_secret_for_all_namespaces, core.list_persistent_volume):
        assert listed().metadata.resource_version


def test_discovery_and_versions_are_read(api: client.ApiClient) -> None:
    """Groups, their resources, and the version of the server."""
    assert client.VersionApi(api).get_code().git_version.startswith("v1.")
    assert "apps" in {group.name for group in client.ApisApi(api).get_api_versions().groups}
    resources = client.AppsV1Api(api).get_api_resources().resources
    assert {"daemonsets", "daemonsets/status"} <= {resource.name for resource in resources}


@pytest.mark.parametrize(
    ("selector", "count"),
    [
        ("spec.nodeName=node-1", 1),
        ("spec.nodeName!=node-1", 2),
        ("status.phase=Running", 3),
        ("status.phase!=Running", 0),
        ("metadata.name=no", 0),
    ],
)
def test_pods_are_selected_by_fields(
    core: client.CoreV1Api, web: list[Any], selector: str, count: int
) -> None:
    """As an agent on a node asks for its own pods."""
    assert len(web) == 3
    found = core.list_namespaced_pod(NAMESPACE, field_selector=selector, label_selector="set=web")
    assert len(found.items) == count


def test_a_list_goes_on_from_page_to_page(core: client.CoreV1Api) -> None:
    """With what remains told."""
    first = core.list_node(limit=2)
    assert (len(first.items), first.metadata.remaining_item_count) == (2, 1)
    rest = core.list_node(limit=2, _continue=first.metadata._continue)
    assert (len(rest.items), rest.metadata._continue or "") == (1, "")


# ------------------------------------------------------------------------------------------ watching
def test_a_watch_tells_what_happens_after_a_list(core: client.CoreV1Api) -> None:
    """In its order, once each, as models."""
    version = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
    meta = {"name": "watched", "labels": {"watched": "yes"}}
    core.create_namespaced_config_map(NAMESPACE, {"metadata": meta, "data": {"a": "1"}})
    core.patch_namespaced_config_map("watched", NAMESPACE, {"data": {"a": "2"}})
    core.delete_namespaced_config_map("watched", NAMESPACE)
    asked = {"resource_version": version, "label_selector": "watched=yes", "timeout_seconds": 5}
    told = []
    for event in watch.Watch().stream(core.list_namespaced_config_map, NAMESPACE, **asked):
        told.append((event["type"], event["object"].data["a"]))
        if event["type"] == "DELETED":
            break
    assert told == [("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")]


def test_a_watch_from_a_version_that_is_not_kept_says_gone(core: client.CoreV1Api) -> None:
    """An informer then lists anew; one from the future is a fault of another kind."""
    with pytest.raises(client.ApiException) as future:
        list(watch.Watch().stream(core.list_node, resource_version="99999999", timeout_seconds=1))
    assert future.value.status in {410, 504}


def test_an_informer_follows(core: client.CoreV1Api) -> None:
    """The client's own loop of list and watch keeps a store that is right."""
    follower = informer.SharedInformer(core.list_namespaced_config_map, namespace=NAMESPACE)
    seen: list[str] = []
    follower.add_event_handler("ADDED", lambda made: seen.append(made.metadata.name))
    follower.start()
    try:
        until(lambda: "kube-root-ca.crt" in seen)
        core.create_namespaced_config_map(NAMESPACE, {"metadata": {"name": "followed"}})
        until(lambda: "followed" in seen)
    finally:
        core.delete_namespaced_config_map("followed", NAMESPACE)
        follower.stop()


# ------------------------------------------------------------------------------------------- writing
@pytest.mark.parametrize(
    ("media", "body", "left"),
    [
        (STRATEGIC, {"secrets": [{"name": "b"}]}, {"a", "b"}),
        (MERGE, {"secrets": [{"name": "b"}]}, {"b"}),
        (JSON, [{"op": "replace", "path": "/secrets/0", "value": {"name": "c"}}], {"c"}),
    ],
)
def test_patches_of_every_type(core: client.CoreV1Api, media: str, body: Any, left: set[str]) -> None:
    """The type that is named is the one that is carried out: only a strategic one merges by key."""
    core.create_namespaced_service_account(
        NAMESPACE, {"metadata": {"name": "patched"}, "secrets": [{"name": "a"}]}
    )
    patched = core.patch_namespaced_service_account("patched", NAMESPACE, body, _content_type=media)
    assert {secret.name for secret in patched.secrets} == left
    core.delete_namespaced_service_account("patched", NAMESPACE)


def test_a_server_side_apply_and_its_conflict(apps: client.AppsV1Api) -> None:
    """Two managers of one field: the second is refused, unless it insists."""
    wanted = daemon_set("applied")

    def applied(by: str, **more: Any) -> Any:
        return apps.patch_namespaced_daemon_set(
            "applied", NAMESPACE, wanted, _content_type=APPLY, field_manager=by, **more
        )

    assert applied("first").metadata.managed_fields[0].operation == "Apply"
    wanted["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx:1.26"
    with pytest.raises(client.ApiException) as refused:
        applied("second")
    assert refused.value.status == 409
    assert 'conflict with "first"' in json.loads(refused.value.body)["message"]
    forced = applied("second", force=True)
    assert forced.spec.template.spec.containers[0].image == "nginx:1.26"
    apps.delete_namespaced_daemon_set("applied", NAMESPACE)


def test_a_dry_run_leaves_nothing(apps: client.AppsV1Api) -> None:
    """Neither a creation nor a deletion."""
    made = apps.create_namespaced_daemon_set(NAMESPACE, daemon_set("dry"), dry_run="All")
    assert made.metadata.uid
    with pytest.raises(client.ApiException) as missing:
        apps.read_namespaced_daemon_set("dry", NAMESPACE)
    assert missing.value.status == 404


def test_an_update_with_an_old_version_is_a_conflict(core: client.CoreV1Api) -> None:
    """Read, changed by somebody else, replaced."""
    core.create_namespaced_config_map(NAMESPACE, {"metadata": {"name": "held"}, "data": {"a": "1"}})
    held = core.read_namespaced_config_map("held", NAMESPACE)
    core.patch_namespaced_config_map("held", NAMESPACE, {"data": {"a": "2"}})
    with pytest.raises(client.ApiException) as conflict:
        core.replace_namespaced_config_map("held", NAMESPACE, held)
    assert (conflict.value.status, json.loads(conflict.value.body)["reason"]) == (409, "Conflict")
    core.delete_namespaced_config_map("held", NAMESPACE)


def test_deletions_are_read_into_what_the_client_expects(
    core: client.CoreV1Api, apps: client.AppsV1Api
) -> None:
    """Of some kinds the object itself, of others a Status: it raised over the wrong one."""
    core.create_namespaced_pod(NAMESPACE, pod("deleted"))
    assert core.delete_namespaced_pod("deleted", NAMESPACE, grace_period_seconds=0).metadata.name == "deleted"
    core.create_namespaced_service_account(NAMESPACE, {"metadata": {"name": "deleted"}})
    assert core.delete_namespaced_service_account("deleted", NAMESPACE).metadata.name == "deleted"
    core.create_namespaced_service(
        NAMESPACE, {"metadata": {"name": "deleted"}, "spec": {"ports": [{"port": 80}]}}
    )
    assert core.delete_namespaced_service("deleted", NAMESPACE).metadata.name == "deleted"
    core.create_namespaced_config_map(NAMESPACE, {"metadata": {"name": "deleted"}})
    status = core.delete_namespaced_config_map("deleted", NAMESPACE)
    assert (status["status"], status["details"]["kind"]) == ("Success", "configmaps")
    apps.create_namespaced_daemon_set(NAMESPACE, daemon_set("deleted"))
    options = client.V1DeleteOptions(propagation_policy="Foreground")
    apps.delete_namespaced_daemon_set("deleted", NAMESPACE, body=options)
    selected = {"label_selector": "set=deleted"}
    until(lambda: not apps.list_namespaced_daemon_set(NAMESPACE, **selected).items)
    assert not core.list_namespaced_pod(NAMESPACE, **selected).items
    core.create_namespace({"metadata": {"name": "deleted"}})
    core.delete_namespace("deleted")
    assert apps.delete_collection_namespaced_daemon_set(NAMESPACE, **selected) is not None


def test_an_eviction_and_a_cordon(core: client.CoreV1Api) -> None:
    """What a drain is made of."""
    assert core.patch_node("node-3", {"spec": {"unschedulable": True}}).spec.unschedulable
    core.create_namespaced_pod(NAMESPACE, {**pod("evicted")})
    body = client.V1Eviction(metadata=client.V1ObjectMeta(name="evicted", namespace=NAMESPACE))
    core.create_namespaced_pod_eviction("evicted", NAMESPACE, body)
    core.patch_node("node-3", {"spec": {"unschedulable": None}})


def test_a_status_is_a_part_of_its_own(core: client.CoreV1Api) -> None:
    """Conditions are patched by their type, as a node problem detector does."""
    now = datetime.now(UTC)
    condition = {"type": "Flaky", "status": "True", "reason": "Test", "message": "m"}
    stamped = {**condition, "lastHeartbeatTime": now.isoformat(), "lastTransitionTime": now.isoformat()}
    patched = core.patch_node_status("node-2", {"status": {"conditions": [stamped]}})
    assert "Flaky" in {one.type for one in patched.status.conditions}
    assert "Ready" in {one.type for one in patched.status.conditions}


# ---------------------------------------------------------------------------------- leases and events
def test_a_lease_is_taken_and_renewed(api: client.ApiClient) -> None:
    """As leaders are elected: times of microseconds, and a conflict for who comes late."""
    leases = client.CoordinationV1Api(api)
    spec = client.V1LeaseSpec(
        holder_identity="one", lease_duration_seconds=15, acquire_time=datetime.now(UTC), lease_transitions=0
    )
    held = client.V1Lease(metadata=client.V1ObjectMeta(name="leader"), spec=spec)
    first = leases.create_namespaced_lease(NAMESPACE, held)
    assert first.spec.acquire_time.microsecond
    late = leases.read_namespaced_lease("leader", NAMESPACE)
    first.spec.renew_time = datetime.now(UTC)
    assert leases.replace_namespaced_lease("leader", NAMESPACE, first).spec.renew_time
    with pytest.raises(client.ApiException) as conflict:
        leases.replace_namespaced_lease("leader", NAMESPACE, late)
    assert conflict.value.status == 409
    assert leases.delete_namespaced_lease("leader", NAMESPACE)["status"] == "Success"


def test_an_event_of_either_group_is_one_event(api: client.ApiClient, core: client.CoreV1Api) -> None:
    """Written by the new recorder, read by both, and its series patched."""
    events = client.EventsV1Api(api)
    regarding = {"kind": "Node", "name": "node-1", "namespace": NAMESPACE}
    made = events.create_namespaced_event(
        NAMESPACE,
        {
            "metadata": {"name": "told"},
            "eventTime": datetime.now(UTC).isoformat(),
            "reportingController": "example.com/python",
            "reportingInstance": "one",
            "action": "Told",
            "reason": "Told",
            "note": "something happened",
            "type": "Normal",
            "regarding": regarding,
        },
    )
    assert made.note == "something happened"
    series = {"count": 2, "lastObservedTime": datetime.now(UTC).isoformat()}
    assert events.patch_namespaced_event("told", NAMESPACE, {"series": series}).series.count == 2
    old = core.read_namespaced_event("told", NAMESPACE)
    assert (old.message, old.involved_object.name, old.series.count) == ("something happened", "node-1", 2)


# ------------------------------------------------------------------------------------- into containers
def test_a_program_runs_in_a_container(core: client.CoreV1Api, web: list[Any]) -> None:
    """Its output, its errors, what is typed, and how it ended."""
    name = web[0].metadata.name
    call = core.connect_get_namespaced_pod_exec
    asked = {"stderr": True, "stdout": True, "tty": False}
    assert stream(call, name, NAMESPACE, command=["hostname"], stdin=False, **asked) == f"{name}\n"
    command = ["sh", "-c", "echo bad >&2; exit 3"]
    running = stream(call, name, NAMESPACE, command=command, stdin=False, _preload_content=False, **asked)
    running.run_forever(timeout=SECONDS)
    assert (running.read_stdout(), running.read_stderr(), running.returncode) == ("", "bad\n", 3)
    typing = stream(call, name, NAMESPACE, command=["cat"], stdin=True, _preload_content=False, **asked)
    typing.write_stdin("this\n")
    assert typing.readline_stdout(timeout=SECONDS) == "this"
    typing.close()


def test_logs_are_read_and_followed(core: client.CoreV1Api) -> None:
    """The tail at once; what comes while it runs, line by line, to its end."""
    command = ["sh", "-c", "echo one; sleep 1; echo two"]
    spec = {
        "restartPolicy": "Never",
        "containers": [{"name": "main", "image": "busybox", "command": command}],
    }
    core.create_namespaced_pod(NAMESPACE, {"metadata": {"name": "talks"}, "spec": spec})
    until(lambda: core.read_namespaced_pod("talks", NAMESPACE).status.phase in {"Running", "Succeeded"})
    followed = watch.Watch().stream(core.read_namespaced_pod_log, "talks", NAMESPACE, follow=True)
    assert list(followed) == ["one", "two"]
    assert core.read_namespaced_pod_log("talks", NAMESPACE, tail_lines=1) == "two\n"
    core.delete_namespaced_pod("talks", NAMESPACE, grace_period_seconds=0)


# ------------------------------------------------------------------------------------ without its models
def test_the_dynamic_client(api: client.ApiClient) -> None:
    """Finds kinds by discovery, and creates, applies, watches and deletes them."""
    there = dynamic.DynamicClient(api)
    maps = there.resources.get(api_version="v1", kind="ConfigMap")
    made = maps.create(body={"metadata": {"name": "dynamic"}, "data": {"a": "1"}}, namespace=NAMESPACE)
    wanted = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "dynamic"},
        "data": {"b": "2"},
    }
    applied = maps.server_side_apply(wanted, field_manager="dynamic", namespace=NAMESPACE)
    assert applied.data.to_dict() == {"a": "1", "b": "2"}
    version = made.metadata.resourceVersion
    told = next(iter(maps.watch(namespace=NAMESPACE, resource_version=version, timeout=SECONDS)))
    assert (told["type"], told["object"].metadata.name) == ("MODIFIED", "dynamic")
    maps.delete(name="dynamic", namespace=NAMESPACE)
    with pytest.raises(dynamic.exceptions.NotFoundError):
        maps.get(name="dynamic", namespace=NAMESPACE)
