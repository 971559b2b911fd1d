"""Reads: objects and lists, whole, as tables or as metadata, at one number."""

from __future__ import annotations

from typing import Any

import pytest

from controller import models
from controller.apiserver.reads import continued
from controller.engine.objects import Manifest
from controller.services import nodes, objects
from controller.store import log
from tests.apiserver.asking import METADATA, TABLE, Asker, names
from tests.clusters import PERSON, cluster, pods, row_of, with_daemonset

pytestmark = pytest.mark.django_db(transaction=True)
NODES = "/api/v1/nodes"


def config(tried: int, name: str, namespace: str = "default", **labels: str) -> None:
    """Create a ConfigMap."""
    meta = {"name": name, "namespace": namespace, "labels": labels}
    manifest: Manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"of": name}}
    objects.object_create(cluster=tried, actor=PERSON, kind="ConfigMap", manifest=manifest)


def gone(tried: int, name: str) -> None:
    """Delete a ConfigMap."""
    objects.object_delete(cluster=tried, actor=PERSON, kind="ConfigMap", namespace="default", name=name)


def configs(asker: Asker, **query: Any) -> Any:
    """List the ConfigMaps of the tests' making."""
    return asker.ask("/api/v1/namespaces/default/configmaps", labelSelector="mine", **query)


def test_one_object() -> None:
    """An object is answered as it stands."""
    tried = cluster(nodes=1)
    node = Asker(tried).ask(f"{NODES}/node-1")
    assert (node["kind"], node["apiVersion"], node["metadata"]["name"]) == ("Node", "v1", "node-1")
    assert node == Asker(tried).ask(f"{NODES}/node-1/status")


def test_what_is_not_there() -> None:
    """A name that is free is NotFound, in the words that kubectl prints."""
    refused = Asker(cluster()).ask("/apis/apps/v1/namespaces/default/daemonsets/missing", code=404)
    assert refused["message"] == 'daemonsets.apps "missing" not found'
    assert refused["details"] == {"name": "missing", "group": "apps", "kind": "daemonsets"}


def test_a_list() -> None:
    """A list holds what there is by namespace and name, and the number as of which that is so."""
    tried = cluster(nodes=3)
    listed = Asker(tried).ask(NODES)
    assert (listed["kind"], listed["apiVersion"]) == ("NodeList", "v1")
    assert listed["metadata"] == {"resourceVersion": str(row_of(tried).number)}
    assert names(listed) == ["node-1", "node-2", "node-3"]


def test_metadata_only() -> None:
    """A client may ask for the metadata of objects alone."""
    asker = Asker(cluster(nodes=1))
    listed = asker.ask(NODES, accept=METADATA)
    assert (listed["kind"], listed["apiVersion"]) == ("PartialObjectMetadataList", "meta.k8s.io/v1")
    (item,) = listed["items"]
    assert item["kind"] == "PartialObjectMetadata"
    assert set(item) == {"kind", "apiVersion", "metadata"}
    one = asker.ask(f"{NODES}/node-1", accept=METADATA.replace("List", ""))
    assert one == item


@pytest.mark.parametrize(
    ("include", "held"),
    [
        ("", "PartialObjectMetadata"),
        ("Metadata", "PartialObjectMetadata"),
        ("Object", "Node"),
        ("None", None),
    ],
)
def test_tables_hold_what_is_asked(include: str, held: str | None) -> None:
    """A row of a Table brings its object's metadata, all of it or nothing."""
    asker = Asker(cluster(nodes=1))
    for path in (NODES, f"{NODES}/node-1"):
        table = asker.ask(path, accept=TABLE, includeObject=include)
        (row,) = table["rows"]
        assert (table["kind"], table["apiVersion"]) == ("Table", "meta.k8s.io/v1")
        assert row.get("object", {}).get("kind") == held
        assert len(row["cells"]) == len(table["columnDefinitions"])


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "NodeList"),
        ("*/*", "NodeList"),
        ("application/*", "NodeList"),
        ("application/vnd.kubernetes.protobuf, application/json", "NodeList"),
        ("text/plain;q=0.5, application/json;q=0.1", "NodeList"),
        ("application/json;as=Table;v=v1beta1;g=meta.k8s.io", "Table"),
        ("application/json;as=Table;v=v9;g=meta.k8s.io,application/json", "NodeList"),
        ("application/json;as=Unknown;v=v1;g=meta.k8s.io,application/json", "NodeList"),
    ],
)
def test_forms_are_negotiated(accept: str, kind: str) -> None:
    """The first form that a client takes and that is there is answered."""
    assert Asker(cluster()).ask(NODES, accept=accept)["kind"] == kind


