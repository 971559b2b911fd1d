"""A dump of a real cluster becomes a simulated one, as it was at that moment, or nothing at all."""

from __future__ import annotations

import copy
import gzip
import io
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson
import pytest

from controller import models
from controller.engine.admission.shape import read
from controller.engine.edits.decide import Request
from controller.engine.edits.nodes import PatchLabels
from controller.engine.edits.workloads import SetImage
from controller.engine.errors import AlreadyExists, Invalid
from controller.engine.objects import Manifest
from controller.manifests.dumps import BadDump, Fault, File
from controller.mirror import dumps
from controller.mirror.dumps import Imported, dump_import
from controller.queries.clusters import cluster_named
from controller.queries.whatif import preview
from controller.services import clock, clusters, nodes
from tests.apiserver.asking import Asker
from tests.clusters import (
    PERSON,
    cluster,
    everything,
    mirrored,
    node,
    row_of,
    settle,
    standing,
    with_daemonset,
)
from tests.servers import BASE

pytestmark = pytest.mark.django_db

REAL = (BASE / "tests" / "fixtures" / "dump.json.gz").read_bytes()
"""What kubectl 1.36 wrote of a cluster of 12 nodes, of which one is silent."""
Edit = Callable[[list[Any]], object]


def brought(*texts: bytes, name: str = "prod") -> Imported:
    """Import a dump."""
    files = [File(f"file-{at}", io.BytesIO(text)) for at, text in enumerate(texts)]
    return dump_import(files=files, actor=PERSON, name=name)


def made(*texts: bytes, name: str = "prod") -> int:
    """Import a dump; return the id of its cluster."""
    return cluster_named(brought(*texts, name=name).name).id


def items() -> list[Any]:
    """Return the objects of the real dump."""
    found: list[Any] = orjson.loads(gzip.decompress(REAL))["items"]
    return found


def listed(objects: list[Any]) -> bytes:
    """Return a list of objects as kubectl writes it."""
    return orjson.dumps({"apiVersion": "v1", "items": objects, "kind": "List", "metadata": {}})


def edited(edit: Edit) -> bytes:
    """Return the real dump after an edit of its objects."""
    found = items()
    edit(found)
    return listed(found)


def first(objects: list[Any], kind: str, name: str = "") -> Any:
    """Return the first object of a kind."""
    return next(one for one in objects if one["kind"] == kind and name in one["metadata"]["name"])


def without(*kinds: str) -> bytes:
    """Return the real dump without some kinds."""
    return listed([one for one in items() if one["kind"] not in kinds])


def daemons(tried: int) -> dict[str, bool]:
    """Return the pods of the sets, and whether they are ready."""
    return dict(models.Pod.objects.filter(cluster=tried).values_list("name", "ready"))


def digest(tried: int, request: Request) -> object:
    """Return what would come of a request."""
    told = preview(cluster=tried, request=request, actor=PERSON)
    effects = [(one.owner, one.gains, one.loses, one.replaces, one.waits) for one in told.effects]
    return effects, {one.risk for one in told.warnings}, round(told.seconds)


def test_as_it_was_at_that_moment() -> None:
    """All that a mirror keeps is there, the clock stands at the newest moment, and nothing is done."""
    told = brought(REAL)
    assert (told.counts["Node"], told.counts["Pod"], told.others) == (12, 16, 23)
    assert told.left_out == {"Secret": 1, "ConfigMap": 1}
    row = models.Cluster.objects.get(name="prod")
    facts = cluster_named("prod")
    assert row.paused
    assert facts.dump is not None
    assert facts.dump.at.timestamp() == row.anchor_cluster == facts.time
    events = [one["lastTimestamp"] or "" for one in items() if one["kind"] == "Event"]
    assert facts.dump.at.strftime("%Y-%m-%dT%H:%M:%SZ") >= max(events)
    assert facts.dump.at.strftime("%Y-%m-%dT%H:%M:%SZ") in orjson.dumps(items()).decode()
    held = everything(row.pk)
    kinds = {key[0] for key in held}
    assert kinds == {
        "Namespace", "Node", "DaemonSet", "ControllerRevision", "Pod", "Event", "NodeLoad",
        "ServiceAccount", "PriorityClass",
    }  # fmt: skip
    assert held["PriorityClass", "", "important"]["value"] == 5000
    assert sum(held[key]["pods"] for key in held if key[0] == "NodeLoad") == 23
    assert "hunter2" not in orjson.dumps(list(held.values())).decode()
    assert not any("managedFields" in one["metadata"] for one in held.values() if one["kind"] == "Pod")


