"""Making objects from YAML."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from controller import models
from dashboard.present.examples import EXAMPLES
from tests.clusters import cluster, demo_text
from tests.dashboard.visits import text_of, visitor

pytestmark = pytest.mark.django_db

CREATE = "/clusters/tried/create/"


def create(text: str, **more: Any) -> Any:
    """Send the form."""
    return visitor().post(CREATE, {"text": text, **more})


def test_create() -> None:
    """What was created is shown on the map."""
    tried = cluster()
    response = create(demo_text("ssd-monitor"))
    assert response["Location"] == "/clusters/tried/?set=default/ssd-monitor"
    assert models.DaemonSet.objects.get(cluster=tried).name == "ssd-monitor"


def test_several_documents() -> None:
    """Several documents are created at once, an upload goes before the typed text."""
    tried = cluster()
    both = demo_text("ssd-monitor") + "\n---\n" + demo_text("nginx-ds")
    create("typed: in vain", file=SimpleUploadedFile("sets.yaml", both.encode()))
    assert models.DaemonSet.objects.filter(cluster=tried).count() == 2


@pytest.mark.parametrize("example", [pytest.param(one, id=one.key) for one in EXAMPLES])
def test_examples(example: Any) -> None:
    """Every example is offered, inserted without script, and accepted as it is."""
    cluster()
    page = visitor().get(f"{CREATE}?example={example.key}")
    assert page.context["form"]["text"].value() == example.text
    assert create(example.text).status_code == HTTPStatus.FOUND


def test_an_unknown_example() -> None:
    """An example that there is not is refused."""
    cluster()
    assert "There is no such example." in text_of(visitor().get(f"{CREATE}?example=nothing"))


BAD = demo_text("ssd-monitor").replace("app: ssd-monitor\n  template", "app: other\n  template")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", ["There is nothing to create"], id="nothing"),
        pytest.param("kind: [", ["Line 2, column 1: did not find expected node content"], id="no YAML"),
        pytest.param("a: 1", ["apiVersion and kind are missing"], id="no object"),
        pytest.param(
            demo_text("ssd-monitor").replace("apps/v1", "apps/v1beta2"),
            ['no matches for kind "DaemonSet" in version "apps/v1beta2"', 'write "apiVersion: apps/v1"'],
            id="a removed version",
        ),
        pytest.param(
            demo_text("ssd-monitor").replace("spec:\n  selector", "spec:\n  replicas: 3\n  selector"),
            ['Line 6: unknown field "spec.replicas"'],
            id="an unknown field",
        ),
        pytest.param(
            BAD.replace("containers:", "restartPolicy: Never\n      containers:"),
            ["spec.template.metadata.labels", "spec.template.spec.restartPolicy"],
            id="several faults at once",
        ),
        pytest.param(
            demo_text("ssd-monitor").replace(
                "name: ssd-monitor\nspec", "name: ssd-monitor\n  namespace: nowhere\nspec"
            ),
            ['namespaces "nowhere" not found'],
            id="an unknown namespace",
        ),
    ],
)
def test_refused(text: str, said: list[str]) -> None:
    """Every fault is listed, the text is kept, and nothing is done by halves."""
    tried = cluster()
    response = create(text)
    page = text_of(response)
    assert all(words in page for words in ["Nothing was created.", *said]), page
    assert response.context["form"]["text"].value() == text
    assert not models.DaemonSet.objects.filter(cluster=tried).exists()


def test_a_character_that_is_none() -> None:
    """Text with a null character is refused for that alone."""
    cluster()
    page = text_of(create("kind: \0"))
    assert "What was sent holds the null character" in page
    assert "There is nothing to create" not in page


def test_all_or_none() -> None:
    """One document of two that is refused takes the other with it."""
    tried = cluster()
    create(demo_text("nginx-ds") + "\n---\n" + BAD)
    assert not models.DaemonSet.objects.filter(cluster=tried).exists()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(b"#" * (1024 * 1024 + 1), "The file is larger than 1 MiB.", id="too large"),
        pytest.param(b"\xff\xfe", "The file is no UTF-8 text.", id="no text"),
    ],
)
def test_upload_refused(body: bytes, said: str) -> None:
    """A file that is too large or no text is refused, and what was typed is kept."""
    cluster()
    response = create("typed: text", file=SimpleUploadedFile("sets.yaml", body))
    assert said in text_of(response)
    assert response.context["form"]["text"].value() == "typed: text"


OLD = demo_text("ssd-monitor").replace("apps/v1", "extensions/v1beta1")


def test_an_old_text_is_converted_with_one_click() -> None:
    """Its refusal offers it; the new text and the difference are shown before anything is created."""
    tried = cluster()
    assert "Convert to today's versions" in text_of(create(OLD))
    page = create(OLD, convert="")
    said = text_of(page)
    assert "DaemonSet ssd-monitor: extensions/v1beta1 is now apps/v1." in said
    assert "spec.updateStrategy was left out, and means something else now: it is written out." in said
    assert "-apiVersion: extensions/v1beta1" in said
    assert not models.DaemonSet.objects.filter(cluster=tried).exists()
    assert create(page.context["form"]["text"].value()).status_code == HTTPStatus.FOUND


def test_a_new_text_has_nothing_to_convert() -> None:
    """Other refusals offer no conversion; who asks for one is told."""
    cluster()
    assert "Convert to today" not in text_of(create("kind: ["))
    assert "Convert to today" not in text_of(create(BAD))
    assert "There is nothing to convert" in text_of(create(BAD, convert=""))
    assert "line 2, column 1" in text_of(create("kind: [", convert=""))


def test_faults_say_where_they_are() -> None:
    """A fault of a field is told with its line; of several documents also with the number of its own."""
    cluster()
    assert "Line 11: spec.template.metadata.labels" in text_of(create(BAD))
    page = text_of(create("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\n" + BAD))
    assert "Document 2, line 15: spec.template.metadata.labels" in page


@pytest.mark.parametrize(
    "body", [pytest.param(b"\xff\xfe", id="no text"), pytest.param(b"kind: [", id="no YAML")]
)
def test_a_broken_upload(body: bytes) -> None:
    """What was typed stays; where nothing was, the file's text is shown, if it is one."""
    cluster()
    kept = create("# typed", file=SimpleUploadedFile("sets.yaml", body)).context["form"]
    assert kept["text"].value() == "# typed"
    assert kept.faults()
    alone = create("", file=SimpleUploadedFile("sets.yaml", b"kind: [")).context["form"]
    assert alone["text"].value() == "kind: ["
