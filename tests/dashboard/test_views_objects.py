"""The lists of all kinds, the page of any object, and what its buttons do."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from bs4 import BeautifulSoup

from controller import models
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest
from controller.models import Role
from controller.services.objects import manifests_create, object_create, object_delete
from dashboard.present.examples import EXAMPLES
from tests.clusters import PERSON, cluster, settle, standing
from tests.dashboard.visits import HTMX, answer, text_of, visitor

pytestmark = pytest.mark.django_db

OBJECTS = "/clusters/tried/objects/"
WEB = f"{OBJECTS}deployments/default/web/"


@pytest.fixture(name="tried")
def _tried() -> int:
    made = cluster(nodes=3)
    create(made, "deployment")
    return made


def create(tried: int, example: str) -> None:
    """Create one of the examples and let its pods start."""
    text = next(one.text for one in EXAMPLES if one.key == example)
    manifests_create(cluster=tried, actor=PERSON, text=text)
    settle(tried)


def web(tried: int) -> Manifest:
    """Return the Deployment as it is."""
    return standing(tried, "Deployment", "default", "web")


def do(action: str, path: str = WEB, **form: Any) -> str:
    """Press a button of the page and return what the answer says."""
    return text_of(answer(visitor(), f"{path}do/", source="form#one", action=action, **form))


def test_kinds(tried: int) -> None:
    """Every kind that is served is there with how many of it the cluster holds."""
    assert tried
    page = visitor().get(OBJECTS)
    shown = {
        link.find_all("span")[0].text: int(link.find_all("span")[1].text)
        for link in BeautifulSoup(page.content, "html.parser").select("#kinds a")
    }
    assert shown.keys() == KINDS.keys()
    assert (shown["Deployment"], shown["Pod"], shown["Job"], shown["Node"]) == (1, 3, 0, 3)


def test_every_kind_is_listed(tried: int) -> None:
    """The objects of each kind are shown, and what is in a table leads to a page that there is."""
    assert tried
    client = visitor()
    for kind in KINDS.values():
        page = client.get(f"{OBJECTS}{kind.plural}/")
        assert page.status_code == HTTPStatus.OK
        for link in BeautifulSoup(page.content, "html.parser").select("#rows td a")[:1]:
            assert client.get(str(link["href"])).status_code == HTTPStatus.OK


def test_columns(tried: int) -> None:
    """A list has kubectl's columns, and can be cut to a namespace."""
    assert tried
    page = text_of(visitor().get(f"{OBJECTS}deployments/"))
    assert "Namespace Name Ready Up-to-date Available Age default web 3/3 3 3" in page
    assert "There is none." in text_of(visitor().get(f"{OBJECTS}deployments/?namespace=kube-system"))


