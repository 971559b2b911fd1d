"""The page of a rollout, watched and used: what it says moves with the cluster, and its brakes hold."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Enter
from tests.browser.manifests import daemonset, rolling
from tests.browser.person import Person
from tests.browser.test_accessibility import faults

pytestmark = pytest.mark.browser


def entered(enter: Enter, cluster: str, *, nodes: int = 3, delay: float = 0.0) -> Person:
    """Bring a set onto some nodes, and open the page of its rollout."""
    mine = enter()
    mine.make_cluster(cluster, nodes=nodes, delay=delay)
    mine.create(cluster, daemonset(update=rolling()))
    mine.map(cluster)
    mine.sees_all("new", nodes)
    mine.go_live(f"clusters/{cluster}/sets/default/agent/rollout/")
    return mine


def said(person: Person, part: str) -> Locator:
    """Return a part of the page."""
    return person.page.locator(f"#{part}")


def test_it_follows_a_rollout(enter: Enter, cluster: str) -> None:
    """Bar, map, budget, pace move as nodes are replaced, and come to rest with it; nobody reloads."""
    mine = entered(enter, cluster)
    expect(said(mine, "stages")).to_contain_text("3 of 3 updated and available")
    expect(said(mine, "pace")).to_contain_text("Nothing is left to do.")
    mine.pods_take(cluster, 100)
    mine.act(cluster, "agent", "image", container="main", image="agent:2")
    expect(said(mine, "rollout")).to_contain_text("Rolling out revision 2")
    expect(said(mine, "rollout").locator(".slot")).to_contain_text("node-1")
    expect(said(mine, "stages").locator("svg.nodes-map .cell-old").first).to_be_attached()
    expect(said(mine, "pace")).to_contain_text("to go.")
    mine.hurry(cluster)
    expect(said(mine, "rollout")).to_contain_text("Revision 2: rollout complete")
    expect(said(mine, "stages")).to_contain_text("3 of 3 updated and available")
    assert mine.troubles == []


def test_why_nothing_moves(enter: Enter, cluster: str) -> None:
    """A revision that crashes holds the only slot: the page names node, fault and alert, and rolls back."""
    mine = entered(enter, cluster)
    mine.act(cluster, "agent", "behaviour", behaviour="crash-loop")
    expect(said(mine, "rollout")).to_contain_text("Rollout of revision 2 is stuck")
    expect(said(mine, "rollout")).to_contain_text("The only slot of the budget is held by node-1")
    expect(said(mine, "faults")).to_contain_text("1 the revision's fault node-1", use_inner_text=True)
    expect(said(mine, "alerts")).to_contain_text("It is stuck now. The alert waits")
    expect(said(mine, "pace")).to_contain_text("It stands still, so no end is expected.")
    mine.button("Roll back to revision 1").click()
    expect(said(mine, "rollout")).to_contain_text("Revision 3: rollout complete")
    expect(said(mine, "faults")).to_contain_text("Every node that should run it has an available pod.")
    assert mine.troubles == []


def test_sliders_by_keyboard(enter: Enter, cluster: str) -> None:
    """A slider that is moved by keys says where it stands, and what would come of it."""
    mine = entered(enter, cluster, delay=2.0)
    slider = mine.page.get_by_role("slider", name="maxUnavailable")
    slider.focus()
    slider.press("ArrowRight")
    expect(said(mine, "limits").locator("output").first).to_have_text("2")
    expect(said(mine, "limits-answer")).to_contain_text("maxUnavailable 2, maxSurge 0, minReadySeconds 0")
    expect(said(mine, "limits-answer")).to_contain_text("As it stands")
    assert mine.troubles == []


def test_from_a_plan_to_its_promotion(enter: Enter, cluster: str) -> None:
    """It is previewed wave by wave, applied, waits for its promotion, and ends."""
    mine = entered(enter, cluster)
    page = mine.page
    page.get_by_label("Then these waves").fill("kubernetes.io/hostname=node-2")
    page.get_by_label("The next wave begins").select_option("EveryWave")
    said(mine, "plan-form").get_by_role("button", name="Preview").click()
    waves = page.locator("#preview .preview-waves > li")
    expect(waves).to_have_count(2)
    expect(waves.first).to_contain_text("kubernetes.io/hostname=node-2")
    expect(waves.last).to_contain_text("All other nodes")
    assert faults(mine) == []
    page.locator("#preview").get_by_role("button", name="Apply").click()
    mine.sees_toast("The plan stands.")
    expect(said(mine, "plan-form")).to_contain_text("Change the plan")

    mine.act(cluster, "agent", "image", container="main", image="agent:2")
    expect(said(mine, "rollout")).to_contain_text("the next begins when somebody promotes it")
    expect(said(mine, "stages").locator("li").first).to_contain_text("waits for its promotion")
    mine.button("Promote kubernetes.io/hostname=node-2").click()
    mine.sees_toast("The next wave begins.")
    expect(said(mine, "plan-now")).to_contain_text("The last plan brought its revision everywhere.")
    expect(said(mine, "stages")).to_contain_text("3 of 3 updated and available")
    assert mine.troubles == []


def test_a_plan_is_paused_resumed_and_undone(enter: Enter, cluster: str) -> None:
    """In the middle of its waves, by the buttons of the page."""
    mine = entered(enter, cluster, delay=1.0)
    page = mine.page
    page.get_by_label("Soak (s)").fill("3600")
    page.get_by_label("Canary nodes").fill("kubernetes.io/hostname=node-3")
    mine.button("Roll out by this plan").click()
    mine.sees_toast("The plan stands.")
    mine.act(cluster, "agent", "image", container="main", image="agent:2")
    expect(said(mine, "stages").locator("li").first).to_contain_text("soaking")
    mine.button("Pause").click()
    mine.sees_toast("The rollout is paused.")
    expect(said(mine, "rollout")).to_contain_text("is paused")
    mine.button("Resume").click()
    mine.sees_toast("The rollout goes on.")
    expect(said(mine, "stages").locator("li").first).to_contain_text("soaking")
    mine.button("Undo the rollout").click()
    mine.sees_toast("On the way back to the revision of before the plan.")
    expect(said(mine, "plan-now")).to_contain_text("The last plan was undone")
    expect(said(mine, "stages")).to_contain_text("3 of 3 updated and available")
    assert mine.troubles == []


def test_what_is_typed_wrong_stays(enter: Enter, cluster: str) -> None:
    """The fault stands at its field, in the form and for a preview; nothing that was typed is lost."""
    mine = entered(enter, cluster)
    waves = mine.page.get_by_label("Then these waves")
    waves.fill("zone in (a; zone=b")
    for button in ("Preview", "Roll out by this plan"):
        said(mine, "plan-form").get_by_role("button", name=button).click()
        expect(said(mine, "plan-form").locator(".faults").first).to_contain_text("Write label selectors")
        expect(waves).to_have_value("zone in (a; zone=b")
    assert mine.troubles == []


def test_a_deployment_is_watched_too(enter: Enter, cluster: str) -> None:
    """Its page names the bounds and who is in the way as it happens, and rolls back."""
    mine = enter()
    mine.make_cluster(cluster)
    mine.create(cluster, DEPLOYMENT)
    address = f"clusters/{cluster}/objects/deployments/default/web/"
    mine.go_live(address)
    mine.page.get_by_role("link", name="Rollout", exact=True).click()
    mine.is_live()
    expect(said(mine, "rollout")).to_contain_text("All pods are of the present template and available.")
    mine.post(f"{address}do/", action="image", container="main", image="web:non-existent")
    expect(said(mine, "rollout")).to_contain_text("Rollout of revision 2 is stuck")
    expect(said(mine, "ways")).to_contain_text("it is in trouble")
    expect(said(mine, "bounds")).to_contain_text("5, at most 5 (maxSurge)")
    expect(said(mine, "deadline")).to_contain_text("counts as stuck in")
    assert faults(mine) == []
    mine.button("Roll back to revision 1").click()
    mine.sees_toast("Rolling back to revision 1.")
    expect(said(mine, "rollout")).to_contain_text("All pods are of the present template and available.")
    assert mine.troubles == []


DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "web:1"}]}
"""