def test_nothing_moves_when_time_goes_on() -> None:
    """What was healthy stays: no pod is made or replaced, no revision added; who was silent stays so."""
    tried = made(REAL)
    before, revisions = daemons(tried), models.ControllerRevision.objects.filter(cluster=tried).count()
    clock.clock_resume(cluster=tried, actor=PERSON)
    settle(tried)
    assert daemons(tried) == before
    assert models.ControllerRevision.objects.filter(cluster=tried).count() == revisions
    conditions = node(tried, "node-009")["status"]["conditions"]
    assert {one["status"] for one in conditions if one["type"] == "Ready"} == {"Unknown"}


def test_it_goes_on_as_a_simulation() -> None:
    """A label brings a pod, an image is rolled out, and a reset brings back what the dump held."""
    tried = made(REAL)
    models.Cluster.objects.filter(pk=tried).update(start_delay=0, stop_delay=0)
    clock.clock_resume(cluster=tried, actor=PERSON)
    settle(tried)
    before = everything(tried).keys()
    nodes.node_label_patch(cluster=tried, actor=PERSON, nodes=["node-002"], set={"disk": "ssd"}, remove=[])
    settle(tried)
    assert models.Pod.objects.filter(cluster=tried, namespace="logging").count() == 5
    clusters.cluster_reset(cluster=tried, actor=PERSON)
    assert {key for key in everything(tried) if key[0] == "Pod"} == {key for key in before if key[0] == "Pod"}
    assert cluster_named("prod").dump is not None


REQUESTS: dict[str, Request] = {
    "label": PatchLabels(["node-2"], {"disk": "ssd"}),
    "image": SetImage(("DaemonSet", "default", "nginx-ds"), "nginx", "nginx:9"),
}


@pytest.mark.parametrize("request_", REQUESTS)
def test_what_if_offline(request_: str) -> None:
    """Of a dump the same is foretold as of the mirrored cluster that it was made of."""
    real = cluster(nodes=4, delay=1.0)
    with_daemonset(real)
    with_daemonset(real, "ssd-monitor")
    objects = [one for key, one in everything(real).items() if key[0] not in {"Secret", "ConfigMap"}]
    mirrored(real)
    offline = made(listed(objects))
    assert digest(offline, REQUESTS[request_]) == digest(real, REQUESTS[request_])


PATHS = (
    "/api/v1/nodes",
    "/api/v1/namespaces",
    "/api/v1/pods",
    "/apis/apps/v1/daemonsets",
    "/apis/apps/v1/controllerrevisions",
    "/api/v1/events",
)


def test_lists_of_our_own_api() -> None:
    """What the API of a cluster of ours lists makes the same cluster again, whose API lists the same."""
    tried = cluster(nodes=3, delay=1.0)
    with_daemonset(tried)
    asker = Asker(tried)
    again = Asker(made(*[orjson.dumps(asker.ask(path)) for path in PATHS]))

    def told(one: Asker, path: str) -> list[Any]:
        # Read as clients' objects are: what says nothing is no difference.
        found = [read(each["kind"], each).manifest for each in one.ask(path)["items"]]
        for each in found:
            each["metadata"] = {**each["metadata"], "resourceVersion": "", "managedFields": []}
        return sorted(found, key=lambda each: str(each["metadata"]["uid"]))

    for path in PATHS[2:5]:
        assert told(again, path) == told(asker, path)


def test_kinds_that_are_missing() -> None:
    """Without events, namespaces and revisions the sets stand all the same, and no pod is replaced."""
    tried = made(without("Event", "Namespace", "ControllerRevision", "Secret", "ConfigMap"))
    before = daemons(tried)
    assert {"default", "kube-system", "logging"} <= {
        key[2] for key in everything(tried) if key[0] == "Namespace"
    }
    clock.clock_resume(cluster=tried, actor=PERSON)
    settle(tried)
    assert daemons(tried) == before