def test_pages_of_a_list(tried: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long list comes page by page, each object once."""
    assert tried
    monkeypatch.setattr("dashboard.views.objects.PAGE", 2)
    client, path, seen = visitor(), "?", []
    while path:
        soup = BeautifulSoup(client.get(f"{OBJECTS}pods/{path}").content, "html.parser")
        seen += [link.text for link in soup.select("#rows td a")]
        more = soup.find("a", string=lambda text: bool(text) and "Next page" in text)
        path = "?" + str(more["href"]).partition("?")[2] if more else ""
    assert len(seen) == len(set(seen)) == 3


def test_unknown_kinds_and_places(tried: int) -> None:
    """A kind that is not served is not found; neither is an object without its namespace."""
    assert tried
    client = visitor()
    assert client.get(f"{OBJECTS}wishes/").status_code == HTTPStatus.NOT_FOUND
    assert client.get(f"{OBJECTS}deployments/-/web/").status_code == HTTPStatus.NOT_FOUND
    assert client.get(f"{OBJECTS}namespaces/default/default/").status_code == HTTPStatus.NOT_FOUND
    assert "It is not there" in text_of(client.get(f"{OBJECTS}deployments/default/other/"))


def test_secrets_are_not_for_viewers(tried: int) -> None:
    """Who may only look at a cluster is shown no Secrets, as by kubectl."""
    manifest = {"metadata": {"name": "key", "namespace": "default"}, "stringData": {"a": "hidden"}}
    object_create(cluster=tried, actor=PERSON, kind="Secret", manifest=manifest)
    viewer = visitor(Role.VIEWER)
    for path in (f"{OBJECTS}secrets/", f"{OBJECTS}secrets/default/key/"):
        assert viewer.get(path).status_code == HTTPStatus.FORBIDDEN
        assert visitor().get(path).status_code == HTTPStatus.OK


def test_page_of_a_deployment(tried: int) -> None:
    """The page has what describe has: numbers, strategy, conditions, sets with revisions, pods, events."""
    assert tried
    page = text_of(visitor().get(WEB))
    for words in (
        "Deployment in default web",
        "3 desired | 3 updated | 3 total | 3 available | 0 unavailable",
        "25% max unavailable, 25% max surge",
        "Condition Available True: MinimumReplicasAvailable",
        "ReplicaSet Name Desired Current Ready Age",
        "Revision 1 current",
        "ScalingReplicaSet",
    ):
        assert words in page
    assert page.count("Running") == 3


@pytest.mark.parametrize(
    ("example", "path", "words"),
    [
        ("statefulset", "statefulsets/default/store/", "Volume Claim data: 1Gi [ReadWriteOnce]"),
        (
            "statefulset",
            "services/default/store/",
            "Type ClusterIP IP Family Policy SingleStack IP Families IPv4 IPs None",
        ),
        ("statefulset", "persistentvolumes/-/disk-1/", "Reclaim Policy Retain"),
        ("job", "jobs/default/sum/", "Completions 3"),
        ("cronjob", "cronjobs/default/sweep/", "Schedule */5 * * * *"),
        ("replicaset", "replicasets/default/cache/", "3 current / 3 desired"),
        ("replicationcontroller", "replicationcontrollers/default/elder/", "Selector app=elder"),
    ],
)
def test_pages_of_others(example: str, path: str, words: str) -> None:
    """Each kind says what describe says of it."""
    create(cluster(nodes=3), example)
    assert words in text_of(visitor().get(OBJECTS + path))


def test_who_uses_a_claim(tried: int) -> None:
    """The page of a claim has the pods that use it, as describe has, and no columns of what nobody set."""
    create(tried, "statefulset")
    claim = text_of(visitor().get(f"{OBJECTS}persistentvolumeclaims/default/data-store-0/"))
    assert "Pods Pod Node Status Revision Restarts Age store-0 node-" in claim
    assert "store-1" not in claim
    owner = text_of(visitor().get(f"{OBJECTS}statefulsets/default/store/"))
    assert (
        "PersistentVolumeClaim Name Status Volume Capacity Access Modes StorageClass Age data-store-0"
        in owner
    )
    assert "VolumeAttributesClass" not in owner + claim
    assert "Status Bound Requested" in claim
    answer(visitor(), f"{OBJECTS}persistentvolumeclaims/default/data-store-0/do/", action="delete")
    settle(tried)
    claim = text_of(visitor().get(f"{OBJECTS}persistentvolumeclaims/default/data-store-0/"))
    assert "Status Terminating Requested" in claim  # for as long as its pod is there


def test_the_template_is_told(tried: int) -> None:
    """The page of what makes pods says what is in them, as describe does; that of a pod as well."""
    for path in (WEB, f"/clusters/tried/pods/default/{models.Pod.objects.filter(cluster=tried)[0].name}/"):
        assert "Container nginx Image nginx:1.27 Ports 80/TCP" in text_of(visitor().get(path)), path
    assert "Labels app=web" in text_of(visitor().get(WEB))


def test_what_kubectl_applied_is_not_told(tried: int) -> None:
    """The annotation in which kubectl keeps what it applied last is no news, and long."""
    standing_web = web(tried)
    marks = {"kubectl.kubernetes.io/last-applied-configuration": "{}", "why": "because"}
    meta = {"name": "web2", "namespace": "default", "annotations": marks}
    body = {"metadata": meta, "spec": standing_web["spec"]}
    object_create(cluster=tried, actor=PERSON, kind="Deployment", manifest=body)
    page = text_of(visitor().get(f"{OBJECTS}deployments/default/web2/"))
    told = page.partition("apiVersion:")[0]
    assert "Annotations why=because" in told
    assert "last-applied" not in told


def test_pods_without_revisions_have_no_such_column() -> None:
    """Those of a Job are of no revision; those of a Deployment bear the hash of their template."""
    create(cluster(nodes=3), "job")
    assert "Pod Node Status Restarts Age" in text_of(visitor().get(f"{OBJECTS}jobs/default/sum/"))


def test_pods_of_a_service(tried: int) -> None:
    """The pods behind a Service are shown with their nodes."""
    assert tried
    page = text_of(visitor().get(f"{OBJECTS}services/default/web/"))
    assert page.count("Running") == 3
    assert "node-1" in page


def test_endpoints_of_a_service(tried: int) -> None:
    """Who is behind a Service is listed in both forms, with kubectl's columns; of others it is not."""
    create(tried, "statefulset")
    page = BeautifulSoup(visitor().get(f"{OBJECTS}services/default/web/").content, "html.parser")
    rows = [" ".join(row.stripped_strings) for row in page.select("#belongings tbody tr")]
    addresses = [pod.manifest["status"]["podIP"] for pod in models.Pod.objects.filter(cluster=tried)]
    (endpoints,) = [row for row in rows if row.startswith("web ")]
    (endpoint_slice,) = [row for row in rows if row.startswith("web-") and "IPv4" in row]
    assert sum(f"{address}:80" in endpoints for address in addresses) == 3
    assert sum(address in endpoint_slice for address in addresses) == 3
    assert "store" not in " ".join(rows)


def test_scale(tried: int) -> None:
    """The number of pods is set; one below zero is refused beside the field, nothing is lost."""
    assert "Asked for 5 pods." in do("scale", replicas="5")
    assert web(tried)["spec"]["replicas"] == 5
    assert "greater than or equal to 0" in do("scale", replicas="-1")
    assert web(tried)["spec"]["replicas"] == 5


def test_image_and_rollback(tried: int) -> None:
    """A new image makes a revision; the old one comes back by its number, without the hash of its set."""
    template = web(tried)["spec"]["template"]
    assert "Set the image nginx:1.28." in do("image", container="nginx", image="nginx:1.28")
    settle(tried)
    assert "What going back would change" in text_of(visitor().get(WEB))
    assert "Rolling back to revision 1." in do("rollback", revision="1")
    assert web(tried)["spec"]["template"] == template
    assert "not found" in do("rollback", revision="7")


def test_restart_pause_and_behaviour(tried: int) -> None:
    """A restart marks the template, a pause the spec; a behaviour is of new pods."""
    assert "Every pod is to be replaced." in do("restart")
    assert "The rollout is paused." in do("pause")
    assert web(tried)["spec"]["paused"] is True
    assert "to be replaced. The rollout is paused: pods are replaced when it goes on." in do("restart")
    assert "Resume" in text_of(visitor().get(WEB))
    assert "The rollout goes on." in do("resume")
    assert not web(tried)["spec"].get("paused")
    assert "New pods: crash loop." in do("behaviour", behaviour="crash-loop")
    marks = web(tried)["spec"]["template"]["metadata"]["annotations"]
    assert marks["sim.everynode.dev/behaviour"] == "crash-loop"


def test_a_cronjob(tried: int) -> None:
    """A CronJob is suspended, and its image is that of the template inside its template."""
    create(tried, "cronjob")
    path = f"{OBJECTS}cronjobs/default/sweep/"
    assert "sweep stands still." in do("pause", path)
    assert "Set the image busybox:2." in do("image", path, container="sweep", image="busybox:2")
    assert "Created Job sweep-" in do("run", path)
    assert "There is no such action." in do("run", WEB)
    spec = standing(tried, "CronJob", "default", "sweep")["spec"]
    assert spec["suspend"] is True
    assert spec["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["image"] == "busybox:2"


@pytest.mark.parametrize("action", ["scale", "image", "behaviour", "restart", "pause", "nothing"])
def test_what_a_kind_does_not_have(action: str, tried: int) -> None:
    """A button that the page of a kind does not have is refused with a sentence."""
    assert tried
    answered = do(action, f"{OBJECTS}services/default/web/", replicas="2", container="a", image="b")
    assert "There is no such action." in answered or "cannot be paused" in answered


def test_only_daemonsets_have_the_form_of_their_strategy(tried: int) -> None:
    """It is not on the page of a Deployment, and is refused if it is sent for one."""
    assert tried
    assert 'value="strategy"' not in visitor().get(WEB).content.decode()
    form = {"strategy": "OnDelete", "max_unavailable": "1", "max_surge": "0", "min_ready_seconds": "0"}
    assert "There is no such action." in do("strategy", **form)
    assert web(tried)["spec"]["strategy"]["type"] == "RollingUpdate"


def test_delete(tried: int) -> None:
    """Deleting with orphans leaves the sets; the uid of the page is a condition."""
    assert "Conflict" in do("delete", uid="other") or "changed" in do("delete", uid="other")
    response = visitor().post(f"{WEB}do/", {"action": "delete", "propagation": "Orphan"})
    assert response.headers["Location"] == f"{OBJECTS}deployments/"
    settle(tried)
    assert not models.Resource.objects.filter(cluster=tried, kind="Deployment").exists()
    assert models.Resource.objects.filter(cluster=tried, kind="ReplicaSet").exists()


def test_yaml(tried: int) -> None:
    """The YAML is edited; of another object it is refused."""
    client, path = visitor(), f"{WEB}edit/"
    form = client.get(path).context["form"]
    text, seen = form["text"].value(), form["seen"].value()
    other = client.post(path, {"text": text.replace("name: web\n", "name: other\n", 1), "seen": seen})
    assert "Nothing was saved." in text_of(other)
    saved = client.post(path, {"text": text.replace("replicas: 3", "replicas: 2"), "seen": seen})
    assert saved.headers["Location"] == WEB
    assert web(tried)["spec"]["replicas"] == 2
    stale = text_of(client.post(path, {"text": text.replace("replicas: 3", "replicas: 4"), "seen": seen}))
    assert "Somebody else changed this meanwhile." in stale


def test_viewers_look_only(tried: int) -> None:
    """A viewer is shown the page without buttons, and may press none."""
    assert tried
    viewer = visitor(Role.VIEWER)
    page = viewer.get(WEB)
    assert not BeautifulSoup(page.content, "html.parser").select("#main form")
    assert viewer.post(f"{WEB}do/", {"action": "restart"}).status_code == HTTPStatus.FORBIDDEN


def test_live_parts(tried: int) -> None:
    """The parts are asked for alone, also of an object that is gone by then."""
    client = visitor()
    parts = client.get(WEB, headers=HTMX).content.decode()
    assert "object-head" in parts
    assert "<html" not in parts
    object_delete(cluster=tried, actor=PERSON, kind="Deployment", namespace="default", name="web")
    assert client.get(WEB, headers=HTMX).status_code == HTTPStatus.OK
