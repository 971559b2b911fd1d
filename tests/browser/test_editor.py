"""The editor of YAML: it helps while one types, tells what is wrong, and loses nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Enter, Figure
from tests.browser.manifests import SSD_MONITOR
from tests.browser.person import Person

pytestmark = pytest.mark.browser

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: words\n"
SET = "sets/default/ssd-monitor/"
TIMED = """(list) => {
  window.timed = null;
  new MutationObserver(() => { window.timed = performance.now() - window.typed; })
    .observe(list, { childList: true });
  document.querySelector("#id_text").addEventListener("input", () => { window.typed = performance.now(); });
}"""


def begin(person: Person, cluster: str, text: str = "") -> None:
    """Go to the page that creates from YAML."""
    person.make_cluster(cluster, nodes=0)
    person.go_live(f"clusters/{cluster}/create/")
    expect(person.editor).to_be_visible()
    if text:
        person.type_yaml(text)


def faults(person: Person) -> Locator:
    """Return the faults below the editor."""
    return person.page.locator(".yaml-faults li")


def line_of_cursor(person: Person) -> Locator:
    """Return the number of the line that the cursor is on."""
    return person.page.locator(".cm-activeLineGutter").first


def test_faults_while_typing(person: Person, cluster: str) -> None:
    """All faults are marked and listed with document and line; a link leads there, F8 to the next."""
    begin(person, cluster)
    unknown = SSD_MONITOR.replace("spec:\n  selector", "spec:\n  replicas: 3\n  selector", 1)
    person.type_yaml(unknown.rstrip() + "\n---\n" + MAP.replace("words", "Bad_Name"))
    expect(faults(person)).to_have_count(2)
    expect(faults(person).first).to_have_text(
        re.compile(r'Document 1, line 6: unknown field "spec\.replicas"')
    )
    expect(person.page.locator(".cm-lint-marker-error")).to_have_count(2)
    expect(person.page.locator(".cm-lintRange-error").first).to_have_text("replicas: 3")
    faults(person).nth(1).get_by_role("link").click()
    expect(line_of_cursor(person)).to_have_text(str(unknown.rstrip().count("\n") + 6))
    expect(person.editor).to_be_focused()
    person.page.keyboard.press("F8")  # selects the whole of it first
    person.page.keyboard.press("F8")
    expect(line_of_cursor(person)).to_have_text("6")
    person.type_yaml(MAP)
    expect(faults(person)).to_have_count(0)
    expect(person.page.locator(".cm-lintRange-error")).to_have_count(0)


def test_a_fault_of_the_yaml_itself(person: Person, cluster: str) -> None:
    """It is told where it is, soon after the last key, and goes with it."""
    begin(person, cluster, MAP)
    person.editor.press("Control+End")
    person.page.keyboard.type("  name: again")
    expect(faults(person)).to_have_text(
        re.compile(r'Line 5, column 3: the key "name" stands twice \(first on line 4\)')
    )
    for _ in "  name: again":
        person.page.keyboard.press("Backspace")
    expect(faults(person)).to_have_count(0)


def test_faults_come_soon(person: Person, cluster: str, figure: Figure) -> None:
    """What is wrong is told within a moment after the last key."""
    begin(person, cluster, MAP)
    person.page.evaluate(f"({TIMED})(document.querySelector('[data-checked]'))")
    person.editor.press("Control+End")
    person.page.keyboard.type("colour: red")
    expect(faults(person)).to_have_count(1)
    took = person.page.evaluate("window.timed")
    figure("fault after the last key", took, "ms")
    assert took < 5000  # on a machine that does other things; alone it is about 250


def test_completion(person: Person, cluster: str) -> None:
    """A set is written by what is offered: kinds, keys with what follows them, and values."""
    begin(person, cluster)
    keys, offered = person.page.keyboard, person.page.locator(".cm-tooltip-autocomplete li")

    def take(word: str) -> None:
        expect(offered.first).to_have_attribute("aria-selected", "true")
        offered.get_by_text(word, exact=True).click()

    person.editor.click()
    keys.type("Daemon")
    take("DaemonSet")
    expect(person.yaml).to_have_value("apiVersion: apps/v1\nkind: DaemonSet\nmetadata:\n  name: ")
    keys.type("agent\n")
    keys.press("Shift+Tab")
    keys.type("sp")
    expect(person.page.locator(".cm-completionInfo")).to_contain_text(
        "The desired behavior of this daemon set."
    )
    take("spec")
    keys.type("updateS")
    take("updateStrategy")
    keys.type("ty")
    take("type")
    expect(offered).to_have_text(["OnDelete", "RollingUpdate"])
    take("RollingUpdate")
    expect(person.yaml).to_have_value(re.compile(r"\nspec:\n  updateStrategy:\n    type: RollingUpdate$"))


def test_keys_are_explained(person: Person, cluster: str) -> None:
    """The pointer on a key shows what kubectl explain says, also to those who only read."""
    begin(person, cluster, SSD_MONITOR)
    person.editor.get_by_text("selector", exact=True).first.hover()
    told = person.page.locator(".cm-yaml-meaning")
    expect(told).to_contain_text("selector <LabelSelector> required")
    expect(told).to_contain_text("A label query over pods that are managed by the daemon set.")


def test_tab_does_not_trap(person: Person, cluster: str) -> None:
    """Tab indents; after Escape it leads on, also when Escape closed the list of what is offered."""
    begin(person, cluster)
    keys = person.page.keyboard
    person.editor.click()
    keys.press("Tab")
    expect(person.yaml).to_have_value("  ")
    keys.type("x")
    # What is wrong leads to its line, and so stands in the way of who goes back: it has to be there first.
    expect(person.page.get_by_role("link", name="Line 1:")).to_be_visible()
    keys.press("Escape")
    keys.press("Tab")
    expect(person.editor).not_to_be_focused()
    expect(person.yaml).to_have_value("  x")
    keys.press("Shift+Tab")
    expect(person.editor).to_be_focused()
    expect(person.page.locator(".editor-help")).to_contain_text("Escape, then Tab, leaves the text")


def test_search_and_fold(person: Person, cluster: str) -> None:
    """Ctrl-F finds; a fold hides the lines below a key and nothing of what is sent."""
    begin(person, cluster, SSD_MONITOR)
    person.editor.press("Control+f")
    expect(person.page.get_by_role("textbox", name="Find")).to_be_focused()
    person.page.keyboard.type("matchLabels")
    person.page.keyboard.press("Enter")
    expect(person.page.locator(".cm-searchMatch-selected")).to_have_text("matchLabels")
    person.page.keyboard.press("Escape")
    person.page.locator(".cm-foldGutter span[title='Fold']").first.click()
    expect(person.page.locator(".cm-foldPlaceholder")).to_have_count(1)
    expect(person.yaml).to_have_value(SSD_MONITOR)


def test_review(person: Person, cluster: str) -> None:
    """Before it is applied a change is shown as what would be stored, defaults included."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    person.go_live(f"clusters/{cluster}/{SET}edit/")
    expect(person.editor).to_be_visible()
    person.type_yaml(person.yaml.input_value().replace("disk: ssd", "disk: nvme"))
    person.button("Review changes").click()
    diff = person.page.locator("#preview .diff")
    expect(diff.locator(".remove")).to_contain_text("disk: ssd")
    expect(diff.locator(".add")).to_contain_text("disk: nvme")
    person.page.locator("#preview").get_by_role("button", name="Apply").click()
    person.page.wait_for_url(f"**/{SET}")
    person.go_live(f"clusters/{cluster}/create/")
    expect(person.editor).to_be_visible()
    person.type_yaml(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: bare}\nspec:\n  containers: [{name: a, image: b}]\n"
    )
    person.button("Review changes").click()
    expect(diff).to_contain_text("+  restartPolicy: Always")
    expect(diff).not_to_contain_text("managedFields")


