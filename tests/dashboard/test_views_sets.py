"""The page of one DaemonSet and what its buttons do."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from bs4 import BeautifulSoup

from controller import models
from controller.engine.objects import Manifest
from controller.models import Role
from controller.services.daemonsets import daemonset_plan
from controller.services.objects import object_delete
from tests.clusters import PERSON, cluster, mirrored, pods, settle, standing, with_daemonset
from tests.dashboard.visits import HTMX, answer, text_of, visitor

pytestmark = pytest.mark.django_db

SET = "/clusters/tried/sets/default/nginx-ds/"


@pytest.fixture(name="tried")
def _tried() -> int:
    made = cluster(nodes=3)
    with_daemonset(made)
    return made


def stands(tried: int) -> Manifest:
    """Return the set as it is."""
    return standing(tried, "DaemonSet", "default", "nginx-ds")


def do(action: str, **form: Any) -> str:
    """Press a button of the page and return what the answer says."""
    return text_of(answer(visitor(), f"{SET}do/", source="form#one", action=action, **form))


def test_page(tried: int) -> None:
    """The page explains the counts and shows rollout, pods, revisions and events."""
    assert tried
    page = text_of(visitor().get(SET))
    assert "desired 3 Nodes that should run it." in page
    assert "Revision 1: rollout complete" in page
    assert "maxUnavailable 1: 0 of 1 slots taken" in page
    assert "SuccessfulCreate" in page
    assert page.count("Running") == 3


def test_a_set_that_is_gone(tried: int) -> None:
    """The page of a set that is no more says so."""
    assert tried
    response = visitor().get("/clusters/tried/sets/default/gone/")
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert 'daemonsets.apps "gone" not found' in text_of(response)


def test_image(tried: int) -> None:
    """A new image begins a rollout, which the page shows with its budget."""
    container = stands(tried)["spec"]["template"]["spec"]["containers"][0]["name"]
    assert "Set the image nginx:does-not-exist." in do(
        "image", container=container, image="nginx:does-not-exist"
    )
    settle(tried)
    page = text_of(visitor().get(SET))
    assert "Rollout of revision 2 is stuck" in page
    assert "maxUnavailable 1: 1 of 1 slots taken" in page
    assert "The only slot of the budget is held by node-1" in page


def test_restart(tried: int) -> None:
    """A restart replaces every pod."""
    before = {pod.uid for pod in pods(tried).values()}
    assert "Every pod is to be replaced." in do("restart")
    settle(tried)
    assert before.isdisjoint(pod.uid for pod in pods(tried).values())


def test_pause_is_ours(tried: int) -> None:
    """A paused rollout is shown as Everynode's own, and resumed."""
    assert tried
    assert "The rollout is paused." in do("pause")
    page = visitor().get(SET)
    assert "Everynode&#x27;s own annotation" in page.content.decode()
    assert "Resume rollout" in text_of(page)
    assert "The rollout goes on." in do("resume")


@pytest.mark.parametrize("planned", [False, True])
def test_a_real_cluster_has_no_pause(tried: int, *, planned: bool) -> None:
    """Its own controller knows of none: only a plan, which we carry out, can be paused there."""
    if planned:
        daemonset_plan(cluster=tried, actor=PERSON, namespace="default", name="nginx-ds", fields={})
    mirrored(tried)
    for place in (SET, f"{SET}rollout/"):
        assert ('value="pause"' in visitor().get(place).content.decode()) == planned
    assert "cannot be pulled" not in text_of(visitor().get(SET))


def test_strategy(tried: int) -> None:
    """Strategy, bounds and minReadySeconds are saved; a percentage stays one."""
    form = {"strategy": "RollingUpdate", "max_unavailable": "0", "max_surge": "25%", "min_ready_seconds": 5}
    assert "Saved how pods are replaced." in do("strategy", **form)
    assert stands(tried)["spec"]["updateStrategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": 0, "maxSurge": "25%"},
    }
    assert stands(tried)["spec"]["minReadySeconds"] == 5
    assert 'value="25%"' in visitor().get(SET).content.decode()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"max_unavailable": "0"}, "cannot be 0 when", id="both bounds zero"),
        pytest.param({"max_unavailable": "many"}, "maxUnavailable", id="no number"),
        pytest.param({"max_unavailable": "120%"}, "must not be greater than 100%", id="more than all"),
        pytest.param({"min_ready_seconds": "soon"}, "Enter a whole number.", id="no seconds"),
        pytest.param({"strategy": "Pause"}, "Select a valid choice.", id="not an upstream strategy"),
    ],
)
def test_strategy_refused(tried: int, changed: dict[str, str], said: str) -> None:
    """What the API server refuses is refused here, in the form."""
    assert tried
    form = {"strategy": "RollingUpdate", "max_unavailable": "1", "max_surge": "0", "min_ready_seconds": 0}
    assert said in do("strategy", **{**form, **changed})


