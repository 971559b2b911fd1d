"""Driving a cluster's time from the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.manifests import daemonset
from tests.browser.person import Person

pytestmark = pytest.mark.browser


def step(person: Person) -> str:
    """Press Step and return what the page tells of the pass that was made."""
    told = person.page.locator("#pass")
    before = told.inner_text()
    person.button("Step").click()
    expect(told).not_to_have_text(before, use_inner_text=True)
    return told.inner_text()


def test_pause_step_resume(person: Person, cluster: str) -> None:
    """A paused cluster stands; each step makes one pass and tells what it decided; resumed, it runs on."""
    person.make_cluster(cluster, nodes=2, delay=1.0)
    person.map(cluster)
    person.sees_ready(2)
    person.button("Pause time").click()
    expect(person.button("Resume time")).to_be_visible()
    person.create(cluster, daemonset())
    person.map(cluster)
    person.sees_all("missing", 2)
    clock = person.page.locator("[data-clock]")
    stood = clock.inner_text()

    told = step(person)
    assert "The last pass" in told
    assert "the node should run the set and has no pod of it" in told
    person.sees_all("updating", 2)
    assert clock.inner_text() == stood
    while "its containers are ready" not in told:
        person.sees_all("updating", 2)
        told = step(person)
    person.sees_all("new", 2)
    expect(clock).not_to_have_text(stood)

    person.button("Resume time").click()
    expect(person.button("Pause time")).to_be_visible()
    expect(person.page.locator("#pass")).to_be_empty()


def test_speed(person: Person, cluster: str) -> None:
    """At x100 what takes a minute of cluster time takes a moment."""
    person.make_cluster(cluster, nodes=2, delay=60.0)
    person.create(cluster, daemonset())
    person.map(cluster)
    person.sees_all("updating", 2)
    person.page.get_by_label("Speed").click()
    person.page.get_by_role("button", name="100", exact=False).click()
    person.sees_all("new", 2)
    expect(person.page.locator("summary", has_text="100")).to_be_visible()