def test_forms_that_are_not_there() -> None:
    """A client that takes only what there is not is told what there is."""
    refused = Asker(cluster()).ask(NODES, accept="text/html", code=406)
    assert refused["reason"] == "NotAcceptable"
    assert "application/json" in refused["message"]


def test_events_in_two_groups() -> None:
    """Events are served under both of their groups, with the field names of each."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    asker = Asker(tried)
    wish: dict[str, Any] = {"fieldSelector": "reason=SuccessfulCreate"}
    (core,) = asker.ask("/api/v1/events", **wish)["items"]
    listed = asker.ask("/apis/events.k8s.io/v1/events", **wish)
    (other,) = listed["items"]
    assert listed["apiVersion"] == other["apiVersion"] == "events.k8s.io/v1"
    assert (other["regarding"], other["note"]) == (core["involvedObject"], core["message"])
    assert other["deprecatedCount"] == 1
    assert "message" not in other
    path = f"/apis/events.k8s.io/v1/namespaces/default/events/{core['metadata']['name']}"
    assert asker.ask(path) == other


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ({"labelSelector": "tier=node"}, ["a", "b"]),
        ({"labelSelector": "tier in (node,edge),!old"}, ["a", "c"]),
        ({"labelSelector": "tier!=node"}, ["c", "d"]),
        ({"fieldSelector": "metadata.name=a"}, ["a"]),
        ({"fieldSelector": "metadata.name!=a"}, ["b", "c", "d"]),
        ({"fieldSelector": "metadata.namespace=kube-system"}, []),
        ({"fieldSelector": "metadata.name=a", "labelSelector": "old"}, []),
    ],
)
def test_selectors(wish: dict[str, Any], found: list[str]) -> None:
    """A list holds what all selectors choose."""
    tried = cluster()
    config(tried, "a", tier="node", mine="x")
    config(tried, "b", tier="node", old="yes", mine="x")
    config(tried, "c", tier="edge", mine="x")
    config(tried, "d", mine="x")
    both = {**wish, "labelSelector": ",".join(filter(None, ["mine", wish.get("labelSelector")]))}
    listed = Asker(tried).ask("/api/v1/namespaces/default/configmaps", **both)
    assert names(listed) == found


@pytest.mark.parametrize(
    ("selector", "count"),
    [
        ("spec.nodeName=node-1", 1),
        ("spec.nodeName!=node-1", 2),
        ("spec.nodeName=", 0),
        ("status.phase=Running", 3),
        ("status.phase!=Running", 0),
        ("status.phase=Running,spec.nodeName=node-2", 1),
    ],
)
def test_fields_of_pods(selector: str, count: int) -> None:
    """Pods are found by node and by phase."""
    tried = cluster(nodes=3)
    with_daemonset(tried)
    assert len(Asker(tried).ask("/api/v1/pods", fieldSelector=selector)["items"]) == count


def test_events_about_an_object() -> None:
    """Events are found by what they are about: kubectl describe asks so."""
    tried = cluster(nodes=2)
    standing = with_daemonset(tried)
    wanted = f"involvedObject.uid={standing['metadata']['uid']},involvedObject.kind=DaemonSet"
    found = Asker(tried).ask("/api/v1/namespaces/default/events", fieldSelector=wanted)["items"]
    assert len(found) == 2
    assert {each["involvedObject"]["name"] for each in found} == {"nginx-ds"}


@pytest.mark.parametrize(
    ("wish", "code", "said"),
    [
        ({"labelSelector": "a b"}, 400, "unable to parse requirement: found 'b', expected: in, notin"),
        ({"labelSelector": "a_/b"}, 400, 'unable to parse requirement: <nil>: Invalid value: "a_/b": prefix'),
        ({"labelSelector": "a=b_"}, 400, 'unable to parse requirement: values[0][a]: Invalid value: "b_": a'),
        ({"fieldSelector": "a"}, 400, "invalid selector: 'a'; can't understand 'a'"),
        ({"fieldSelector": "spec.x=1"}, 400, "field label not supported: spec.x"),
        ({"limit": "x"}, 400, 'strconv.ParseInt: parsing "x": invalid syntax'),
        ({"resourceVersion": "-1"}, 400, 'resourceVersion: Invalid value: "-1"'),
        ({"resourceVersion": "99999"}, 504, "Too large resource version: 99999, current: "),
        ({"resourceVersion": "99999", "resourceVersionMatch": "Exact"}, 504, "Too large resource version"),
        ({"resourceVersionMatch": "Exact"}, 422, "forbidden unless resourceVersion is provided"),
        ({"resourceVersionMatch": "Exact", "resourceVersion": "0"}, 422, 'forbidden for resourceVersion "0"'),
        ({"resourceVersionMatch": "x", "resourceVersion": "1"}, 422, 'Unsupported value: "x"'),
        (
            {"resourceVersionMatch": "Exact", "resourceVersion": "1", "continue": "x"},
            422,
            "forbidden when continue is provided",
        ),
        ({"sendInitialEvents": "true"}, 422, "sendInitialEvents is forbidden for list"),
        ({"continue": "???"}, 400, "continue key is not valid"),
        ({"continue": "W10"}, 400, "continue key is not valid"),
        ({"continue": "eyJ2IjoieCIsInJ2IjoxLCJzdGFydCI6ImEifQ"}, 400, "continue key is not valid"),
        ({"continue": continued(1, ("default", ""))}, 400, "continue key is not valid"),
        ({"continue": continued(1, ("default", "a\0b"))}, 400, "continue key is not valid"),
        ({"continue": continued(10**18, ("default", "a"))}, 504, "Too large resource version"),
        ({"continue": "x", "resourceVersion": "1"}, 400, "not allowed when using continue"),
        ({"includeObject": "x"}, 400, 'unrecognized includeObject value: "x"'),
    ],
)
def test_lists_that_cannot_be_had(wish: dict[str, Any], code: int, said: str) -> None:
    """A list that cannot be understood or has not come yet is refused, in Kubernetes' words."""
    assert said in Asker(cluster()).ask(NODES, code=code, **wish)["message"]