def test_no_pods() -> None:
    """Without pods it is a cluster whose sets have none yet."""
    assert not daemons(made(without("Pod")))


def test_several_files_that_overlap() -> None:
    """The same object in two files counts once."""
    one, other = without("Pod", "Event"), without("Namespace")
    assert brought(one, other).counts == brought(REAL, name="whole").counts


def test_older_versions() -> None:
    """A set of a version that was removed is read as what it means."""

    def older(objects: list[Any]) -> None:
        first(objects, "DaemonSet")["apiVersion"] = "extensions/v1beta1"
        first(objects, "ControllerRevision")["apiVersion"] = "apps/v1beta1"

    tried = made(edited(older))
    assert standing(tried, "DaemonSet", "kube-system", "agent")["apiVersion"] == "apps/v1"


def test_what_says_nothing_is_no_difference() -> None:
    """Older API servers write null for the birth of a template: the set is still of its newest revision."""

    def nulls(objects: list[Any]) -> None:
        for one in objects:
            if one["kind"] == "DaemonSet":
                one["spec"]["template"]["metadata"]["creationTimestamp"] = None
            if one["kind"] == "ControllerRevision" and one["revision"] == 1:
                one["data"]["spec"]["template"]["metadata"]["creationTimestamp"] = None

    tried = made(edited(nulls))
    clock.clock_resume(cluster=tried, actor=PERSON)
    settle(tried)
    assert models.ControllerRevision.objects.filter(cluster=tried).count() == 3


def test_of_a_newer_kubernetes() -> None:
    """Fields that we do not know are left out; what they would explain is no fault."""

    def newer(objects: list[Any]) -> None:
        pod = first(objects, "Pod", "agent")
        pod["spec"]["volumes"] = [{"name": "tomorrow", "quantum": {"bits": 8}}]

    tried = made(edited(newer))
    assert models.Pod.objects.filter(cluster=tried).count() == 16


def test_other_kinds_of_a_known_name() -> None:
    """Whose group is another is another kind: it is left out."""
    told = brought(edited(lambda objects: first(objects, "Event").update(apiVersion="example.org/v1")))
    assert told.left_out["Event"] == 1


def _meta(kind: str, /, **changed: object) -> Edit:
    return lambda objects: first(objects, kind)["metadata"].update(changed)


def _twin(objects: list[Any]) -> None:
    twin = copy.deepcopy(first(objects, "Node"))
    twin["metadata"]["name"] = "node-900"
    objects.append(twin)


def _again(objects: list[Any]) -> None:
    again = copy.deepcopy(first(objects, "Node"))
    again["metadata"]["resourceVersion"] = "999999"
    objects.append(again)


def _wild(kind: str, /, **changed: object) -> Edit:
    return lambda objects: first(objects, kind).update(changed)


BAD: dict[str, tuple[Edit, Fault, str]] = {
    "no nodes": (lambda found: found.__delitem__(slice(0, 12)), Fault.NO_NODES, "2 DaemonSet"),
    "no sets": (
        lambda found: [_wild("DaemonSet", kind="Secret")(found) for _ in range(2)],
        Fault.NO_SETS,
        "no DaemonSets",
    ),
    "twice": (_again, Fault.TWICE, "Node/node-001"),
    "a uid twice": (_twin, Fault.SAME_UID, "Node/node-900"),
    "no metadata": (lambda found: found[0].pop("metadata"), Fault.LACKING, "items[0]: "),
    "no kind": (_wild("Node", kind=None), Fault.LACKING, "kind is missing"),
    "no name": (_meta("Node", name=None), Fault.LACKING, "metadata.name is missing"),
    "no uid": (_meta("Pod", uid=""), Fault.ODD, "uid"),
    "a long uid": (_meta("Node", uid="x" * 99), Fault.LONG, "metadata.uid"),
    "a name that is none": (_meta("DaemonSet", name="../../etc"), Fault.BAD_OBJECT, "metadata.name"),
    "a namespace of a node": (_meta("Node", namespace="x"), Fault.NAMESPACE, "metadata.namespace"),
    "no object": (lambda found: found.insert(3, 7), Fault.UNREADABLE, "comma"),
    "another type": (_wild("Node", spec=["a"]), Fault.BAD_OBJECT, "items[0] (Node/node-001): "),
    "no template": (_wild("DaemonSet", spec={}), Fault.ODD, "DaemonSet/kube-system/agent"),
    "a revision without a number": (_wild("ControllerRevision", revision="1"), Fault.BAD_OBJECT, "revision"),
    "a pod without containers": (
        lambda found: first(found, "Pod", "web")["spec"].pop("containers"),
        Fault.ODD,
        "Pod",
    ),
    "a pod of a set without containers": (
        lambda found: first(found, "Pod", "agent")["spec"].update(containers=[]),
        Fault.BAD_OBJECT,
        "containers",
    ),
    "an amount that is none": (
        lambda found: first(found, "Pod", "web")["spec"]["containers"][0]["resources"].update(
            requests={"cpu": "much"}
        ),
        Fault.BAD_OBJECT,
        "quantity",
    ),
    "an owner that is none": (_meta("Pod", ownerReferences="me"), Fault.BAD_OBJECT, "ownerReferences"),
}


