"""How every page answers: refusals in one way, failures under an id, nothing inline or from elsewhere."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest
from django.db import OperationalError
from django.test import Client

from controller.models import Role
from controller.queries import clusters
from tests.clusters import cluster
from tests.dashboard.visits import HTMX, answer, text_of, visitor

pytestmark = pytest.mark.django_db

BULK = "/clusters/tried/table/chosen/"


def test_nothing_inline_nothing_from_elsewhere() -> None:
    """Pages forbid inline code and foreign sources, and live by it themselves."""
    cluster(nodes=1)
    for path in (
        "/login/",
        "/clusters/",
        "/clusters/tried/",
        "/clusters/tried/table/",
        "/clusters/tried/create/",
    ):
        response = visitor(Role.ADMIN).get(path) if path != "/login/" else Client().get(path)
        page = response.content.decode()
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert not re.search(r"<[^>]+\s(style|on\w+)=", page), path
        assert not re.search(r"<script(?![^>]*(src=|application/json))", page), path
        assert not re.search(r'(src|href)="(https?:)?//', page), path


def test_a_page_is_not_taken_for_its_parts() -> None:
    """Whoever keeps answers is told that htmx gets other ones at the same address."""
    cluster()
    for headers in ({}, HTMX):
        response = visitor().get("/clusters/tried/", headers=headers)
        assert "HX-Request" in response["Vary"]


def test_a_refusal_without_script_is_a_page() -> None:
    """Where there is no script a refusal is a page with the sentence and the right status."""
    cluster()
    response = visitor().post(BULK, {"action": "cordon", "node": "gone"})
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert 'nodes "gone" not found' in text_of(response)


def test_a_refusal_goes_into_the_form() -> None:
    """A form with an id gets its faults in its own place, and no toast."""
    cluster()
    response = answer(visitor(), BULK, source="form#bulk", action="cordon", node="gone")
    page = response.content.decode()
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert re.search(r'hx-target="find .faults"[^>]*><li>nodes &quot;gone&quot; not found</li>', page)
    assert "toast" not in page.replace("#toasts", "")


def test_a_refusal_of_a_button_is_a_toast() -> None:
    """A form without an id has no place for faults, so they come as a toast."""
    cluster()
    page = answer(visitor(), BULK, action="cordon", node="gone").content.decode()
    assert 'class="toast error"' in page


def test_a_toast_waits_for_the_page_that_is_led_to() -> None:
    """A page that is left, or another tab, may ask for its parts before that: it takes no toast away."""
    cluster(nodes=1)
    person = visitor()
    left = person.post("/clusters/tried/nodes/node-1/state/", {"action": "cordon"})
    assert left.status_code == HTTPStatus.FOUND
    asked = person.get("/clusters/tried/", headers=HTMX)
    assert "toast" not in asked.content.decode()
    page = person.get(left["Location"]).content.decode()
    assert 'class="toast success"' in page


def test_a_page_that_is_no_more_says_so() -> None:
    """Live parts of what is gone are answered with a banner, not with a toast every few seconds."""
    cluster()
    response = visitor().get("/clusters/tried/nodes/gone/", headers=HTMX)
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert 'hx-target="#stale"' in response.content.decode()
    assert 'nodes "gone" not found What you see is how it last was.' in text_of(response)


def test_done_by_htmx() -> None:
    """What was done comes as a toast, and the page is told to refresh itself."""
    cluster(nodes=1)
    response = answer(visitor(), "/clusters/tried/nodes/node-1/state/", action="cordon")
    assert response["HX-Trigger"] == "everynode:changed"
    assert "Cordoned node-1." in text_of(response)


def test_done_without_script() -> None:
    """Without script the page is shown again, with the sentence."""
    cluster(nodes=1)
    response = visitor().post("/clusters/tried/nodes/node-1/state/", {"action": "cordon"}, follow=True)
    assert response.redirect_chain == [("/clusters/tried/nodes/node-1/", HTTPStatus.FOUND)]
    assert "Cordoned node-1." in text_of(response)


def test_a_refused_text_is_shown_again() -> None:
    """What was typed for a cluster that is gone is not lost."""
    response = visitor().post("/clusters/gone/create/", {"text": "kind: DaemonSet"})
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert "kind: DaemonSet" in text_of(response)


def test_an_address_of_nothing() -> None:
    """An address that means nothing has a page of its own."""
    response = visitor().get("/nothing/here/")
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert "There is nothing here" in text_of(response)


def test_a_wild_question_is_no_failure() -> None:
    """What Django itself refuses as suspicious is the asker's fault, and answered so."""
    response = visitor(Role.ADMIN).get("/admin/controller/node/?cluster__recipe__name=x")
    assert response.status_code == HTTPStatus.BAD_REQUEST


def test_the_unforeseen_is_logged_under_an_id(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure of the program shows an id that the log knows, and nothing of its inside."""
    monkeypatch.setattr(clusters, "overviews", _broken)
    response = visitor().get("/clusters/")
    assert response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    shown = re.search(r"in the log under (\w+)", text_of(response))
    assert shown
    assert shown[1] in caplog.text
    assert "secret" not in text_of(response)


def _broken() -> None:
    raise RuntimeError("secret")


def test_a_locked_database_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that does not answer is no failure of the program: nothing was changed."""

    def locked() -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(clusters, "overviews", locked)
    response = visitor().get("/clusters/")
    assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "Nothing was changed; please try again." in text_of(response)
