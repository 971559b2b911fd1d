"""What a person presses and types counts, whatever the page hears from others at that very moment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest
from playwright.sync_api import APIResponse, Locator, Route, expect

from tests.browser.conftest import Enter
from tests.browser.manifests import daemonset
from tests.browser.person import Person

pytestmark = pytest.mark.browser

SET = "Set label"
LABEL = re.compile(r"/label/$")


MOVED = """(before) => {
  const { left, top } = document.querySelector("#map [data-n=node-1]").getBoundingClientRect();
  return Math.abs(left - before.x) + Math.abs(top - before.y) > 1;
}"""


@contextmanager
def held(person: Person, address: re.Pattern[str]) -> Iterator[list[Route]]:
    """Let no answer of an address come before the end; what is asked meanwhile is done nevertheless.

    Yields what was asked so far.
    """
    asked, answers = list[Route](), list[tuple[Route, APIResponse]]()
    over = Event()

    def keep(route: Route) -> None:
        if over.is_set():
            route.continue_()
            return
        asked.append(route)
        answer = route.fetch()
        if over.is_set():
            route.fulfill(response=answer)
        else:
            answers.append((route, answer))

    person.page.route(address, keep)
    yield asked
    over.set()
    for route, answer in answers:
        route.fulfill(response=answer)


def label_field(person: Person) -> Locator:
    """Return the field for one more label."""
    return person.page.get_by_label("Label to set")


def test_what_a_form_that_is_gone_is_answered(person: Person, cluster: str) -> None:
    """The page may draw what an edit made before its answer comes: the toast comes nevertheless."""
    person.make_cluster(cluster)
    person.label(cluster, "node-2", "disk=ssd")
    person.map(cluster, node="node-2")
    with held(person, LABEL):
        person.button("Remove the label disk").click()
        expect(person.button("Remove the label disk")).to_have_count(0)
    person.sees_toast("Removed the label disk.")


def test_a_fault_of_another_node(person: Person, cluster: str) -> None:
    """What is wrong with a form of one node is not told at the next one, and not lost either."""
    person.make_cluster(cluster)
    person.map(cluster, node="node-2")
    label_field(person).fill("disk=no such value")
    with held(person, LABEL) as asked:
        person.button(SET).click()
        person.cell("node-3").click()
        expect(person.panel.get_by_role("heading", level=2)).to_contain_text("node-3")
        label_field(person).fill("mine=1")
        assert len(asked) == 1
    expect(person.page.locator("#toasts .toast.error")).to_contain_text("no such value")
    expect(person.panel.locator(".faults li")).to_have_count(0)
    expect(label_field(person)).to_have_value("mine=1")


def test_the_third_press(person: Person, cluster: str) -> None:
    """All that is pressed while an answer is under way is done, one after the other; what is typed stays."""
    person.make_cluster(cluster)
    person.map(cluster, node="node-2")
    with held(person, LABEL):
        for number in range(4):
            label_field(person).fill(f"tried-{number}=yes")
            person.button(SET).click()
        label_field(person).fill("not=yet")
    for number in range(4):
        expect(person.panel).to_contain_text(f"tried-{number}")
    person.sees_toast("Set the label tried-3=yes.")
    expect(label_field(person)).to_have_value("not=yet")


def test_a_double_click(person: Person, cluster: str) -> None:
    """It is one press, also where the button means the contrary by then; of what is repeated it is two."""
    person.make_cluster(cluster)
    person.map(cluster)
    sent = list[str]()
    person.page.on(
        "request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None
    )
    person.button("Pause time").dblclick()
    expect(person.button("Resume time")).to_be_visible()
    person.button("Step").dblclick()
    person.page.wait_for_function("() => !document.querySelector('.htmx-request')")
    actions = [re.findall("action=(\\w+)", body)[-1] for body in sent]
    assert actions == ["pause", "step", "step"]


def test_what_is_typed_while_a_form_is_refused(enter: Enter, cluster: str) -> None:
    """The answer says what stands in the way of what was sent, and leaves what was typed since."""
    mine, other = enter(), enter("operator")
    mine.make_cluster(cluster)
    mine.create(cluster, daemonset())
    mine.go_live(f"clusters/{cluster}/sets/default/agent/")
    image = mine.page.get_by_label("main", exact=True)
    image.fill("agent:mine")
    other.act(cluster, "agent", "image", container="main", image="agent:theirs")
    expect(mine.page.locator("#revisions")).to_contain_text("agent:theirs")
    with held(mine, re.compile("/do/$")):
        mine.button("Set image").click()
        image.fill("agent:better")
    expect(mine.page.locator("#image-main .note")).to_contain_text("now agent:theirs, yours agent:mine")
    expect(image).to_have_value("agent:better")
    mine.button("Set image").click()
    mine.sees_toast("Set the image agent:better.")


def test_what_is_typed_while_a_form_is_saved(person: Person, cluster: str) -> None:
    """It stays, and was made from what was saved: nobody else changed anything."""
    person.make_cluster(cluster)
    person.create(cluster, daemonset())
    person.go_live(f"clusters/{cluster}/sets/default/agent/")
    image = person.page.get_by_label("main", exact=True)
    image.fill("agent:first")
    with held(person, re.compile("/do/$")):
        person.button("Set image").click()
        image.fill("agent:second")
    person.sees_toast("Set the image agent:first.")
    expect(image).to_have_value("agent:second")
    person.button("Set image").click()
    person.sees_toast("Set the image agent:second.")


def test_a_focused_button_stays_the_same(enter: Enter, cluster: str) -> None:
    """What others take away before it does not make it the button of something else."""
    mine, other = enter(), enter("operator")
    mine.make_cluster(cluster)
    for label in ("a=1", "b=2", "c=3"):
        mine.label(cluster, "node-2", label)
    mine.map(cluster, node="node-2")
    mine.button("Remove the label b").focus()
    other.post(f"clusters/{cluster}/nodes/node-2/label/", key="a")
    expect(mine.button("Remove the label a")).to_have_count(0)
    expect(mine.button("Remove the label b")).to_be_focused()


def test_a_cell_that_moves_under_the_pointer(enter: Enter, cluster: str) -> None:
    """The node that was pressed is chosen, not the one that is there at the release."""
    mine, other = enter(), enter("operator")
    mine.make_cluster(cluster, nodes=4)
    for number in (1, 2):
        mine.label(cluster, f"node-{number}", "disk=hdd")
    mine.map(cluster, group="disk")
    cell = mine.cell("node-1")
    before = cell.bounding_box()
    cell.hover()
    mine.page.mouse.down()
    other.label(cluster, "node-1", "disk=ssd")
    mine.page.wait_for_function(MOVED, arg=before)
    mine.page.mouse.up()
    expect(mine.panel.get_by_role("heading", level=2)).to_contain_text("node-1")


def test_a_space_that_lasts(enter: Enter, cluster: str) -> None:
    """What others change while a button is held down by a key waits for the release."""
    mine, other = enter(), enter("operator")
    mine.make_cluster(cluster)
    mine.go_live(f"clusters/{cluster}/nodes/node-2/")
    mine.button("Cordon").focus()
    with mine.page.expect_response(lambda answer: answer.url.endswith("/nodes/node-2/")):
        mine.page.keyboard.down("Space")
        other.post(f"clusters/{cluster}/nodes/node-2/state/", action="down")
    mine.page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    expect(mine.button("Power down")).to_be_visible()
    mine.page.keyboard.up("Space")
    mine.sees_toast("Cordoned node-2.")
    expect(mine.button("Power up")).to_be_visible()


def test_a_press_that_ends_outside_the_map(person: Person, cluster: str) -> None:
    """Who comes back without a button pressed moves nothing."""
    person.make_cluster(cluster, nodes=40)
    person.map(cluster)
    cells, mouse = person.page.locator("#map [data-n]"), person.page.mouse
    expect(cells).to_have_count(40)
    box = person.page.locator("#map").bounding_box()
    assert box
    x, top = box["x"] + box["width"] / 2, box["y"]
    mouse.move(x, top + 5)
    before = cells.first.bounding_box()
    mouse.wheel(0, -800)
    expect(person.page.locator("#map.partial")).to_be_visible()
    assert cells.first.bounding_box() != before
    before = cells.first.bounding_box()
    mouse.down()
    mouse.move(x, top - 60)
    mouse.up()
    for step in range(1, 5):
        mouse.move(x - 40 * step, top + 40 * step)
    assert cells.first.bounding_box() == before


def test_the_other_toasts_stay_where_they_are(person: Person, cluster: str) -> None:
    """While the pointer is at one of them none leaves: the Undo of another would come under it."""
    person.make_cluster(cluster)
    person.page.clock.install()
    person.map(cluster, node="node-2")
    toasts = person.page.locator("#toasts .toast")
    label_field(person).fill("a=1")
    label_field(person).press("Enter")
    toasts.filter(has_text="a=1").hover()
    label_field(person).fill("b=2")
    label_field(person).press("Enter")
    person.sees_toast("Set the label b=2.")
    person.page.clock.run_for(30_000)
    expect(toasts).to_have_count(2)
    person.page.mouse.move(700, 40)
    person.page.clock.run_for(30_000)
    expect(toasts).to_have_count(0)


def test_limits_that_change_quickly(person: Person, cluster: str) -> None:
    """What is shown in the end was played out for what stands in the form in the end."""
    person.make_cluster(cluster)
    person.create(cluster, daemonset())
    person.go_live(f"clusters/{cluster}/sets/default/agent/rollout/")
    limit = person.page.locator("#limits [name=max_unavailable]")
    with (
        person.page.expect_response(lambda answer: "max_unavailable=3" in answer.url),
        held(person, re.compile("/limits/")),
    ):
        for value in ("1", "2", "3"):
            limit.fill(value)
            person.button("Play it out").click()
