"""The table twin of the map, nodes in bulk, and the page of one node."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest

from controller import models
from controller.models import Role
from controller.services.nodes import node_labels
from controller.services.objects import manifests_create
from dashboard.present.examples import EXAMPLES
from tests.clusters import PERSON, cluster, node, settle, with_daemonset
from tests.dashboard.visits import HTMX, answer, text_of, visitor

pytestmark = pytest.mark.django_db

TABLE = "/clusters/tried/table/"
NODE = "/clusters/tried/nodes/node-1/"
LABELS, TAINTS = f"{NODE}labels/", f"{NODE}taints/"


def version(tried: int) -> str:
    """Return the resourceVersion of the node."""
    return str(node(tried, "node-1")["metadata"]["resourceVersion"])


def test_table() -> None:
    """The table says in words what the map shows: a row a node, a cell a set."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    with_daemonset(tried, "ssd-monitor")
    page = text_of(visitor().get(TABLE))
    assert "2 of 2 nodes" in page
    assert "node-1 ready up to date not targeted" in page


def test_table_filters() -> None:
    """The table keeps the nodes that pass the filter, and the set that is asked for."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    with_daemonset(tried, "ssd-monitor")
    page = text_of(visitor().get(f"{TABLE}?filter=node-2&set=default/ssd-monitor"))
    assert "1 of 2 nodes" in page
    assert "node-2 ready not targeted" in page
    assert "node-1 ready" not in page


def test_table_of_a_state() -> None:
    """The table keeps the nodes with a cell in the state that is asked for."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    assert "No node passes the filter." in text_of(visitor().get(f"{TABLE}?only=failing"))


def test_table_says_what_is_wrong_with_a_filter() -> None:
    """A filter that does not parse says where, stays in the field, and keeps all nodes."""
    cluster(nodes=2)
    answer = visitor().get(f"{TABLE}?filter=zone in (a")
    assert "At character 11: the list of values has no end, a ) is missing." in text_of(answer)
    assert "2 of 2 nodes" in text_of(answer)
    assert b'value="zone in (a"' in answer.content


