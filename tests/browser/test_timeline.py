"""The past in a browser: the bar leads to moments, the map shows them, and plays them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.manifests import SSD_MONITOR
from tests.browser.person import Person

pytestmark = pytest.mark.browser


def test_back_to_an_edit(person: Person, cluster: str) -> None:
    """From the bar to the moment right after an edit, whose map says what was; played, it comes to now."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    person.map(cluster)
    person.label(cluster, "node-1", "disk=ssd")
    person.sees("node-1", "new")
    person.label(cluster, "node-2", "disk=ssd")
    person.sees("node-2", "new")
    person.page.reload()
    person.page.get_by_role("button", name="Edit before").click()
    person.page.wait_for_url(re.compile(r"/at/\d+/clusters/"))
    expect(person.page.locator("#banners")).to_contain_text("You look at change")
    person.sees("node-1", "new")
    person.sees("node-2", "missing")
    expect(person.page.locator("[data-line]")).to_have_attribute("data-state", "past")
    expect(person.page.get_by_role("button", name="Pause time")).to_have_count(0)

    person.page.get_by_role("button", name="Play").click()
    person.sees("node-2", "new")
    person.page.wait_for_url(lambda url: "/at/" not in url)
    person.is_live()


def test_the_whole_page_goes_along_with_a_replay(person: Person, cluster: str) -> None:
    """Not the map alone: the address, the banner and the links are those of the moment that is shown."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    person.map(cluster)
    person.label(cluster, "node-1", "disk=ssd")
    person.sees("node-1", "new")
    person.go(f"at/0/clusters/{cluster}/")
    expect(person.page.locator(".timeline")).to_be_visible()
    shown: list[str] = []

    def hold(route: Route) -> None:
        """Let one frame through: the replay stands at its moment, waiting for the next."""
        if not shown:
            shown.append(re.findall(r"/at/(\d+)/", route.request.url)[0])
            route.continue_()

    person.page.route(re.compile(r"/at/\d+/clusters/[^/]+/frame"), hold)
    person.page.get_by_label("Replay").select_option("0.1")
    person.button("Play").click()
    person.page.wait_for_url(re.compile(r"/at/[1-9]\d*/clusters/"))
    (number,) = shown
    expect(person.page).to_have_url(re.compile(rf"/at/{number}/clusters/{cluster}/"))
    expect(person.page.locator("#banners")).to_contain_text(f"You look at change {number}")
    links = person.page.locator("a[href^='/at/']")
    addresses = links.evaluate_all("all => all.map((link) => link.pathname)")
    assert {address.split("/")[2] for address in addresses} == {number}


def test_by_keyboard(person: Person, cluster: str) -> None:
    """The slider goes to a moment, and the link in the banner back to now."""
    person.make_cluster(cluster)
    person.map(cluster)
    slider = person.page.get_by_label("Moment, by the number of a change")
    expect(slider).to_be_visible()  # once it is read what moments there are
    slider.press("Home")
    person.page.wait_for_url(re.compile(r"/at/0/clusters/"))
    expect(person.page.locator("#banners")).to_contain_text("You look at change 0")
    person.page.get_by_role("link", name="Back to now").click()
    person.is_live()


def test_from_the_page_of_the_timeline(person: Person, cluster: str) -> None:
    """It has no past of its own: a moment that is chosen there leads to the map of then."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    person.go_live(f"clusters/{cluster}/timeline/")
    person.page.get_by_role("button", name="Edit before").click()
    person.page.wait_for_url(re.compile(rf"/at/\d+/clusters/{cluster}/$"))
    expect(person.page.locator("#banners")).to_contain_text("You look at change")
    expect(person.page.locator("#map [data-n]")).to_have_count(3)


def test_what_came_of_an_edit(person: Person, cluster: str) -> None:
    """On the timeline's page an edit leads to what came of it."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    person.label(cluster, "node-1", "disk=ssd")
    person.map(cluster)
    person.sees("node-1", "new")
    person.page.get_by_role("link", name="Timeline").first.click()
    person.page.get_by_role("link", name="What came of it").first.click()
    expect(person.page.locator(".differences")).to_contain_text("1 node got ssd-monitor")
    expect(person.page.locator(".differences")).to_contain_text("Labelled node node-1: disk=ssd")


def test_a_chart_leads_to_a_moment(person: Person, cluster: str) -> None:
    """The chart of a set says how its numbers are, and goes to the moment that is pressed."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    person.label(cluster, "node-1", "disk=ssd")
    person.map(cluster, set="default/ssd-monitor")
    person.sees("node-1", "new")
    person.go_live(f"clusters/{cluster}/sets/default/ssd-monitor/")
    chart = person.page.locator("[data-history] [data-chart]")
    expect(chart).to_have_attribute("aria-label", re.compile("desired 1, ready 1"))
    plot = chart.locator(".u-over")
    plot.click()
    person.page.wait_for_url(re.compile(r"/at/\d+/clusters/.*/sets/default/ssd-monitor/"))
    expect(person.page.locator("#banners")).to_contain_text("You look at change")
    person.page.go_back()
    person.go_live(f"clusters/{cluster}/timeline/")
    expect(person.page.locator("[data-history] canvas")).to_be_visible()