def test_behaviour(tried: int) -> None:
    """Trouble is written into the template and can be taken out again."""
    assert "New pods: crash loop." in do("behaviour", behaviour="crash-loop")
    annotations = stands(tried)["spec"]["template"]["metadata"]["annotations"]
    assert annotations["sim.everynode.dev/behaviour"] == "crash-loop"
    assert "New pods: normal." in do("behaviour", behaviour="")
    assert "annotations" not in stands(tried)["spec"]["template"]["metadata"]


def test_rollback(tried: int) -> None:
    """The revisions show what each changed, and one of them is gone back to."""
    container = stands(tried)["spec"]["template"]["spec"]["containers"][0]
    do("image", container=container["name"], image="nginx:other")
    settle(tried)
    page = text_of(visitor().get(SET))
    assert "+ image: nginx:other" in page
    assert "What going back would change" in page
    assert "Rolling back to revision 1." in do("rollback", revision=1)
    assert stands(tried)["spec"]["template"]["spec"]["containers"][0]["image"] == container["image"]


@pytest.mark.parametrize("revision", ["9", "first"])
def test_rollback_to_nowhere(tried: int, revision: str) -> None:
    """A revision that is not kept is refused."""
    assert tried
    assert "not found" in do("rollback", revision=revision)


def test_an_unknown_action(tried: int) -> None:
    """A word that no button sends is refused."""
    assert tried
    assert "There is no such action." in do("explode")


@pytest.mark.parametrize(("propagation", "left"), [("Background", 0), ("Foreground", 0), ("Orphan", 3)])
def test_delete(tried: int, propagation: str, left: int) -> None:
    """A set is deleted with its pods, or without them, and the map is shown."""
    response = visitor().post(f"{SET}do/", {"action": "delete", "propagation": propagation})
    assert response["Location"] == "/clusters/tried/"
    settle(tried)
    assert not models.DaemonSet.objects.filter(cluster=tried).exists()
    assert models.Pod.objects.filter(cluster=tried).count() == left


def edit(text: str, seen: str) -> Any:
    """Send the form that edits the YAML."""
    return visitor().post(f"{SET}edit/", {"text": text, "seen": seen})


def test_edit(tried: int) -> None:
    """The YAML is shown without what is the server's, and saved."""
    form = visitor().get(f"{SET}edit/").context["form"]
    text = form["text"].value()
    assert "resourceVersion" not in text
    response = edit(text.replace("app: nginx", "app: nginx"), form["seen"].value())
    assert response["Location"] == SET
    assert stands(tried)["metadata"]["name"] == "nginx-ds"


def test_edit_of_a_stale_form(tried: int) -> None:
    """A stale form keeps the typed text and shows what saving it would change; then it replaces."""
    form = visitor().get(f"{SET}edit/").context["form"]
    text, seen = form["text"].value(), form["seen"].value()
    do("pause")
    response = edit(text, seen)
    page = text_of(response)
    assert "Somebody else changed this meanwhile." in page
    assert "- everynode.dev/paused" in page
    assert response.context["form"]["text"].value() == text
    edit(text, response.context["form"]["seen"].value())
    assert "everynode.dev/paused" not in (stands(tried)["metadata"].get("annotations") or {})


def test_edit_refused(tried: int) -> None:
    """All faults of the text are listed, and the text is kept."""
    assert tried
    text = visitor().get(f"{SET}edit/").context["form"]["text"].value()
    response = edit(text.replace("restartPolicy: Always", "restartPolicy: Never"), "")
    assert "Nothing was saved." in text_of(response)
    assert "restartPolicy: Never" in response.content.decode()
    assert "spec.template.spec.restartPolicy" in text_of(response)


def test_edit_of_a_set_that_went(tried: int) -> None:
    """A set that was deleted meanwhile: the sentence is in the form, the text is kept."""
    text = visitor().get(f"{SET}edit/").context["form"]["text"].value()
    do("delete")
    settle(tried)
    response = edit(text, "")
    assert 'daemonsets.apps "nginx-ds" not found' in text_of(response)
    assert response.context["form"]["text"].value() == text


def fields_of(page: str, form: str) -> dict[str, str]:
    """Return what a form of the page would send as it stands, the values it was made from included."""
    drawn = BeautifulSoup(page, "html.parser").select_one(f"form#{form}")
    assert drawn
    sent = {str(one["name"]): str(one.get("value", "")) for one in drawn.select("input[name]")}
    for one in drawn.select("select option[selected]"):
        menu = one.find_parent("select")
        assert menu
        sent[str(menu["name"])] = str(one["value"])
    return sent


def opened(form: str) -> dict[str, str]:
    """Open the page and return what one of its forms would send."""
    return fields_of(visitor().get(SET).content.decode(), form)


def send(form: str, sent: dict[str, str]) -> str:
    """Send a form as htmx does, and return the answer."""
    return visitor().post(f"{SET}do/", sent, headers={**HTMX, "HX-Source": f"form#{form}"}).content.decode()