def test_table_groups_and_sorts() -> None:
    """Two levels of groups, from the map's address or from two fields; each head leads to another order."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    node_labels(cluster=tried, actor=PERSON, node="node-1", labels={"pool": "a"})
    for address in ("?group=pool,:taint", "?group=pool&group=:taint"):
        assert "a, without a taint 1 node" in text_of(visitor().get(TABLE + address))
    page = visitor().get(f"{TABLE}?sort=default/nginx-ds&group=").content.decode()
    assert 'aria-sort="ascending"' in page
    assert "?sort=-default/nginx-ds&amp;group=" in page


def test_table_as_a_file() -> None:
    """All rows that pass the filters, on one page, as values that are separated by commas."""
    tried = cluster(nodes=120)
    with_daemonset(tried)
    answer = visitor().get("/clusters/tried/table.csv?filter=node-1")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="tried.csv"'
    head, first, *more = answer.content.decode().splitlines()
    assert head == "node,ready,unschedulable,down,labels,taints,default/nginx-ds"
    assert first.startswith("node-100,True,false,false,")
    assert first.endswith(",new")
    assert len(more) == 20


def test_table_pages() -> None:
    """A table of many nodes has pages; a page beyond the last is the last."""
    cluster(nodes=101)
    page = text_of(visitor().get(f"{TABLE}?page=9"))
    assert "Page 2 of 2, 101 in all" in page
    assert "node-101" in page


@pytest.mark.parametrize(
    ("form", "names"),
    [
        pytest.param({"name": "db", "count": 1}, ["db"], id="one by its name"),
        pytest.param({"name": "node-", "count": 2}, ["node-3", "node-4"], id="many go on counting"),
        pytest.param(
            {"name": "gpu-", "count": 10}, [f"gpu-{n:02}" for n in range(1, 11)], id="of equal width"
        ),
        pytest.param({"name": "gpu-", "count": 1}, ["gpu-1"], id="one of a prefix"),
    ],
)
def test_add(form: dict[str, str], names: list[str]) -> None:
    """Nodes are added by name or numbered by prefix, with labels and taints."""
    tried = cluster(nodes=2)
    given = {"labels": "disk=ssd", "taints": "dedicated=gpu:NoSchedule", **form}
    response = visitor().post(f"{TABLE}add/", given)
    assert response["Location"] == TABLE
    made = models.Node.objects.filter(cluster=tried).exclude(name__in=["node-1", "node-2"])
    assert sorted(made.values_list("name", flat=True)) == names
    taint = {"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}
    assert node(tried, names[0])["spec"]["taints"][0] == taint


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param({"name": "node-1"}, 'nodes "node-1" already exists', id="a name that is taken"),
        pytest.param({"taints": "gpu"}, "gpu: write a taint as key=value:effect", id="a malformed taint"),
        pytest.param({"labels": "=x"}, "=x: write a label as key=value", id="a malformed label"),
        pytest.param({"name": "No_Name"}, "metadata.name: Invalid value", id="a name out of grammar"),
    ],
)
def test_add_refused(form: dict[str, str], said: str) -> None:
    """What cannot be added is said in the form, which keeps what was typed."""
    tried = cluster(nodes=1)
    response = visitor().post(f"{TABLE}add/", {"name": "fresh", "count": 1, **form})
    assert said in text_of(response)
    assert next(iter(form.values())) in response.content.decode()
    assert models.Node.objects.filter(cluster=tried).count() == 1


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("cordon", "Cordoned 2 nodes."),
        ("uncordon", "Uncordoned 2 nodes."),
        ("down", "Powered down 2 nodes."),
        ("up", "Powered up 2 nodes."),
        ("label", "Set the label disk=ssd."),
        ("unlabel", "Removed the label disk."),
        ("remove", "Removed 2 nodes."),
    ],
)
def test_bulk(action: str, said: str) -> None:
    """Each action is done to all chosen nodes."""
    cluster(nodes=3)
    response = answer(
        visitor(), f"{TABLE}chosen/", node=["node-1", "node-3"], action=action, label="disk=ssd"
    )
    assert response.status_code == HTTPStatus.OK
    assert said in text_of(response)


def test_bulk_is_for_chosen_nodes() -> None:
    """Without a chosen node nothing is done, and only the chosen ones are changed."""
    tried = cluster(nodes=2)
    assert "No node was chosen." in text_of(answer(visitor(), f"{TABLE}chosen/", action="cordon"))
    answer(visitor(), f"{TABLE}chosen/", action="cordon", node="node-2")
    cordoned = models.Node.objects.filter(cluster=tried, unschedulable=True)
    assert [one.name for one in cordoned] == ["node-2"]


@pytest.mark.parametrize(
    ("back", "leads"),
    [
        pytest.param(f"{TABLE}?group=pool", f"{TABLE}?group=pool", id="the same table"),
        pytest.param("https://elsewhere.example/", TABLE, id="never elsewhere"),
    ],
)
def test_bulk_leads_back(back: str, leads: str) -> None:
    """Without script the table is shown again as it was filtered."""
    cluster(nodes=1)
    form = {"node": "node-1", "action": "cordon", "back": back}
    assert visitor().post(f"{TABLE}chosen/", form)["Location"] == leads


def test_an_unknown_action() -> None:
    """A word that no button sends is refused."""
    cluster(nodes=1)
    response = answer(visitor(), f"{NODE}state/", action="explode")
    assert response.status_code == HTTPStatus.BAD_REQUEST


def test_page() -> None:
    """A node's page shows its sets with the reason, its pods, its room and its events."""
    tried = cluster(nodes=1)
    with_daemonset(tried, "fluentd-elasticsearch")
    with_daemonset(tried, "ssd-monitor")
    page = text_of(visitor().get(NODE))
    assert "ssd-monitor not targeted no no The node lacks the label disk=ssd" in page
    assert "fluentd-elasticsearch up to date yes yes Every check passes." in page
    assert "pods 1 110" in page
    assert "NodeReady" in page