def test_somebody_else_saves(enter: Enter, cluster: str) -> None:
    """An open editor shows both sides at once; either can be taken, and Undo brings mine back."""
    mine, other = enter(), enter("operator")
    mine.make_cluster(cluster)
    mine.create(cluster, SSD_MONITOR)
    mine.go_live(f"clusters/{cluster}/{SET}edit/")
    expect(mine.editor).to_be_visible()
    typed = mine.yaml.input_value().replace("luksa/ssd-monitor", "ssd-monitor:mine")
    mine.type_yaml(typed)
    other.act(cluster, "ssd-monitor", "image", container="main", image="ssd-monitor:theirs")
    note = mine.page.locator("[data-stale]")
    expect(note).to_contain_text("Somebody else changed this meanwhile.")
    expect(note.locator(".remove")).to_contain_text("ssd-monitor:theirs")
    expect(mine.yaml).to_have_value(typed)
    mine.button("Take theirs").click()
    expect(mine.yaml).to_have_value(re.compile("ssd-monitor:theirs"))
    mine.page.keyboard.press("Control+z")
    expect(mine.yaml).to_have_value(typed)

    other.act(cluster, "ssd-monitor", "image", container="main", image="ssd-monitor:again")
    expect(note).to_contain_text("ssd-monitor:again")
    mine.button("Keep mine").click()
    expect(note).to_have_count(0)
    mine.button("Save").click()
    expect(mine.page.get_by_label("main", exact=True)).to_have_value("ssd-monitor:mine")


