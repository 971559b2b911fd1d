"""What is wrong with what was typed: said in the form, with the text kept and nothing half done."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.manifests import SSD_MONITOR, daemonset
from tests.browser.person import Person

pytestmark = pytest.mark.browser


def create(person: Person, cluster: str, text: str) -> None:
    """Type a manifest and press the button."""
    person.go(f"clusters/{cluster}/create/")
    person.type_yaml(text)
    person.button("Create").click()


def test_text_that_is_no_yaml(person: Person, cluster: str) -> None:
    """A fault of the YAML is told with its line and column, and the text is kept."""
    person.make_cluster(cluster, nodes=0)
    typed = SSD_MONITOR.replace("    matchLabels:", "    matchLabels: [")
    create(person, cluster, typed)
    expect(person.page.locator(".faults")).to_contain_text("Line 9, column 11")
    expect(person.yaml).to_have_value(typed)
    expect(person.page.locator("#rail")).to_contain_text("No DaemonSet yet.")


def test_all_faults_are_told(person: Person, cluster: str) -> None:
    """Several faults are listed together, each with the path of its field."""
    person.make_cluster(cluster, nodes=0)
    typed = daemonset("Two_Words", image="", nodeSelector={"a b": "c"})
    create(person, cluster, typed)
    faults = person.page.locator(".faults li")
    for path in (
        "metadata.name",
        "spec.template.spec.containers[0].image",
        "spec.template.spec.nodeSelector",
    ):
        expect(faults.filter(has_text=f"{path}:")).to_have_count(1)
    expect(person.yaml).to_have_value(typed)


def test_a_removed_version(person: Person, cluster: str) -> None:
    """A manifest in a removed version is refused with the line to write instead; so mended, it is taken."""
    person.make_cluster(cluster, nodes=0)
    create(person, cluster, SSD_MONITOR.replace("apps/v1", "apps/v1beta2"))
    expect(person.page.locator(".faults")).to_contain_text('write "apiVersion: apps/v1"')
    person.type_yaml(SSD_MONITOR)
    person.button("Create").click()
    expect(person.page.locator("#rail .sets")).to_contain_text("ssd-monitor")


def test_an_old_manifest_is_converted(person: Person, cluster: str) -> None:
    """One click writes it anew and shows the difference; *Create* then takes it."""
    person.make_cluster(cluster, nodes=0)
    create(person, cluster, SSD_MONITOR.replace("apps/v1", "extensions/v1beta1"))
    person.button("Convert to today's versions").click()
    expect(person.page.locator(".diff .add").first).to_contain_text("apiVersion: apps/v1")
    expect(person.page.locator("#rail")).to_contain_text("No DaemonSet yet.")
    person.button("Create").click()
    expect(person.page.locator("#rail .sets")).to_contain_text("ssd-monitor")


def test_all_or_nothing(person: Person, cluster: str) -> None:
    """Of several documents none is created when one of them is refused."""
    person.make_cluster(cluster, nodes=0)
    create(person, cluster, f"{SSD_MONITOR}---\n{daemonset('agent', image='')}")
    expect(person.page.locator(".note")).to_contain_text("Nothing was created.")
    expect(person.page.locator("#rail")).to_contain_text("No DaemonSet yet.")


def test_an_uploaded_file(person: Person, cluster: str) -> None:
    """A file is put into the text; one that is no text is refused, and what was typed stays."""
    person.make_cluster(cluster, nodes=0)
    person.go(f"clusters/{cluster}/create/")
    expect(person.editor).to_be_visible()
    person.type_yaml("# typed")
    field = person.page.get_by_label("Or upload a file")
    field.set_input_files({"name": "set.yaml", "mimeType": "text/yaml", "buffer": b"\xff\xfe\x00"})
    expect(person.page.locator("[data-upload-faults]")).to_contain_text("set.yaml is no UTF-8 text.")
    expect(person.yaml).to_have_value("# typed")
    both = f"{SSD_MONITOR}---\n{daemonset('agent')}"
    field.set_input_files({"name": "set.yaml", "mimeType": "text/yaml", "buffer": both.encode()})
    expect(person.yaml).to_have_value(f"# typed\n---\n{both}")
    person.button("Create").click()
    expect(person.page.locator("#rail .sets li")).to_have_count(2)


def test_stale_labels(enter: Enter, cluster: str) -> None:
    """A form about labels that changed meanwhile shows both versions; the second save decides."""
    one, other = enter(), enter("operator")
    one.make_cluster(cluster)
    one.go_live(f"clusters/{cluster}/nodes/node-1/")
    labels = one.page.get_by_label("One a line, as key=value", exact=True)
    save = one.page.locator("form", has=labels).get_by_role("button", name="Save")
    labels.fill("pool=mine")  # before they change: what nobody has touched would follow
    other.label(cluster, "node-1", "disk=ssd")
    save.click()
    expect(one.page.locator(".warn-note")).to_contain_text("Somebody else changed this node meanwhile.")
    expect(one.page.locator(".warn-note")).to_contain_text("disk=ssd")
    expect(labels).to_have_value("pool=mine")
    save.click()
    one.sees_toast("Saved.")
    expect(labels).to_have_value("pool=mine")


def test_a_stale_set(enter: Enter, cluster: str) -> None:
    """YAML that changed meanwhile is shown as a difference beside the text that was typed."""
    one, other = enter(), enter("operator")
    one.make_cluster(cluster)
    one.create(cluster, SSD_MONITOR)
    one.go_live(f"clusters/{cluster}/sets/default/ssd-monitor/edit/")
    expect(one.editor).to_be_visible()
    mine = one.yaml.input_value().replace("luksa/ssd-monitor", "ssd-monitor:mine")
    one.type_yaml(mine)  # before it changes: what nobody has touched would follow
    other.act(cluster, "ssd-monitor", "image", container="main", image="ssd-monitor:theirs")
    one.button("Save").click()
    expect(one.page.locator(".diff .remove")).to_contain_text("ssd-monitor:theirs")
    expect(one.page.locator(".diff .add")).to_contain_text("ssd-monitor:mine")
    expect(one.yaml).to_have_value(mine)
    one.button("Save").click()
    expect(one.page.get_by_label("main", exact=True)).to_have_value("ssd-monitor:mine")


def test_a_label_that_is_none(person: Person, cluster: str) -> None:
    """A malformed label is refused in the panel's own form, the text kept; the next good one clears it."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    person.map(cluster, node="node-1")
    field = person.page.get_by_label("Label to set")
    faults = person.page.locator("#set-label .faults")
    field.fill("a b=c d")
    person.button("Set label").click()
    expect(faults).to_contain_text("metadata.labels")
    expect(field).to_have_value("a b=c d")
    field.fill("disk=ssd")
    person.button("Set label").click()
    person.sees("node-1", "new")
    expect(faults).to_be_empty()
    expect(field).to_have_value("")


def test_names_that_are_taken(person: Person, cluster: str) -> None:
    """A name that exists is a sentence in the form; what was typed beside it is kept."""
    person.make_cluster(cluster)
    person.go("clusters/")
    person.page.get_by_label("Name", exact=True).first.fill(cluster)
    person.page.get_by_label("Nodes", exact=True).fill("7")
    person.button("Create the cluster").click()
    expect(person.page.locator(".faults").first).to_contain_text("already exists")
    expect(person.page.get_by_label("Nodes", exact=True)).to_have_value("7")
    person.go(f"clusters/{cluster}/settings/")
    person.page.locator("#id_copy-name").fill("demo")
    person.button("Copy").click()
    expect(person.page.locator(".faults li")).to_contain_text("already exists")
    expect(person.page.locator("#id_copy-name")).to_have_value("demo")
