"""The forms of the settings, of people, of a node and of YAML follow what others change."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.manifests import daemonset

pytestmark = pytest.mark.browser


def test_settings_follow_and_then_ask(enter: Enter, cluster: str) -> None:
    """Untouched, the delays show what another sets; typed into, they stay, and saving shows both sides."""
    mine, other = enter(), enter("operator")
    mine.make_cluster(cluster)
    path = f"clusters/{cluster}/settings/"
    mine.go_live(path)
    delay = mine.page.get_by_label("Start delay (s)")

    other.post(path, start_delay=3, stop_delay=1, node_grace=1, kubelet_events="auto")
    expect(delay).to_have_value("3.0")

    delay.fill("5")
    other.post(path, start_delay=4, stop_delay=1, node_grace=1, kubelet_events="auto")
    mine.button("Save").click()
    note = mine.page.locator("#delays .note")
    expect(note).to_contain_text("now 4.0, yours 5.0")
    expect(delay).to_have_value("5")

    mine.button("Save").click()
    mine.sees_toast("Saved the settings.")
    expect(note).to_be_hidden()


def test_text_and_labels_follow(enter: Enter, cluster: str) -> None:
    """The YAML of a set and the labels of a node follow until somebody types, in the editor too."""
    mine, other = enter(), enter("operator")
    mine.make_cluster(cluster)
    mine.create(cluster, daemonset())
    mine.go_live(f"clusters/{cluster}/sets/default/agent/edit/")
    text = mine.yaml
    expect(mine.editor).to_contain_text("agent:1")
    other.act(cluster, "agent", "image", container="main", image="agent:theirs")
    expect(text).to_have_value(re.compile("agent:theirs"))
    expect(mine.editor).to_contain_text("agent:theirs")
    mine.editor.press("Control+End")
    mine.page.keyboard.type("#")
    expect(text).to_have_value(re.compile("#$"))
    typed = text.input_value()
    other.act(cluster, "agent", "image", container="main", image="agent:again")
    expect(mine.page.locator("#rail")).to_contain_text("agent")
    expect(text).to_have_value(typed)

    mine.go_live(f"clusters/{cluster}/nodes/node-1/")
    other.post(f"clusters/{cluster}/nodes/node-1/label/", label="disk=ssd")
    expect(mine.page.locator("#id_labels-text")).to_have_value(re.compile("disk=ssd"))


def test_people_follow(enter: Enter) -> None:
    """An admin sees what another grants, and the form that is made from it."""
    mine, other = enter(), enter()
    mine.post("users/", username="grace", role="", password="a long word nobody guesses")
    mine.go("users/")
    mine.page.get_by_role("link", name="grace").click()
    mine.page.wait_for_url("**/users/*/")
    other.page.goto(mine.page.url)
    may = mine.page.locator("#person-may")
    expect(may).to_contain_text("Nothing yet")
    other.button("Grant").click()
    expect(may.get_by_role("row")).to_have_text(
        [re.compile("Cluster"), re.compile("all clusters.*viewer", re.DOTALL)]
    )
    expect(other.page.locator("#person-may")).to_contain_text("viewer")

    mine.page.get_by_label("Role").select_option("none")
    other.page.get_by_label("Role").select_option("operator")
    other.button("Grant").click()
    expect(may.get_by_role("row").last).to_contain_text("operator")
    mine.button("Grant").click()
    expect(mine.page.locator("#grant .note")).to_contain_text("now operator, yours none")
    mine.button("Grant").click()
    expect(may).to_contain_text("Nothing yet")
