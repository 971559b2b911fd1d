"""Saved views of the map, by hand: kept under a name, opened from the menu and the palette, opened with."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person

pytestmark = pytest.mark.browser

NAME = "Health of zone a"


def test_a_view_is_kept_and_opened(person: Person, cluster: str) -> None:
    """What the map shows is kept under a name, found again in the menu and by Ctrl-K, and opened with."""
    page = person.page
    person.make_cluster(cluster)
    person.map(cluster)
    person.button("Health").click()
    page.locator("[data-filter]").fill("node-2")
    expect(page.locator("[data-query]")).to_have_value("view=health&filter=node-2")
    page.get_by_label("Saved views").click()
    page.get_by_label("Keep this view as").fill(NAME)
    person.button("Save view").click()
    person.sees_toast(f"Saved the view {NAME}.")
    person.map(cluster, view="one")
    page.get_by_label("Saved views").click()
    page.locator("#views").get_by_role("link", name=NAME).click()
    page.wait_for_url(re.compile(r"view=health"))
    person.is_live()
    expect(person.button("Health")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-filter]")).to_have_value("node-2")
    person.go_live(f"clusters/{cluster}/views/")
    person.button("Make it my default").click()
    expect(page.locator("#rows .chip")).to_have_text("my default")
    person.go_live(f"clusters/{cluster}/")
    expect(person.button("Health")).to_have_attribute("aria-pressed", "true")
    person.map(cluster, view="one")
    page.keyboard.press("Control+k")
    with page.expect_response(re.compile(r"text=zone(\+|%20)a$")):
        page.keyboard.type("zone a")
    expect(page.locator("#search").get_by_role("link", name=NAME)).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"view=health"))


def test_views_are_renamed_and_deleted(person: Person, cluster: str) -> None:
    """The list renames, shares and deletes, and follows what others do."""
    page = person.page
    person.make_cluster(cluster)
    person.post(f"clusters/{cluster}/views/save/", name="one", query="view=all")
    person.go_live(f"clusters/{cluster}/views/")
    person.button("Share with all who see the cluster").click()
    expect(page.locator("#rows")).to_contain_text("shared")
    page.locator("summary", has_text="Rename").click()
    page.get_by_label("New name of one").fill("two")
    page.get_by_label("New name of one").press("Enter")
    expect(page.locator("#rows b")).to_have_text("two")
    page.locator("summary", has_text="Delete").click()
    person.button("Delete this view").click()
    expect(page.locator("#rows")).to_contain_text("No view is kept yet.")
