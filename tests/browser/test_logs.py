"""Logs and a shell on their pages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person

pytestmark = pytest.mark.browser

TALKERS = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: talker}
spec:
  selector: {matchLabels: {app: talker}}
  template:
    metadata:
      labels: {app: talker}
      annotations: {sim.everynode.dev/log-line: "beat {number} of {pod}", sim.everynode.dev/log-every: "0.5"}
    spec:
      containers: [{name: main, image: "talker:1"}]
"""


def test_logs_of_a_set(person: Person, cluster: str) -> None:
    """The lines of all pods come interleaved; they are searched, held and hidden pod by pod."""
    person.make_cluster(cluster, nodes=2)
    person.create(cluster, TALKERS)
    person.go_live(f"clusters/{cluster}/sets/default/talker/")
    person.page.get_by_role("link", name="Logs").click()
    chips, lines = person.page.locator("[data-pods] button"), person.page.locator("[data-lines] li")
    expect(chips).to_have_count(2)
    one, other = (re.sub(r"[ :].*", "", text) for text in chips.all_inner_texts())
    for name in (one, other):
        expect(lines.filter(has=person.page.locator("b", has_text=name)).nth(2)).to_be_visible()

    search = person.page.get_by_label("Search in the lines")
    search.fill("/beat [12] /")
    person.page.get_by_label("Only matches").check()
    expect(lines).to_have_count(4)
    expect(person.page.locator("[data-lines] mark")).to_have_count(4)
    chips.first.click()
    expect(lines).to_have_count(2)
    search.fill("/(/")
    expect(search).to_have_attribute("aria-invalid", "true")
    expect(lines).to_have_count(2)

    search.fill("")
    expect(lines.nth(3)).to_be_visible()
    person.page.get_by_role("button", name="Hold").click()
    held = lines.count()
    expect(person.page.locator(".log-state")).not_to_have_text(f"{held} lines")
    expect(lines).to_have_count(held)


def test_logs_of_chosen_nodes(person: Person, cluster: str) -> None:
    """Only the pods on the nodes that are named are read; a faulty selector keeps its text."""
    person.make_cluster(cluster, nodes=3)
    person.create(cluster, TALKERS)
    person.go_live(f"clusters/{cluster}/logs/?of=DaemonSet/default/talker")
    nodes = person.page.get_by_label("On nodes")
    nodes.fill("node-2, node-3")
    person.button("Show").click()
    expect(person.page.locator("[data-pods] button")).to_have_count(2)
    nodes.fill("a in (")
    person.button("Show").click()
    expect(person.page.locator(".faults")).to_contain_text("unable to parse requirement")
    expect(nodes).to_have_value("a in (")


def test_a_shell(person: Person, cluster: str) -> None:
    """A terminal in the page runs commands in the container, until one leaves it."""
    person.make_cluster(cluster, nodes=1)
    person.create(cluster, TALKERS)
    person.go_live(f"clusters/{cluster}/sets/default/talker/")
    person.page.locator("#pods a.mono").first.click()
    person.page.get_by_role("link", name="Shell").click()
    rows = person.page.locator(".xterm-rows")
    expect(rows).to_contain_text("/ #")
    person.page.keyboard.type("hostname\n")
    expect(rows).to_contain_text(re.compile(r"talker-\w{5}"))
    person.page.keyboard.type("exit\n")
    expect(person.page.locator("[data-why]")).to_have_text("The shell has ended.")
    person.button("Open again").click()
    expect(rows).to_contain_text("/ #")
    expect(rows).not_to_contain_text("exit")