def test_pages() -> None:
    """A list comes in pages that name how many remain, all as of the first one's number."""
    tried = cluster(nodes=5)
    asker = Asker(tried)
    first = asker.ask(NODES, limit=2)
    assert first["metadata"]["remainingItemCount"] == 3
    second = asker.ask(NODES, limit=2, **{"continue": first["metadata"]["continue"]})
    third = asker.ask(NODES, limit=2, **{"continue": second["metadata"]["continue"]})
    assert [names(each) for each in (first, second, third)] == [
        ["node-1", "node-2"],
        ["node-3", "node-4"],
        ["node-5"],
    ]
    assert "continue" not in third["metadata"]
    assert len({each["metadata"]["resourceVersion"] for each in (first, second, third)}) == 1


def test_pages_with_selectors() -> None:
    """Pages of a selection hold as many as were asked for, and do not tell how many remain."""
    tried = cluster(nodes=4)
    nodes.node_label_patch(
        cluster=tried, actor=PERSON, nodes=["node-1", "node-3", "node-4"], set={"disk": "ssd"}, remove=[]
    )
    asker = Asker(tried)
    first = asker.ask(NODES, limit=2, labelSelector="disk=ssd")
    assert names(first) == ["node-1", "node-3"]
    assert "remainingItemCount" not in first["metadata"]
    second = asker.ask(
        NODES, limit=2, labelSelector="disk=ssd", **{"continue": first["metadata"]["continue"]}
    )
    assert names(second) == ["node-4"]


def test_pages_of_a_cluster_that_moves() -> None:
    """The pages of a list fit together whatever changes between them: created, changed, deleted."""
    tried = cluster()
    for name in "bdfhj":
        config(tried, name, mine="x")
    asker = Asker(tried)
    whole = configs(asker)
    first = configs(asker, limit=2)
    for name in "aceg":
        config(tried, name, mine="x")
    for name in "bfh":
        gone(tried, name)
    config(tried, "f", mine="y")
    pages, token = [first], first["metadata"]["continue"]
    while token:
        pages.append(configs(asker, limit=2, **{"continue": token}))
        token = pages[-1]["metadata"].get("continue")
    assert [item for page in pages for item in page["items"]] == whole["items"]
    assert {page["metadata"]["resourceVersion"] for page in pages} == {whole["metadata"]["resourceVersion"]}