def test_a_form_saves_only_what_was_changed_in_it(tried: int) -> None:
    """Saving minReadySeconds leaves the bounds as somebody else has set them meanwhile."""
    mine = opened("strategy")
    do("strategy", strategy="RollingUpdate", max_unavailable="3", max_surge="0", min_ready_seconds=0)

    send("strategy", {**mine, "min_ready_seconds": "7"})

    spec = stands(tried)["spec"]
    assert (spec["minReadySeconds"], spec["updateStrategy"]["rollingUpdate"]["maxUnavailable"]) == (7, 3)


def test_a_stale_form_shows_both_sides(tried: int) -> None:
    """What somebody else changed meanwhile is not reverted unseen: both values are shown, then I decide."""
    mine = opened("image-nginx")
    do("image", container="nginx", image="nginx:theirs")

    answered = send("image-nginx", {**mine, "image": "nginx:mine"})

    said = BeautifulSoup(answered, "html.parser").get_text(" ", strip=True)
    assert "Somebody else changed this since you opened it. Nothing was saved yet." in said
    assert "now nginx:theirs , yours nginx:mine" in said
    assert image_of(tried) == "nginx:theirs"

    send("image-nginx", fields_of(answered, "image-nginx"))
    assert image_of(tried) == "nginx:mine"


def test_what_both_changed_alike_is_no_conflict(tried: int) -> None:
    """Two people who write the same are of one mind."""
    mine = opened("image-nginx")
    do("image", container="nginx", image="nginx:2")

    assert "Set the image nginx:2." in send("image-nginx", {**mine, "image": "nginx:2"})
    assert image_of(tried) == "nginx:2"


def test_a_stale_form_without_scripts(tried: int) -> None:
    """Without scripts the whole page comes again, with both sides beside what was typed."""
    mine = opened("behaviour")
    do("behaviour", behaviour="crash-loop")

    page = visitor().post(f"{SET}do/", {**mine, "behaviour": "never-ready"}).content.decode()

    assert "now crash-loop , yours never-ready" in BeautifulSoup(page, "html.parser").get_text(
        " ", strip=True
    )
    assert fields_of(page, "behaviour")["behaviour"] == "never-ready"
    marks = stands(tried)["spec"]["template"]["metadata"]["annotations"]
    assert marks["sim.everynode.dev/behaviour"] == "crash-loop"


def image_of(tried: int) -> str:
    """Return the image that the set's template names."""
    return str(stands(tried)["spec"]["template"]["spec"]["containers"][0]["image"])


def test_the_text_of_a_set_follows(tried: int) -> None:
    """The YAML that is edited is a live part, with its version; one that was sent and refused is not."""
    assert tried
    client, page = visitor(), f"{SET}edit/"
    answer(client, f"{SET}do/", action="image", container="nginx", image="nginx:fresh")
    part = client.get(page, headers=HTMX).content.decode()
    assert 'hx-target="#edit-form"' in part
    assert "nginx:fresh" in part
    assert "data-touched" not in part
    assert "data-live data-touched" in client.post(page, {"text": "a: b", "seen": "1"}).content.decode()


def test_a_set_that_came_in_its_place_is_not_deleted(tried: int) -> None:
    """The button deletes the set that was looked at, and no other of its name."""
    old = stands(tried)["metadata"]["uid"]
    client = visitor()
    assert f'name="uid" value="{old}"' in client.get(SET).content.decode()
    object_delete(cluster=tried, actor="ada", kind="DaemonSet", namespace="default", name="nginx-ds")
    fresh = with_daemonset(tried)
    response = client.post(f"{SET}do/", {"action": "delete", "uid": old})
    assert response.status_code == HTTPStatus.CONFLICT
    assert stands(tried)["metadata"]["uid"] == fresh["metadata"]["uid"]


def test_a_rollback_is_of_what_was_seen(tried: int) -> None:
    """A button of a page that is behind does not undo what somebody else set meanwhile."""
    settle(tried)
    client = visitor()
    seen = stands(tried)["metadata"]["resourceVersion"]
    answer(client, f"{SET}do/", action="image", container="nginx", image="nginx:theirs")
    settle(tried)
    response = answer(client, f"{SET}do/", action="rollback", revision="1", seen=seen)
    assert response.status_code == HTTPStatus.CONFLICT
    assert "Somebody else changed nginx-ds since this page was made" in text_of(response)
    now = stands(tried)["metadata"]["resourceVersion"]
    assert answer(client, f"{SET}do/", action="rollback", revision="1", seen=now).status_code == HTTPStatus.OK


@pytest.mark.usefixtures("tried")
def test_what_viewers_read() -> None:
    """Who may change nothing reads the strategy and the YAML of a set."""
    page = text_of(visitor(Role.VIEWER).get(SET))
    assert "Strategy RollingUpdate maxUnavailable 1 maxSurge 0 minReadySeconds 0" in page
    assert "kind: DaemonSet" in page
