"""Edits are previewed, drawn on the map, applied and taken back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.manifests import daemonset

pytestmark = pytest.mark.browser
LONG = "registry.example/a-team/that-gives-long-names/agent:seen"
WIDER = """() => {
  const sheet = document.querySelector(".preview-sheet");
  return sheet.scrollWidth - sheet.clientWidth;
}"""


def test_from_preview_to_undo(enter: Enter, cluster: str) -> None:
    """What is typed stays in its form; the map draws what would be; Apply does it, and Undo takes it back."""
    mine = enter()
    mine.make_cluster(cluster)
    mine.create(cluster, daemonset())
    mine.go_live(f"clusters/{cluster}/sets/default/agent/")
    image = mine.page.get_by_label("main", exact=True)
    image.fill(LONG)
    mine.page.locator("#image-main").get_by_role("button", name="Preview").click()
    sheet = mine.page.locator("#preview")
    expect(sheet.locator("h2")).to_be_focused()
    expect(sheet.locator(".preview-lead")).to_contain_text("replaced")
    expect(image).to_have_value(LONG)

    mine.page.keyboard.press("Escape")
    expect(sheet).to_be_empty()
    expect(mine.page.locator("#image-main").get_by_role("button", name="Preview")).to_be_focused()
    mine.page.keyboard.press("Enter")
    sheet.get_by_role("link", name="On the map").click()
    expect(mine.page.locator("#map")).to_be_visible()
    expect(sheet.locator(".preview-lead")).to_contain_text("replaced")
    assert mine.page.evaluate(WIDER) == 0
    sheet.get_by_role("button", name="Apply").click()
    mine.sees_toast(f"Set the image {LONG}.")
    expect(sheet).to_be_empty()
    mine.page.locator(".toast").get_by_role("button", name="Undo").click()
    mine.sees_toast("Took back: Set the image of main")
    assert mine.troubles == []


def test_a_button_is_previewed_first(enter: Enter, cluster: str) -> None:
    """A box beside buttons lets each of them say first what it would do."""
    mine = enter()
    mine.make_cluster(cluster)
    mine.create(cluster, daemonset())
    mine.go_live(f"clusters/{cluster}/sets/default/agent/")
    mine.page.get_by_label("Preview first").check()
    mine.button("Restart").click()
    expect(mine.page.locator(".preview-lead")).to_contain_text("replaced")
    expect(mine.page.get_by_label("Preview first")).to_be_checked()
    mine.page.get_by_role("button", name="Throw away").or_(
        mine.page.get_by_role("link", name="Throw away")
    ).click()
    expect(mine.page.locator("#preview")).to_be_empty()


def test_strategies_race(enter: Enter, cluster: str) -> None:
    """Each lane comes in by itself, with a chart."""
    mine = enter()
    mine.make_cluster(cluster)
    mine.create(cluster, daemonset())
    mine.go_live(f"clusters/{cluster}/sets/default/agent/")
    mine.page.get_by_role("link", name="Race").click()
    mine.button("Race").click()
    expect(mine.page.locator(".lane canvas")).to_have_count(4)
    expect(mine.page.locator(".lane").first).to_contain_text("All pods are replaced and available.")
    assert mine.troubles == []
