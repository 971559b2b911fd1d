"""The list of clusters, and what is done to one as a whole."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from controller import models
from controller.manifests.dumps import COMMAND, SENTENCES, BadDump, Fault
from controller.models import Role
from controller.queries.clusters import cluster_named
from controller.services import clusters as services
from dashboard.present.dumps import dump_fault
from tests.clusters import audited, cluster, row_of, with_daemonset
from tests.dashboard.visits import HTMX, answer, text_of, visitor
from tests.servers import BASE

pytestmark = pytest.mark.django_db

NEW = {"name": "fresh", "nodes": 2, "labels": "disk=ssd, pool=web", "start_delay": 0, "stop_delay": 0}


def create(**changed: Any) -> Any:
    """Send the form of a new cluster."""
    return visitor().post("/clusters/", {**NEW, "node_grace": 40, **changed}, follow=True)


def test_the_first_page_is_the_list() -> None:
    """The bare address leads to the list of clusters."""
    assert visitor().get("/")["Location"] == "/clusters/"


def test_cards() -> None:
    """A card tells how a cluster fares; its live part holds the cards alone."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    page = text_of(visitor().get("/clusters/"))
    assert "tried healthy" in page
    assert "available 2/2" in page
    part = visitor().get("/clusters/", headers=HTMX).content.decode()
    assert 'hx-target="#cards"' in part
    assert "<html" not in part


def test_create() -> None:
    """A cluster is made with its nodes, labels and delays, and is shown."""
    response = create()
    assert response.redirect_chain == [("/clusters/fresh/", HTTPStatus.FOUND)]
    made = models.Cluster.objects.get(name="fresh")
    assert made.start_delay == 0.0
    nodes = models.Node.objects.filter(cluster=made)
    assert [node.manifest["metadata"]["labels"]["disk"] for node in nodes] == ["ssd", "ssd"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"name": "tried"}, 'clusters "tried" already exists', id="a name that is taken"),
        pytest.param(
            {"name": "No Name"}, "a lowercase RFC 1123 label must consist of", id="a name out of grammar"
        ),
        pytest.param({"labels": "ssd"}, "ssd: write a label as key=value", id="a label without a value"),
        pytest.param({"nodes": "many"}, "Enter a whole number.", id="no number"),
    ],
)
def test_create_refused(changed: dict[str, str], said: str) -> None:
    """A cluster that cannot be made is said so in the form, which keeps what was typed."""
    cluster()
    response = create(**changed)
    assert said in text_of(response)
    assert next(iter(changed.values())) in response.content.decode()
    assert models.Cluster.objects.count() == 1


def test_settings() -> None:
    """Delays are shown and saved."""
    tried = cluster(delay=3.0)
    client = visitor()
    assert 'value="3.0"' in client.get("/clusters/tried/settings/").content.decode()
    machines = {"stop_delay": 1, "node_grace": 9, "kubelet_events": "auto"}
    client.post("/clusters/tried/settings/", {**machines, "start_delay": 5})
    assert row_of(tried).start_delay == 5.0


def test_rename() -> None:
    """A renamed cluster is found under its new name."""
    tried = cluster()
    response = visitor().post("/clusters/tried/settings/rename/", {"rename-name": "other"})
    assert response["Location"] == "/clusters/other/"
    assert row_of(tried).name == "other"


def test_rename_refused() -> None:
    """A name that is taken is said so in the form."""
    cluster()
    cluster("other")
    response = visitor().post("/clusters/tried/settings/rename/", {"rename-name": "other"})
    assert 'clusters "other" already exists' in text_of(response)


def test_copy() -> None:
    """A copy has the nodes of its origin."""
    cluster(nodes=3)
    visitor().post("/clusters/tried/settings/copy/", {"copy-name": "twin"})
    assert models.Node.objects.filter(cluster__name="twin").count() == 3


def test_reset() -> None:
    """A reset takes back what was added since."""
    tried = cluster(nodes=1)
    client = visitor()
    client.post("/clusters/tried/table/add/", {"name": "more", "count": 1})
    client.post("/clusters/tried/settings/reset/")
    assert models.Node.objects.filter(cluster=tried).count() == 1


def test_delete_asks_for_the_name() -> None:
    """Only its name, typed, deletes a cluster."""
    tried = cluster()
    client = visitor()
    response = client.post("/clusters/tried/settings/delete/", {"deletion-name": "tired"})
    assert "That is not the name of this cluster." in text_of(response)
    assert row_of(tried).name == "tried"
    response = client.post("/clusters/tried/settings/delete/", {"deletion-name": "tried"}, follow=True)
    assert "Deleted cluster tried." in text_of(response)
    assert not models.Cluster.objects.exists()


def test_clock() -> None:
    """The clock is paused, stepped, sped up and resumed."""
    tried = cluster(nodes=1)
    client = visitor()
    path = "/clusters/tried/clock/"
    assert "The clock stands still." in text_of(answer(client, path, action="pause"))
    assert row_of(tried).paused
    assert "Time is paused." in text_of(client.get("/clusters/tried/"))
    assert "One pass at 00:00:0" in text_of(answer(client, path, action="step"))
    assert "The last pass" in text_of(client.get("/clusters/tried/"))
    answer(client, path, speed="10")
    assert row_of(tried).speed == 10.0
    answer(client, path, action="resume")
    assert not row_of(tried).paused


