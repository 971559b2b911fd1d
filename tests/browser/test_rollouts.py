"""Rollouts as they are watched: cells that move, progress, revisions, budgets, and the brakes."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.manifests import daemonset, rolling
from tests.browser.person import Person
from tests.servers import wait_until

pytestmark = pytest.mark.browser


def running(person: Person, cluster: str, *, delay: float = 0.0, **update: int | str) -> None:
    """Bring a set of revision 1 onto three nodes."""
    person.make_cluster(cluster, delay=delay)
    person.create(cluster, daemonset(update=rolling(**update)))
    person.map(cluster)
    person.sees_all("new", 3)


def test_rolling_update(person: Person, cluster: str) -> None:
    """A new image moves node by node through the map; the way back is the same."""
    running(person, cluster, delay=2.0)  # a slow browser may draw two quick steps at once
    person.watch()
    person.act(cluster, "agent", "image", container="main", image="agent:2")
    expect(person.panel).to_contain_text("Rolling out revision 2")
    person.sees_all("new", 3)
    expect(person.panel).to_contain_text("Revision 2: rollout complete")
    # The first node is replaced at once: one delta may hold both that it is old and that it goes.
    assert person.course("node-1")[-2:] == ["updating", "new"]
    for node in ("node-2", "node-3"):
        assert person.course(node) == ["old", "updating", "new"]

    person.page.get_by_role("link", name="Open its page").click()
    expect(person.page.locator("#revisions li")).to_have_count(2)
    person.page.get_by_text("What it changed").click()
    expect(person.page.locator("#revisions .diff").first).to_contain_text("image: agent:2")
    person.button("Roll back to revision 1").click()
    expect(person.page.locator("#revisions li").first).to_contain_text("Revision 3")
    expect(person.page.locator("#rollout")).to_contain_text("Revision 3: rollout complete")
    expect(person.page.locator("#pods")).to_contain_text("Running")


def test_the_budget_holds(person: Person, cluster: str) -> None:
    """With maxUnavailable 1 no two nodes are without an available pod at the same time."""
    running(person, cluster)
    person.pods_take(cluster, 100)
    person.watch()
    person.act(cluster, "agent", "image", container="main", image="agent:2")
    person.sees_all("updating", 1)
    expect(person.panel).to_contain_text("1 of 1 slots taken")
    person.hurry(cluster)
    person.sees_all("new", 3)
    drawn: dict[float, dict[str, str]] = {at: {} for _node, _state, at in person.watched()}
    for node, state, at in person.watched():
        drawn[at][node] = state
    states: dict[str, str] = {}
    for changed in drawn.values():
        states |= changed
        assert list(states.values()).count("updating") <= 1


def test_surge(person: Person, cluster: str) -> None:
    """With maxSurge the old pod stays until the new one beside it is ready."""
    running(person, cluster, delay=2.0, max_unavailable=0, max_surge=1)
    person.watch()
    person.act(cluster, "agent", "image", container="main", image="agent:2")
    person.sees_all("new", 3)
    for node in ("node-1", "node-2", "node-3"):
        assert "surge" in person.course(node)


def test_on_delete(person: Person, cluster: str) -> None:
    """With OnDelete nothing moves until somebody deletes a pod."""
    running(person, cluster)
    person.go_live(f"clusters/{cluster}/sets/default/agent/")
    person.page.get_by_label("Strategy").select_option("OnDelete")
    person.button("Save").click()
    person.sees_toast("Saved how pods are replaced.")
    person.page.get_by_label("main", exact=True).fill("agent:2")
    person.button("Set image").click()
    person.sees_toast("Set the image agent:2.")
    person.map(cluster)
    person.sees_all("old", 3)
    person.cell("node-2").click()
    person.panel.locator(".pods a").click()
    person.button("Delete").click()
    expect(person.page.locator("main")).to_contain_text("This pod is gone.")
    person.map(cluster)
    person.sees("node-2", "new")
    person.sees_all("old", 2)


def test_pause_of_a_rollout(person: Person, cluster: str) -> None:
    """A paused set keeps its old pods, says whose invention that is, and goes on when told."""
    running(person, cluster)
    person.go_live(f"clusters/{cluster}/sets/default/agent/")
    person.button("Pause rollout").click()
    expect(person.page.locator("#rollout .chip", has_text="paused")).to_have_attribute(
        "title", "Everynode's own annotation, not an upstream strategy."
    )
    person.page.get_by_label("main", exact=True).fill("agent:2")
    person.button("Set image").click()
    expect(person.page.locator("#counts .counts > div", has_text="up to date")).to_contain_text("0")
    person.map(cluster)
    person.sees_all("old", 3)
    person.go_live(f"clusters/{cluster}/sets/default/agent/")
    person.button("Resume rollout").click()
    expect(person.page.locator("#rollout")).to_contain_text("Revision 2: rollout complete")
    person.map(cluster)
    person.sees_all("new", 3)


def test_delete_and_recreate(person: Person, cluster: str) -> None:
    """A set deleted with its pods left alone is created anew and adopts them: nobody restarts."""
    running(person, cluster)
    person.go_live(f"clusters/{cluster}/sets/default/agent/")
    before = person.page.locator("#pods td:first-child").all_inner_texts()
    person.page.get_by_label("Orphan").check()
    person.page.locator("summary", has_text="Delete").click()
    person.button("Delete agent").click()
    expect(person.page.locator("#rail")).to_contain_text("No DaemonSet yet.")
    person.create(cluster, daemonset(update=rolling()))
    person.go_live(f"clusters/{cluster}/sets/default/agent/")
    expect(person.page.locator("#counts .counts > div", has_text="available")).to_contain_text("3")
    pods = person.page.locator("#pods td:first-child")
    wait_until(lambda: sorted(pods.all_inner_texts()) == sorted(before), what="the pods of before")