def test_remove() -> None:
    """A removed node leads to the table."""
    tried = cluster(nodes=1)
    assert visitor().post(f"{NODE}state/", {"action": "remove"})["Location"] == TABLE
    assert not models.Node.objects.filter(cluster=tried).exists()


def test_labels() -> None:
    """The form of labels replaces all of them."""
    tried = cluster(nodes=1, pool="web")
    visitor().post(LABELS, {"labels-text": "disk=ssd\nzone=a", "labels-seen": version(tried)})
    assert node(tried, "node-1")["metadata"]["labels"] == {"disk": "ssd", "zone": "a"}


def test_labels_of_a_stale_form() -> None:
    """A stale form shows what stands now beside what was typed; sent again it replaces it."""
    tried = cluster(nodes=1)
    seen = version(tried)
    node_labels(cluster=tried, actor=PERSON, node="node-1", labels={"disk": "hdd"})
    client = visitor()
    response = client.post(LABELS, {"labels-text": "disk=ssd", "labels-seen": seen})
    page = text_of(response)
    assert "Somebody else changed this node meanwhile." in page
    assert "disk=hdd" in page
    assert "disk=ssd" in page
    assert node(tried, "node-1")["metadata"]["labels"] == {"disk": "hdd"}

    assert f'value="{version(tried)}"' in response.content.decode()
    client.post(LABELS, {"labels-text": "disk=ssd", "labels-seen": version(tried)})
    assert node(tried, "node-1")["metadata"]["labels"] == {"disk": "ssd"}


def test_labels_refused() -> None:
    """A label out of its grammar is said in the form, which keeps the text."""
    cluster(nodes=1)
    response = visitor().post(LABELS, {"labels-text": "disk=s s!"})
    assert "write a label as key=value" in text_of(response)
    response = visitor().post(LABELS, {"labels-text": "disk=ssd!"})
    assert "a valid label must be" in text_of(response)
    assert "disk=ssd!" in response.content.decode()


def test_a_button_makes_a_machine_report_a_pressure() -> None:
    """And another takes it back; a page that is out of date is told so."""
    tried = cluster(nodes=1)
    settle(tried)
    client, seen = visitor(), version(tried)
    assert "Report disk pressure" in text_of(client.get(NODE))

    said = client.post(f"{NODE}pressure/", {"report": "DiskPressure", "seen": seen}, follow=True)
    assert "node-1 reports DiskPressure." in text_of(said)
    settle(tried)
    page = text_of(client.get(NODE))
    assert "Clear disk pressure" in page
    assert "node.kubernetes.io/disk-pressure:NoSchedule" in page

    stale = client.post(f"{NODE}pressure/", {"clear": "DiskPressure", "seen": seen})
    assert stale.status_code == HTTPStatus.CONFLICT
    client.post(f"{NODE}pressure/", {"clear": "DiskPressure", "seen": version(tried)})
    settle(tried)
    assert "Report disk pressure" in text_of(client.get(NODE))


def test_who_only_reads_has_no_button_for_pressures() -> None:
    """It is an operator's to use."""
    cluster(nodes=1)
    assert "Report disk pressure" not in text_of(visitor(Role.VIEWER).get(NODE))


def test_taints() -> None:
    """The form of taints replaces all of them."""
    tried = cluster(nodes=1)
    settle(tried)
    visitor().post(TAINTS, {"taints-text": "gpu:NoSchedule\na=b:NoExecute", "taints-seen": version(tried)})
    assert [taint["key"] for taint in node(tried, "node-1")["spec"]["taints"]] == ["gpu", "a"]