@pytest.mark.parametrize("speed", ["0", "1000", "fast", ""])
def test_clock_refuses_a_speed(speed: str) -> None:
    """A speed out of bounds, or no number, is refused with a sentence."""
    cluster()
    response = answer(visitor(), "/clusters/tried/clock/", speed=speed)
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "must be between 0.1 and 100" in text_of(response)


def test_who_did_it() -> None:
    """What is done on the site bears the name of who did it."""
    create()
    cluster("other")
    client = visitor()
    client.post("/clusters/other/settings/rename/", {"rename-name": "another"})
    entry = models.AuditEntry.objects.order_by("-pk")[0]
    assert (entry.actor, audited()[-1]) == ("operator", "Renamed cluster other to another")


def test_the_history_is_shown_and_trimmed() -> None:
    """The settings tell what history takes; an operator trims it, and is told what was not understood."""
    tried = cluster(nodes=40)
    with_daemonset(tried)
    last = row_of(tried).number
    client = visitor()
    page = text_of(client.get("/clusters/tried/settings/"))
    assert f"Back to change 0 of {last:,}" in page
    assert f"Changes {last:,} " in page

    wrong = client.post("/clusters/tried/settings/trim/", {"trim-keep": 0, "trim-unit": "years"})
    assert "greater than or equal to 1" in text_of(wrong)
    assert models.Change.objects.filter(cluster=tried).count() == last
    said = client.post(
        "/clusters/tried/settings/trim/", {"trim-keep": 120, "trim-unit": "changes"}, follow=True
    )
    assert f"The history begins at change {last - 120:,} now." in text_of(said)
    assert "Changes 120 " in text_of(client.get("/clusters/tried/settings/"))
    client.post("/clusters/tried/settings/trim/", {"trim-keep": 1, "trim-unit": "hours"})
    assert models.Change.objects.filter(cluster=tried).count() == 120


def test_viewers_do_not_trim() -> None:
    """Who may only look cannot forget the history."""
    cluster()
    response = visitor(Role.VIEWER).post("/clusters/tried/settings/trim/", {"trim-keep": 1})
    assert response.status_code == HTTPStatus.FORBIDDEN


def delays_form(**changed: object) -> dict[str, object]:
    """Return the form of the delays as a browser sends it that was made from 1, 1 and 0 seconds."""
    made_from = {"start_delay": "1.0", "stop_delay": "1.0", "node_grace": "0.0", "kubelet_events": "auto"}
    return {f"initial-{key}": value for key, value in made_from.items()} | made_from | changed


def test_the_settings_of_two_people_are_both_kept() -> None:
    """A form sends what its user changed; what another changed in other fields meanwhile stays."""
    cluster(delay=1.0)
    client, path = visitor(), "/clusters/tried/settings/"
    assert client.post(path, delays_form(start_delay="7")).status_code == HTTPStatus.FOUND
    assert client.post(path, delays_form(node_grace="9")).status_code == HTTPStatus.FOUND
    facts = cluster_named("tried")
    assert (facts.start_delay, facts.stop_delay, facts.node_grace) == (7, 1, 9)


@pytest.mark.parametrize(("choice", "kept"), [("on", True), ("off", False), ("auto", None)])
def test_whether_kubelets_tell_of_all_they_do(choice: str, kept: bool | None) -> None:  # noqa: FBT001 -- a parameter of a table
    """A choice of the settings; the delays stay as they are."""
    cluster(delay=1.0)
    client, path = visitor(), "/clusters/tried/settings/"
    sent = delays_form() | {"kubelet_events": choice, "initial-kubelet_events": "auto"}
    assert client.post(path, sent).status_code == HTTPStatus.FOUND
    assert cluster_named("tried").kubelet_events is kept


def test_stale_settings_show_both_sides() -> None:
    """A field that another changed meanwhile is not overwritten unseen; saving again replaces it."""
    cluster(delay=1.0)
    client, path = visitor(), "/clusters/tried/settings/"
    client.post(path, delays_form(start_delay="7"))
    stale = answer(client, path, source="form#delays", **delays_form(start_delay="9"))
    assert stale.status_code == HTTPStatus.CONFLICT
    assert "now 7.0 , yours 9.0" in text_of(stale)
    assert "now 7.0 , yours 9.0" in text_of(client.post(path, delays_form(start_delay="9")))
    assert cluster_named("tried").start_delay == 7
    again = delays_form(start_delay="9") | {"initial-start_delay": "7.0"}
    assert answer(client, path, source="form#delays", **again).status_code == HTTPStatus.OK
    assert cluster_named("tried").start_delay == 9


