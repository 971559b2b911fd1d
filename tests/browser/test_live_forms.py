"""Forms follow what others change while nobody types into them, and never overwrite it unseen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.manifests import daemonset

pytestmark = pytest.mark.browser


def test_an_image_form_follows_and_then_asks(enter: Enter, cluster: str) -> None:
    """Untouched, the field shows what another sets; typed into, it stays, and saving shows both sides."""
    mine, other = enter(), enter("operator")
    mine.make_cluster(cluster)
    mine.create(cluster, daemonset())
    mine.go_live(f"clusters/{cluster}/sets/default/agent/")
    image = mine.page.get_by_label("main", exact=True)

    other.act(cluster, "agent", "image", container="main", image="agent:theirs")
    expect(image).to_have_value("agent:theirs")

    image.fill("agent:mine")
    other.act(cluster, "agent", "image", container="main", image="agent:again")
    expect(mine.page.locator("#revisions")).to_contain_text("agent:again")
    expect(image).to_have_value("agent:mine")

    mine.button("Set image").click()
    note = mine.page.locator("#image-main .note")
    expect(note).to_contain_text("now agent:again, yours agent:mine")
    expect(image).to_have_value("agent:mine")

    mine.button("Set image").click()
    mine.sees_toast("Set the image agent:mine.")
    expect(note).to_be_hidden()
    expect(mine.page.locator("#revisions")).to_contain_text("agent:mine")
    other.act(cluster, "agent", "image", container="main", image="agent:last")
    expect(image).to_have_value("agent:last")


DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def test_a_press_that_lasts(enter: Enter, cluster: str) -> None:
    """What others change meanwhile takes no button away from under the pointer; it shows afterwards."""
    mine, other = enter(), enter("operator")
    mine.make_cluster(cluster)
    mine.map(cluster, node="node-2")
    mine.page.get_by_label("Label to set").fill("disk=ssd")
    mine.button("Set label").hover()
    with mine.page.expect_response(lambda answer: "node=node-2" in answer.url):
        mine.page.mouse.down()
        other.create(cluster, daemonset("first"))
    mine.page.evaluate(DRAWN)
    mine.page.mouse.up()
    mine.sees_toast("Set the label disk=ssd.")
    expect(mine.panel).to_contain_text("first")
