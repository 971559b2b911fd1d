"""Who may do what: roles, and what the audit list keeps."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.manifests import SSD_MONITOR

pytestmark = pytest.mark.browser
FORBIDDEN = 403


def test_a_viewer_reads(enter: Enter, cluster: str) -> None:
    """A viewer sees every page of a cluster, no control on any of them, and is refused at every door."""
    admin, viewer = enter(), enter("viewer")
    admin.make_cluster(cluster)
    admin.create(cluster, SSD_MONITOR)
    at = f"clusters/{cluster}/"
    pages = ("", "?node=node-1", "table/", "passes/", "events/", "nodes/node-1/", "sets/default/ssd-monitor/")
    for path in pages:
        viewer.go_live(at + path)
        others = "main form[method=post]:not(#view-save)"  # what one keeps for oneself is no control
        controls = viewer.page.locator(f"{others}, #panel form, #controls form, #rail form")
        expect(controls).to_have_count(0)
    for path in ("create/", "settings/", "sets/default/ssd-monitor/edit/"):
        answer = viewer.page.goto(f"{viewer.url}{at}{path}")
        assert answer is not None
        assert answer.status == FORBIDDEN
        expect(viewer.page.locator("main")).to_contain_text("role")
    forms = ("nodes/node-1/label/", "clock/", "cure/", "table/add/", "settings/delete/")
    assert {viewer.try_post(at + path).status for path in forms} == {FORBIDDEN}
    assert viewer.try_post("clusters/", name="another").status == FORBIDDEN
    assert viewer.try_post("users/", username="another").status == FORBIDDEN


def test_a_viewer_watches(enter: Enter, cluster: str) -> None:
    """A viewer's map follows what others do."""
    admin, viewer = enter(), enter("viewer")
    admin.make_cluster(cluster)
    admin.create(cluster, SSD_MONITOR)
    viewer.map(cluster)
    viewer.sees_all("none", 3)
    admin.label(cluster, "node-1", "disk=ssd")
    viewer.sees("node-1", "new")


def test_an_operator_is_named(enter: Enter, cluster: str) -> None:
    """An operator changes clusters but no users; every change is in the audit list under that name."""
    operator = enter("operator")
    operator.make_cluster(cluster)
    operator.label(cluster, "node-1", "disk=ssd")
    assert operator.try_post("users/", username="another").status == FORBIDDEN
    operator.go(f"audit/?cluster={cluster}")
    rows = operator.page.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("operator")
    expect(rows.first).to_contain_text("disk=ssd")


def test_a_lost_session(enter: Enter, cluster: str) -> None:
    """Who is logged out elsewhere is led to the login by the next press, and back to where they were."""
    admin = enter()
    admin.make_cluster(cluster)
    admin.create(cluster, SSD_MONITOR)
    admin.map(cluster, node="node-1")
    admin.page.get_by_label("Label to set").fill("disk=ssd")
    admin.page.context.clear_cookies()
    admin.button("Set label").click()
    expect(admin.page.get_by_role("heading", name="Log in")).to_be_visible()
    assert f"next=/clusters/{cluster}/" in admin.page.url