def test_taints_of_a_stale_form() -> None:
    """A stale form of taints keeps what was typed, too."""
    tried = cluster(nodes=1)
    seen = version(tried)
    node_labels(cluster=tried, actor=PERSON, node="node-1", labels={"disk": "hdd"})
    page = text_of(visitor().post(TAINTS, {"taints-text": "gpu:NoSchedule", "taints-seen": seen}))
    assert "Somebody else changed this node meanwhile." in page
    assert "gpu:NoSchedule" in page


def test_the_forms_of_a_node_follow() -> None:
    """Its labels and taints are among the live parts, with the version that they are of."""
    tried = cluster(nodes=1)
    client = visitor()
    node_labels(cluster=tried, actor="ada", node="node-1", labels={"fresh": "yes"}, seen=None)
    part = client.get(NODE, headers=HTMX).content.decode()
    assert 'hx-target="#forms"' in part
    assert "fresh=yes" in part
    assert f'name="labels-seen" value="{version(tried)}"' in part
    stale = {"labels-text": "mine=yes", "labels-seen": "1"}
    assert "data-touched" not in part
    assert client.post(f"{NODE}labels/", stale).content.decode().count("data-live data-touched") == 1


CHOSEN = "/clusters/tried/table/chosen/"
BARE = """
apiVersion: v1
kind: Pod
metadata: {name: bare}
spec: {nodeName: node-1, containers: [{name: main, image: "a:1"}]}
"""
WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "web:1"}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: calm}
spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}
"""


def taints_of_node(tried: int, name: str = "node-1") -> list[str]:
    """Return the taints of a node as they are typed."""
    taints = node(tried, name)["spec"].get("taints") or []
    own = (one for one in taints if not one["key"].startswith("node.kubernetes.io/"))
    return [f"{one['key']}={one.get('value', '')}:{one['effect']}" for one in own]


def test_taints_of_many_nodes() -> None:
    """A taint is set and taken off all that were chosen, in one edit that one Undo takes back."""
    tried = cluster(nodes=3)
    client = visitor()
    both: Any = {"node": ["node-1", "node-2"]}
    response = answer(client, CHOSEN, action="taint", taint="dedicated=gpu:NoSchedule", **both)
    assert "Set the taint dedicated=gpu:NoSchedule." in text_of(response)
    assert "/undo/" in response.content.decode()
    assert taints_of_node(tried) == taints_of_node(tried, "node-2") == ["dedicated=gpu:NoSchedule"]
    assert taints_of_node(tried, "node-3") == []
    answer(client, CHOSEN, action="untaint", taint="dedicated:NoExecute", **both)
    assert taints_of_node(tried) == ["dedicated=gpu:NoSchedule"]
    for text in ("dedicated", "dedicated:NoSchedule", "dedicated=gpu:NoSchedule", "dedicated-"):
        answer(client, CHOSEN, action="taint", taint="dedicated=gpu:NoSchedule", **both)
        assert "Removed the taint" in text_of(answer(client, CHOSEN, action="untaint", taint=text, **both))
        assert taints_of_node(tried, "node-2") == []
    audit = text_of(visitor(Role.ADMIN).get("/audit/"))
    assert "Tainted 2 nodes (node-1, node-2): dedicated=gpu:NoSchedule" in audit
    assert "Tainted 2 nodes (node-1, node-2): dedicated removed" in audit


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"action": "taint", "taint": "gpu"}, "gpu: write a taint as key=value:effect"),
        ({"action": "taint", "taint": ""}, "Write the taint as key=value:effect."),
        ({"action": "untaint", "taint": ""}, "Write the taint to remove as key or key:effect."),
        ({"action": "untaint", "taint": "a:b"}, "Write the taint to remove as key or key:effect."),
        ({"action": "unlabel", "label": "=x"}, "Write the label as key=value."),
        ({"action": "drain", "grace": "-1"}, "greater than or equal to 0"),
        ({"action": "explode"}, "There is no such action."),
    ],
)
def test_edits_that_cannot_be_read(form: dict[str, str], words: str) -> None:
    """What is not well formed is refused with what to write instead."""
    cluster(nodes=1)
    response = answer(visitor(), CHOSEN, node="node-1", **form)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert words in text_of(response)


def test_all_that_pass_the_filter() -> None:
    """One tick edits all nodes that pass the filter, on whatever page of the table they stand."""
    tried = cluster(nodes=60)
    node_labels(cluster=tried, actor=PERSON, node="node-60", labels={"disk": "ssd"})
    answer(visitor(), CHOSEN, action="cordon", all="on", every="filter=!disk", node="node-60")
    names = [f"node-{n:02}" for n in range(1, 61)]
    cordoned = [name for name in names if node(tried, name)["spec"].get("unschedulable")]
    assert len(cordoned) == 59
    assert "node-60" not in cordoned
    response = answer(visitor(), CHOSEN, action="cordon", all="on", every="filter=zone in (")
    assert "the list of values has no end" in text_of(response)
    assert "No node was chosen." in text_of(
        answer(visitor(), CHOSEN, action="cordon", all="on", every="filter=x=y")
    )


def test_a_node_is_drained() -> None:
    """A drain goes on until a budget holds it; pages say how far it is and who holds it, and stop it."""
    tried = cluster(nodes=2)
    manifests_create(cluster=tried, actor=PERSON, text=WEB)
    settle(tried)
    client = visitor()
    held = [
        name
        for name in ("node-1", "node-2")
        if "web" in text_of(client.get(f"/clusters/tried/nodes/{name}/"))
    ]
    place = f"/clusters/tried/nodes/{held[0]}/"
    response = answer(client, f"{place}state/", action="drain")
    assert f"{held[0]} is being drained." in text_of(response)
    settle(tried)
    for page in (client.get(place), client.get("/clusters/tried/table/"), client.get(place, headers=HTMX)):
        assert "The disruption budget calm does not allow it yet." in text_of(page)
        assert "pods are gone" in text_of(page) or "pod is gone" in text_of(page)
        assert "being drained" in text_of(page)
        assert "/objects/poddisruptionbudgets/default/calm/" in page.content.decode()
    found = text_of(client.get(f"/clusters/tried/search/?text=draining {held[0]}"))
    assert "Stop draining node" in found
    assert "The node stays cordoned." in text_of(answer(client, f"{place}state/", action="undrain"))
    settle(tried)
    assert "does not allow it yet" not in text_of(client.get(place))
    assert node(tried, held[0])["spec"]["unschedulable"]


def test_a_drain_that_would_lose_pods() -> None:
    """Pods that nobody makes anew are named, and go only if that is allowed; nothing is done meanwhile."""
    tried = cluster(nodes=1)
    manifests_create(cluster=tried, actor=PERSON, text=BARE)
    settle(tried)
    client, place = visitor(), "/clusters/tried/nodes/node-1/state/"
    refused = text_of(answer(client, place, action="drain"))
    assert "Nothing is drained." in refused
    assert "for they have no controller: default/bare." in refused
    assert not node(tried, "node-1")["spec"].get("unschedulable")
    preview = text_of(answer(client, place, preview="action=drain", unmanaged="on"))
    assert "Began to drain node node-1" in preview
    assert "1 pod without a controller" in preview
    answer(client, place, action="drain", unmanaged="on")
    settle(tried)
    page = text_of(client.get("/clusters/tried/nodes/node-1/"))
    assert "bare" not in page.partition("Events")[0]
    assert "All pods that had to go are gone" in page


def test_pods_on_a_node_are_of_their_owners() -> None:
    """Not of DaemonSets only: the column says owner, whatever it is."""
    tried = cluster(nodes=1)
    text = next(one.text for one in EXAMPLES if one.key == "deployment")
    manifests_create(cluster=tried, actor=PERSON, text=text)
    settle(tried)
    page = text_of(visitor().get("/clusters/tried/nodes/node-1/"))
    assert "Pod Owner Status" in page
    assert "Pod DaemonSet Status" not in page