def test_an_exact_number() -> None:
    """A list can be had exactly as it was at a number, selectors included."""
    tried = cluster()
    config(tried, "a", mine="x")
    before = configs(Asker(tried))
    gone(tried, "a")
    config(tried, "b", mine="x")
    asker = Asker(tried)
    version = before["metadata"]["resourceVersion"]
    assert configs(asker, resourceVersion=version, resourceVersionMatch="Exact") == before
    assert names(configs(asker, resourceVersion=version, resourceVersionMatch="NotOlderThan")) == ["b"]
    assert names(configs(asker, resourceVersion="0")) == ["b"]


def test_an_exact_number_before_a_snapshot() -> None:
    """What has not changed since a snapshot is taken from there when the log holds no more of it."""
    tried = cluster()
    config(tried, "a", mine="x")
    number = log.snapshot_take(tried)
    before = configs(Asker(tried))
    log.clear(tried, upto=number)
    gone(tried, "a")
    asker = Asker(tried)
    version = before["metadata"]["resourceVersion"]
    assert configs(asker, resourceVersion=version, resourceVersionMatch="Exact") == before


def test_what_is_too_long_ago() -> None:
    """A number that the log has forgotten is Gone, and so is a token of that time."""
    tried = cluster(nodes=3)
    asker = Asker(tried)
    first = asker.ask(NODES, limit=1)
    nodes.node_label_patch(cluster=tried, actor=PERSON, nodes=["node-1"], set={"a": "1"}, remove=[])
    log.clear(tried, upto=row_of(tried).number)
    models.Snapshot.objects.filter(cluster=tried).delete()
    exact = {"resourceVersion": "1", "resourceVersionMatch": "Exact"}
    refused = asker.ask(NODES, code=410, **exact)
    assert (refused["reason"], refused["message"][:26]) == ("Expired", "too old resource version: ")
    refused = asker.ask(NODES, code=410, **{"continue": first["metadata"]["continue"]})
    assert refused["message"].startswith("The provided continue parameter is too old")


def test_rows_of_a_set() -> None:
    """The table of sets that kubectl prints shows their counts, selectors, containers and images."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    (row,) = Asker(tried).rows("/apis/apps/v1/daemonsets")
    name, *counts = row[:6]
    assert (name, counts) == ("nginx-ds", [2, 2, 2, 2, 2])
    assert row[6] == "<none>"
    assert row[8:] == ["nginx", "nginx:1.7.9", "k8s-app=nginx"]


def test_rows_of_pods() -> None:
    """The table of pods that kubectl prints shows readiness, status, restarts, address and node."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    (row,) = Asker(tried).rows("/api/v1/pods")
    assert row[0] == next(iter(pods(tried).values())).name
    assert row[1:4] == ["1/1", "Running", "0"]
    assert row[6:] == ["node-1", "<none>", "<none>"]


def test_leases_of_nodes_are_read_like_stored_ones() -> None:
    """One by one and in lists, of their namespace and of all; a selector leaves out what it does not want."""
    asker = Asker(cluster(nodes=2))
    api = "/apis/coordination.k8s.io/v1"
    one = f"{api}/namespaces/kube-node-lease/leases/node-1"
    for path in (f"{api}/leases", f"{api}/namespaces/kube-node-lease/leases"):
        assert names(asker.ask(path)) == ["node-1", "node-2"]
        assert names(asker.ask(path, fieldSelector="metadata.name=node-2")) == ["node-2"]
    assert names(asker.ask(f"{api}/namespaces/default/leases")) == []
    assert asker.ask(one)["spec"]["holderIdentity"] == "node-1"
    assert asker.ask(one.replace("node-1", "nobody"), code=404)["reason"] == "NotFound"
    assert asker.ask(one.replace("kube-node-lease", "default"), code=404)["reason"] == "NotFound"
