"""Events in two groups: what is written in one is read in both, and each has its own rules."""

from __future__ import annotations

import json
from typing import Any

import pytest

from controller.apiserver.call import LONGEST_WARNINGS
from tests.apiserver.asking import Asker, DoorClient
from tests.apiserver.test_writes import APPLY, JSON_PATCH, MERGE, STRATEGIC, Writer
from tests.clusters import cluster

pytestmark = pytest.mark.django_db(transaction=True)

CORE = "/api/v1/namespaces/default/events"
EVENTS = "/apis/events.k8s.io/v1/namespaces/default/events"
EVENT: dict[str, Any] = {
    "apiVersion": "events.k8s.io/v1",
    "kind": "Event",
    "metadata": {"name": "told.1", "namespace": "default"},
    "regarding": {"kind": "Node", "name": "node-1", "namespace": "default"},
    "note": "It was told",
    "reason": "Told",
    "action": "Tell",
    "type": "Normal",
    "eventTime": "2026-01-02T03:04:05.000006Z",
    "reportingController": "example.org/teller",
    "reportingInstance": "teller-1",
}


@pytest.fixture(name="writer")
def _writer() -> Writer:
    return Writer(cluster(nodes=1))


def test_an_event_of_either_group_is_read_in_both(writer: Writer) -> None:
    """The names of the fields follow the group that is asked, also in the answer to a write."""
    made = writer.send("POST", EVENTS, EVENT, code=201)
    assert {key: made[key] for key in EVENT if key != "metadata"} == {
        key: value for key, value in EVENT.items() if key != "metadata"
    }
    core = writer.ask(f"{CORE}/told.1")
    assert (core["apiVersion"], core["message"], core["involvedObject"]["name"]) == (
        "v1",
        "It was told",
        "node-1",
    )
    assert core["reportingComponent"] == "example.org/teller"
    assert not core.keys() & {"note", "regarding", "reportingController"}


@pytest.mark.parametrize("media", [MERGE, STRATEGIC, JSON_PATCH, APPLY])
def test_a_patch_speaks_the_names_of_its_group(writer: Writer, media: str) -> None:
    """A series is told by patching it in."""
    writer.send("POST", EVENTS, EVENT, code=201)
    series = {"series": {"count": 2, "lastObservedTime": "2026-01-02T03:05:05.000000Z"}, "note": "Again"}
    body: Any = {**EVENT, **series} if media == APPLY else series
    if media == JSON_PATCH:
        body = [{"op": "add", "path": f"/{name}", "value": value} for name, value in series.items()]
    query = "?fieldManager=me&force=true" if media == APPLY else ""
    patched = writer.send("PATCH", f"{EVENTS}/told.1{query}", body, media=media)
    assert (patched["note"], patched["series"]["count"]) == ("Again", 2)
    assert writer.ask(f"{CORE}/told.1")["message"] == "Again"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"eventTime": None}, "eventTime: Required value"),
        ({"reportingController": ""}, "reportingController: Required value"),
        ({"reportingInstance": "x" * 129}, "reportingInstance: Invalid value"),
        ({"note": "x" * 1025}, "can have at most 1024 characters"),
        ({"type": "Odd"}, "has invalid value: Odd"),
        ({"deprecatedCount": 3}, "count: Invalid value"),
        ({"series": {"count": 1}}, "should be at least 2"),
        ({"regarding": {"namespace": "other"}}, "involvedObject.namespace: Invalid value"),
    ],
)
def test_a_new_event_of_the_group_keeps_its_rules(
    writer: Writer, change: dict[str, Any], sentence: str
) -> None:
    """The core group has hardly any."""
    refused = writer.send("POST", EVENTS, {**EVENT, **change}, code=422)
    assert sentence in refused["message"]


def test_fields_of_the_other_group_are_unknown(writer: Writer) -> None:
    """Neither group knows the other's names."""
    for path, event, field in (
        (EVENTS, {**EVENT, "message": "x"}, "message"),
        (f"{CORE}?fieldValidation=Strict", {**EVENT, "apiVersion": "v1"}, "note"),
    ):
        refused = writer.send("POST", path, event, code=400)
        assert f'unknown field "{field}"' in refused["message"]


def test_an_event_that_is_no_event_is_refused(writer: Writer) -> None:
    """Types are judged before the rules of the group look at them."""
    odd = {**EVENT, "series": "x", "note": 5, "eventTime": [], "metadata": {"name": "a"}}
    assert writer.send("POST", EVENTS, odd, code=422)["reason"] == "Invalid"
    assert writer.send("PATCH", f"{EVENTS}/none", {"note": "x"}, media=MERGE, code=404)


def test_warnings_are_cut(writer: Writer) -> None:
    """A header of 888 kB had told of every unknown field, after the object was made."""
    odd = {f"é{number}" + "x" * 500: 1 for number in range(2000)}
    made = writer.send("POST", EVENTS, {**EVENT, **odd}, code=201)
    assert made["note"] == "It was told"
    assert 1000 < len(writer.warning) <= LONGEST_WARNINGS
    assert writer.warning.isascii()
    refused = writer.send("POST", f"{EVENTS}?fieldValidation=Strict", {**EVENT, **odd}, code=400)
    assert refused["message"].count("unknown field") == 100


@pytest.mark.parametrize(
    ("seconds", "code"),
    [("x", 400), ("9" * 30, 400), ("NaN", 400), ("1e3", 400), ("0x10", 400), ("-1", 200), ("1", 200)],
)
def test_the_end_of_a_watch_is_a_number_of_go(seconds: str, code: int) -> None:
    """What Go cannot read is refused, and less than nothing ends it at once."""
    asker = Asker(cluster(nodes=1))
    answered = DoorClient().get(
        f"{asker.base}/api/v1/nodes", {"watch": "1", "resourceVersion": "0", "timeoutSeconds": seconds}
    )
    assert answered.status_code == code
    if code != 200:
        assert "strconv.ParseInt" in json.loads(answered.content)["message"]


GONE_STATUS = [("configmaps", "ConfigMap"), ("secrets", "Secret"), ("endpoints", "Endpoints")]
GONE_OBJECT = [
    ("services", "Service"),
    ("serviceaccounts", "ServiceAccount"),
    ("resourcequotas", "ResourceQuota"),
]


@pytest.mark.parametrize(("plural", "kind"), GONE_STATUS)
def test_a_deletion_names_what_is_gone(writer: Writer, plural: str, kind: str) -> None:
    """A client that waits for the end can tell it by its uid from another of that name."""
    made = writer.send("POST", f"/api/v1/namespaces/default/{plural}", {"metadata": {"name": "a"}}, code=201)
    gone = writer.send("DELETE", f"/api/v1/namespaces/default/{plural}/a")
    assert (made["kind"], gone["kind"], gone["status"]) == (kind, "Status", "Success")
    assert gone["details"] == {"name": "a", "kind": plural, "uid": made["metadata"]["uid"]}


@pytest.mark.parametrize(("plural", "kind"), GONE_OBJECT)
def test_a_deletion_of_some_kinds_returns_the_object(writer: Writer, plural: str, kind: str) -> None:
    """As their registries in Kubernetes do: typed clients read it as such."""
    ports = {"spec": {"ports": [{"port": 80}]}} if kind == "Service" else {}
    body = {"metadata": {"name": "a"}, **ports}
    made = writer.send("POST", f"/api/v1/namespaces/default/{plural}", body, code=201)
    gone = writer.send("DELETE", f"/api/v1/namespaces/default/{plural}/a")
    assert (gone["kind"], gone["metadata"]["uid"]) == (kind, made["metadata"]["uid"])
