"""Clusters as a whole, from the page: rename, copy, reset, delete."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.manifests import SSD_MONITOR
from tests.browser.person import Person
from tests.servers import BASE

pytestmark = pytest.mark.browser


def test_a_clusters_life(person: Person, cluster: str) -> None:
    """A cluster is renamed, copied with all it holds, reset to how it was made, and deleted by its name."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    person.label(cluster, "node-1", "disk=ssd")
    page, renamed, copy = person.page, f"{cluster}-renamed", f"{cluster}-copy"

    person.go_live(f"clusters/{cluster}/settings/")
    page.locator("#id_rename-name").fill(renamed)
    person.button("Rename").click()
    page.wait_for_url(f"**/clusters/{renamed}/")
    person.sees("node-1", "new")

    person.go_live(f"clusters/{renamed}/settings/")
    page.locator("#id_copy-name").fill(copy)
    person.button("Copy").click()
    page.wait_for_url(f"**/clusters/{copy}/")
    person.sees("node-1", "new")
    expect(page.locator("#rail .sets")).to_contain_text("1/1")

    person.go_live(f"clusters/{renamed}/settings/")
    page.locator("summary", has_text="Reset").click()
    person.button("Throw away what was done here").click()
    expect(page.locator("#rail")).to_contain_text("No DaemonSet yet.")
    person.sees_all("none", 3)

    person.go_live(f"clusters/{renamed}/settings/")
    page.locator("#id_deletion-name").fill(cluster)
    person.button("Delete the cluster").click()
    expect(page.locator("main")).to_contain_text("Nothing was deleted.")
    page.locator("#id_deletion-name").fill(renamed)
    person.button("Delete the cluster").click()
    person.sees_toast(f"Deleted cluster {renamed}.")
    expect(page.locator("#cards")).not_to_contain_text(renamed)
    expect(page.locator("#cards")).to_contain_text(copy)


def test_the_same_door_in_the_admin(person: Person, cluster: str) -> None:
    """A label that is set in Django admin lights the cell like one from the page."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    page = person.page
    person.go("admin/controller/node/")
    page.get_by_role("link", name=cluster, exact=True).first.click()
    page.get_by_role("link", name="node-2").first.click()
    page.locator("textarea[name=labels]").fill("disk=ssd")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("changed")
    person.map(cluster)
    person.sees("node-2", "new")


def test_a_dump_of_a_real_cluster(person: Person, cluster: str) -> None:
    """A dump is uploaded, looked at as it was, asked what a label would do, and goes on as a simulation."""
    page = person.page
    person.go("clusters/")
    page.get_by_role("link", name="Import a cluster").click()
    page.locator("#id_import-file").set_input_files(
        {"name": "page.json", "mimeType": "application/json", "buffer": b"<html>"}
    )
    person.button("Import").click()
    expect(page.locator("main")).to_contain_text("page.json: This is a web page, not what kubectl wrote.")

    page.locator("#id_import-file").set_input_files(BASE / "tests" / "fixtures" / "dump.json.gz")
    page.locator("#id_import-name").fill(cluster)
    person.button("Import").click()
    page.wait_for_url(f"**/clusters/{cluster}/**")
    person.sees_toast(f"Made cluster {cluster} of a dump of 2026-11-22 06:25:12 UTC; its clock is paused.")
    expect(page.locator(".where")).to_contain_text("from a dump")
    expect(page.locator("[data-clock]")).to_have_text("2026-11-22 06:25:12")

    person.map(cluster, set="logging/logger")
    person.sees("node-001", "new")
    person.sees("node-002", "none")
    person.button("Resume time").click()
    expect(page.locator("[data-clock]")).not_to_have_text("2026-11-22 06:25:12")
    person.label(cluster, "node-002", "disk=ssd")
    person.sees("node-002", "pending")  # other workloads, of which only sums are known, leave no room