def test_the_delays_are_among_the_live_parts() -> None:
    """An untouched form is drawn anew with what stands."""
    tried = cluster(name="tried", nodes=0)
    client = visitor()
    services.cluster_settings(cluster=tried, actor="ada", start_delay=5, stop_delay=1, node_grace=40)
    live = client.get("/clusters/tried/settings/", headers=HTMX).content.decode()
    assert 'hx-target="#delays-form"' in live
    assert 'value="5.0"' in live


@pytest.mark.parametrize(
    ("what", "form"),
    [
        ("rename", {"rename-name": "other"}),
        ("reset", {}),
        ("trim", {"trim-keep": 200, "trim-unit": "changes"}),
        ("delete", {"deletion-name": "tried"}),
    ],
)
def test_a_form_is_for_the_cluster_it_was_made_for(what: str, form: dict[str, object]) -> None:
    """Another cluster that bears the name by now is left alone."""
    old = cluster(name="tried", nodes=0)
    client = visitor()
    page = client.get("/clusters/tried/settings/").content.decode()
    assert page.count(f'name="seen" value="{old}"') == 4
    services.cluster_delete(cluster=old, actor="ada")
    fresh = cluster(name="tried", nodes=1)
    number = row_of(fresh).number
    response = client.post(f"/clusters/tried/settings/{what}/", {"seen": old, **form})
    assert response.status_code == HTTPStatus.CONFLICT
    assert "Somebody else changed tried since this page was made" in text_of(response)
    assert row_of(fresh).number == number


def test_export_and_import() -> None:
    """Operators save a cluster to a file; whoever may make clusters makes one of it."""
    cluster(nodes=2)
    saved: Any = visitor().post("/clusters/tried/settings/export/")
    assert saved["Content-Disposition"] == 'attachment; filename="tried.everynode.gz"'
    assert visitor(Role.VIEWER).post("/clusters/tried/settings/export/").status_code == HTTPStatus.FORBIDDEN

    data = saved.getvalue()

    def bring(data: bytes, name: str) -> Any:
        form = {"import-file": SimpleUploadedFile("any", data), "import-name": name}
        return visitor().post("/import/", form, follow=True)

    assert "Made cluster again of the file." in text_of(bring(data, "again"))
    assert models.Node.objects.filter(cluster__name="again").count() == 2
    refused = bring(data[:-40], "third")
    assert "the file ends early" in text_of(refused)
    assert 'value="third"' in refused.content.decode()
    assert "already exists" in text_of(bring(data, ""))


DUMP = (BASE / "tests" / "fixtures" / "dump.json.gz").read_bytes()


def bring(*files: tuple[str, bytes], name: str = "") -> Any:
    """Send the form of the import page."""
    uploads = [SimpleUploadedFile(called, data) for called, data in files]
    return visitor().post("/import/", {"import-file": uploads, "import-name": name}, follow=True)


def test_import_of_a_dump() -> None:
    """A dump becomes a cluster that is named after its file and marked on its pages; its clock is paused."""
    page = text_of(bring(("Prod (EU).json.gz", DUMP)))
    assert "Made cluster prod-eu of a dump of 2026-11-22 06:25:12 UTC; its clock is paused." in page
    assert "In it: nodes 12, DaemonSets 2, their pods 16." in page
    assert "Of 23 other pods only what they take of their nodes." in page
    assert "Left out: ConfigMap 1, Secret 1." in page
    assert "from a dump · 12 nodes" in page
    settings = text_of(visitor().get("/clusters/prod-eu/settings/"))
    assert "a dump of 2026-11-22 06:25:12 UTC files Prod (EU).json.gz" in settings
    assert "simulated from a dump, paused, cluster time 2026-11-22 06:25:12" in text_of(
        visitor().get("/clusters/")
    )
    assert "Made cluster prod-eu of a dump: Prod (EU).json.gz" in audited()


def test_import_page() -> None:
    """It says how a dump is made; whoever may not make clusters does not see it."""
    assert COMMAND in text_of(visitor().get("/import/"))
    assert visitor(Role.VIEWER).get("/import/").status_code == HTTPStatus.FORBIDDEN
    assert "/import/" in visitor().get("/clusters/").content.decode()
    assert "/import/" in visitor(Role.ADMIN).get("/add/").content.decode()
    assert "/import/" not in visitor(Role.VIEWER).get("/clusters/").content.decode()


def test_import_refused() -> None:
    """What cannot be imported is told with its file, in the language of the page; the name stays."""
    refused = bring(("a.json", DUMP), ("b.json", b"<html>"), name="third")
    assert "b.json: This is a web page, not what kubectl wrote. Make a dump with: kubectl" in text_of(refused)
    assert 'value="third"' in refused.content.decode()
    assert not models.Cluster.objects.exists()
    assert "This field is required." in text_of(visitor().post("/import/", {}))


def test_every_fault_has_its_words() -> None:
    """Pages and the command line tell the same of each fault."""
    for fault in Fault:
        sentence = dump_fault(BadDump(fault, "file", "items[0]", "WHAT"))
        assert sentence.startswith("file: items[0]: ")
        assert ("WHAT" in sentence, COMMAND in sentence) == (
            "{what}" in SENTENCES[fault],
            COMMAND in SENTENCES[fault],
        )
