"""The palette, the bell and the wall screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.manifests import SSD_MONITOR, daemonset
from tests.browser.person import Person

pytestmark = pytest.mark.browser


def test_the_palette_does_things(person: Person, cluster: str) -> None:
    """Ctrl-K, a verb and a name, arrow down, Enter: it is done, and the page says so."""
    person.make_cluster(cluster)
    person.map(cluster)
    person.page.keyboard.press("Control+k")
    person.page.keyboard.type("cordon node-2")
    # Of its beginning the same is found, and then found again.
    found = person.page.locator('#search [data-of="cordon node-2"]').get_by_role(
        "button", name="Cordon node node-2"
    )
    expect(found).to_be_visible()
    for _ in range(2):
        person.page.keyboard.press("ArrowDown")
    expect(found).to_be_focused()
    person.page.keyboard.press("Enter")
    person.sees_toast("Cordoned node-2.")
    expect(person.page.locator("#search")).not_to_be_visible()


def test_a_notification(enter: Enter, cluster: str) -> None:
    """Who pressed the bell is told by the browser when a rollout is done."""
    person = enter(permissions=["notifications"])
    person.page.add_init_script(
        "window.told = []; const Real = window.Notification;"
        "window.Notification = class extends EventTarget {"
        " constructor(title) { super(); window.told.push(title); } close() {}"
        " static requestPermission() { return Promise.resolve('granted'); }"
        " static get permission() { return 'granted'; } };"
    )
    person.make_cluster(cluster, nodes=2, delay=2)
    person.map(cluster)
    person.page.get_by_role("button", name="Notify me").click()
    expect(person.page.get_by_role("button", name="Notify me")).to_have_attribute("aria-pressed", "true")
    person.create(cluster, daemonset("agent"))
    person.page.wait_for_function("() => window.told.includes('The rollout of agent is done.')")


def test_a_wall_screen(person: Person, cluster: str) -> None:
    """The map stands alone; Escape brings the rest back."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    person.go_live(f"clusters/{cluster}/?wall")
    expect(person.page.locator("#rail")).not_to_be_visible()
    expect(person.page.locator("#map")).to_be_visible()
    person.page.keyboard.press("Escape")
    expect(person.page.locator("#rail")).to_be_visible()
