"""Four ways to the pods of a DaemonSet: what is broken shows in the lines at once, and what is mended."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.manifests import daemonset
from tests.browser.person import Person

pytestmark = pytest.mark.browser
BOX = {"name": "main", "image": "agent:1", "ports": [{"containerPort": 8080, "hostPort": 8080}]}


@pytest.fixture(name="reach")
def _reach(person: Person, cluster: str) -> Person:
    """Open the page of a set on two nodes, with something to call by every way."""
    person.make_cluster(cluster, nodes=2)
    person.create(cluster, daemonset(containers=[BOX]))
    person.go_live(f"clusters/{cluster}/reach/")
    person.button("Create Services and a sink").click()
    for way in ("Push", "Node and known port", "DNS", "Service"):
        expect(card(person, way).locator("line.tone-good")).to_have_count(2)
    return person


def card(person: Person, way: str) -> Locator:
    """Return the card of a way."""
    title = person.page.get_by_role("heading", name=way, exact=True)
    return person.page.locator("#reach .ways .card").filter(has=title)


def lines(person: Person, way: str, *, good: int, bad: int) -> None:
    """Wait until so many lines of a way reach somebody, and so many nobody."""
    expect(card(person, way).locator("line.tone-good")).to_have_count(good)
    expect(card(person, way).locator("line.tone-bad")).to_have_count(bad)
    expect(card(person, way)).to_contain_text(f"{good} of {good + bad} reached")


def row(person: Person) -> Locator:
    """Return the row of the first node."""
    return person.page.locator("#reach-node-1")


def test_a_pod_breaks_and_is_mended(reach: Person) -> None:
    """A pod that is not ready leaves DNS and the Service; it still sends, and is still at its node's port."""
    row(reach).get_by_role("button", name="Not ready").click()
    lines(reach, "DNS", good=1, bad=1)
    lines(reach, "Service", good=1, bad=1)
    lines(reach, "Push", good=2, bad=0)
    lines(reach, "Node and known port", good=2, bad=0)
    row(reach).get_by_role("button", name="Mend").click()
    lines(reach, "DNS", good=2, bad=0)
    lines(reach, "Service", good=2, bad=0)


def test_a_port_breaks_and_is_mended(reach: Person) -> None:
    """A Service that leads to a wrong port reaches nobody; the other ways do not ask it."""
    card(reach, "Service").get_by_role("button", name="Break its port").click()
    lines(reach, "Service", good=0, bad=2)
    lines(reach, "DNS", good=2, bad=0)
    expect(row(reach)).to_contain_text("nobody listens on port 9")
    card(reach, "Service").get_by_role("button", name="Mend its port").click()
    lines(reach, "Service", good=2, bad=0)


def test_a_label_is_lost_and_given_back(reach: Person) -> None:
    """A pod without its label is let go and listed; given back, the page is as before."""
    name = row(reach).locator("a.mono").inner_text()
    row(reach).get_by_role("button", name="Lose label").click()
    let_go = reach.page.locator("#reach li").filter(has_text=name)
    expect(let_go).to_be_visible()
    let_go.get_by_role("button", name="Give the label back").click()
    expect(let_go).to_have_count(0)
    lines(reach, "Service", good=2, bad=0)