@pytest.mark.parametrize("case", BAD)
def test_refused_whole(case: str) -> None:
    """A dump with something wrong makes nothing, and is told what, where, and what to do."""
    edit, fault, said = BAD[case]
    with pytest.raises(BadDump) as refused:
        brought(edited(edit))
    assert refused.value.fault is fault or fault is Fault.UNREADABLE, refused.value.sentence
    assert said in refused.value.sentence or fault is Fault.UNREADABLE
    assert not models.Cluster.objects.exists()
    assert not models.Change.objects.exists()


def test_what_no_controller_can_work_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """What passes the reader and breaks a pass is refused too, after all was written: nothing of it stays."""

    def breaks(*_facts: object) -> None:
        raise KeyError("spec")

    monkeypatch.setattr("controller.services.archives.plan", breaks)
    with pytest.raises(BadDump, match="no controller can work"):
        brought(REAL)
    assert not models.Cluster.objects.exists()


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """More nodes or objects than are kept are refused."""
    monkeypatch.setattr(dumps, "MOST_NODES", 11)
    with pytest.raises(BadDump, match="more than 11 nodes"):
        brought(REAL)
    monkeypatch.setattr(dumps, "MOST_NODES", 12)
    monkeypatch.setattr(dumps, "MOST_OBJECTS", 30)
    with pytest.raises(BadDump, match="more than 30 objects"):
        brought(REAL)


def test_names() -> None:
    """A name that is none or taken is refused before anything is read."""
    cluster("taken")
    with pytest.raises(AlreadyExists):
        brought(b"", name="taken")
    with pytest.raises(Invalid):
        brought(b"", name="Not A Name")


def test_nodes_of_the_year_9999() -> None:
    """A moment far ahead breaks nothing."""
    tried = made(edited(_meta("Node", creationTimestamp="9999-12-31T23:59:59Z")))
    assert row_of(tried).anchor_cluster > 2e11
    assert cluster_named("prod").dump


def wild(depth: int = 3) -> Manifest:
    """Return a manifest with odd values where objects have parts."""
    return {"a": [None, {"b": wild(depth - 1) if depth else 1.5}], "": "", "kind": True}


PARTS = {
    "Node": ("metadata", "spec", "status"),
    "Pod": ("metadata", "spec", "status"),
    "DaemonSet": ("metadata", "spec", "status"),
    "ControllerRevision": ("metadata", "data"),
    "Event": ("metadata", "involvedObject", "series"),
    "Namespace": ("metadata", "status"),
}


@pytest.mark.parametrize("kind", PARTS)
@pytest.mark.parametrize("value", [None, "x", wild()], ids=["null", "text", "wild"])
def test_odd_parts(kind: str, value: object) -> None:
    """Whatever stands where a part belongs: the dump is taken or refused, never broken."""
    few = [one for one in items() if one["kind"] != "Pod" or one["metadata"]["name"].startswith("logger")]
    for at, part in enumerate(PARTS[kind]):
        odd = copy.deepcopy(few)
        first(odd, kind)[part] = copy.deepcopy(value)
        with suppress(BadDump):
            assert made(listed(odd), name=f"odd-{at}")