def test_a_dropped_file(person: Person, cluster: str) -> None:
    """A file that is dropped is put into the text as a further document; Undo takes it out again."""
    begin(person, cluster, MAP)
    drop = """(text) => {
      const carried = new DataTransfer();
      carried.items.add(new File([text], "more.yaml"));
      const options = { dataTransfer: carried, bubbles: true, cancelable: true };
      document.querySelector(".cm-content").dispatchEvent(new DragEvent("drop", options));
    }"""
    person.page.evaluate(drop, MAP.replace("words", "more"))
    expect(person.yaml).to_have_value(MAP + "---\n" + MAP.replace("words", "more"))
    expect(person.page.locator("[data-taken]")).to_contain_text("more.yaml is in the text now.")
    person.page.keyboard.press("Control+z")
    expect(person.yaml).to_have_value(MAP)
    person.page.evaluate(drop, "x" * (1024 * 1024 + 1))
    expect(person.page.locator("[data-upload-faults]")).to_contain_text("more.yaml is larger than 1 MiB.")
    expect(person.yaml).to_have_value(MAP)


def test_an_example(person: Person, cluster: str) -> None:
    """An example is put below what was typed."""
    begin(person, cluster, MAP)
    person.page.get_by_role("link", name="bare Pod").click()
    expect(person.yaml).to_have_value(
        re.compile(r"^apiVersion: v1\nkind: ConfigMap[^-]+---\napiVersion: v1\nkind: Pod\n")
    )


def test_yaml_to_read(enter: Enter, cluster: str) -> None:
    """Viewers read YAML in colours, fold it, and see it follow what others change."""
    admin, viewer = enter(), enter("viewer")
    admin.make_cluster(cluster)
    admin.create(cluster, SSD_MONITOR)
    viewer.go_live(f"clusters/{cluster}/{SET}")
    viewer.page.get_by_text("Show the YAML").click()
    text = viewer.page.locator("[data-yaml-read] .cm-content")
    expect(text).to_contain_text("image: luksa/ssd-monitor")
    assert text.get_attribute("contenteditable") == "false"
    admin.act(cluster, "ssd-monitor", "image", container="main", image="ssd-monitor:other")
    expect(text).to_contain_text("image: ssd-monitor:other")
    viewer.go_live(f"clusters/{cluster}/objects/daemonsets/default/ssd-monitor/")
    viewer.page.get_by_text("Show the YAML").click()
    expect(text).to_contain_text("kind: DaemonSet")


def test_without_scripts(enter: Enter, cluster: str) -> None:
    """The field is a plain one, and what is wrong is listed with its lines after it was sent."""
    person = enter(java_script_enabled=False)
    person.make_cluster(cluster, nodes=0)
    person.go(f"clusters/{cluster}/create/")
    person.page.get_by_label("YAML").fill(MAP + "colour: red\n")
    person.button("Create").click()
    expect(faults(person)).to_contain_text('Line 5: unknown field "colour"')
    expect(person.page.get_by_label("YAML")).to_have_value(MAP + "colour: red\n")


def test_on_a_phone(enter: Enter, cluster: str) -> None:
    """The editor fits a narrow screen: the page is not wider than it."""
    person = enter(viewport={"width": 390, "height": 844})
    begin(person, cluster, SSD_MONITOR + "x" * 10)
    expect(faults(person)).to_have_count(1)
    person.editor.press("Control+f")
    expect(person.page.locator(".cm-search")).to_be_visible()
    person.page.wait_for_function("document.documentElement.scrollWidth === 390")
