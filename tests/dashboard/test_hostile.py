"""What no browser sends: null characters and immense numbers, in addresses and in forms. Never a 500."""

from __future__ import annotations

import pytest

from controller.models import Role
from tests.clusters import cluster
from tests.dashboard.visits import answer, text_of, visitor

pytestmark = pytest.mark.django_db

IMMENSE = "9" * 5000
NULL_PAGES = [
    "/clusters/%00/",
    "/clusters/tried/nodes/a%00/",
    "/clusters/tried/pods/default/%00/",
    "/clusters/tried/sets/default/%00/",
    "/clusters/tried/table/?filter=%00",
    "/clusters/tried/search/?text=%00",
    "/clusters/tried/events/?type=%00",
    "/audit/?actor=%00",
    "/audit/?cluster=%00",
    "/audit/?%00=a",
    "/admin/controller/auditentry/?q=%00",
]
NULL_FORMS = [
    ("/clusters/tried/clock/", {"action": "speed", "speed": "\0"}),
    ("/clusters/tried/table/chosen/", {"action": "cordon", "node": "\0"}),
    ("/clusters/tried/nodes/node-1/label/", {"label": "a=\0"}),
    ("/clusters/tried/sets/default/agent/do/", {"action": "image", "image": "\0"}),
    ("/clusters/tried/create/", {"text": "a: \0"}),
]


@pytest.mark.parametrize("path", NULL_PAGES)
def test_a_null_character_in_an_address_is_a_bad_request(path: str) -> None:
    """PostgreSQL would refuse to look for it, SQLite would find nothing."""
    cluster(nodes=1)
    refused = visitor(Role.ADMIN).get(path)
    assert (refused.status_code, "null character" in text_of(refused)) == (400, True)


@pytest.mark.parametrize(("path", "form"), NULL_FORMS)
def test_a_null_character_in_a_form_is_told(path: str, form: dict[str, str]) -> None:
    """Wherever it stands, the sentence is the same."""
    cluster(nodes=1)
    refused = answer(visitor(), path, **form)
    assert (refused.status_code, "null character" in text_of(refused)) == (400, True)


@pytest.mark.parametrize("page", [IMMENSE, "-1", "0", "x", "²", "1e9", "999999999"])
@pytest.mark.parametrize(
    "path", ["/clusters/tried/passes/", "/clusters/tried/events/", "/clusters/tried/table/", "/audit/"]
)
def test_any_page_that_is_asked_for_is_a_page(path: str, page: str) -> None:
    """What is no page becomes the first or the last one."""
    cluster(nodes=1)
    assert visitor(Role.ADMIN).get(path, {"page": page}).status_code == 200


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/clusters/tried/sets/default/agent/do/", {"action": "rollback", "revision": IMMENSE}),
        (
            "/clusters/tried/sets/default/agent/do/",
            {
                "action": "strategy",
                "strategy": "RollingUpdate",
                "max_unavailable": IMMENSE,
                "max_surge": "0",
                "min_ready_seconds": "0",
            },
        ),
        ("/clusters/tried/clock/", {"action": "speed", "speed": IMMENSE}),
        (f"/users/{'9' * 30}/grant/", {"role": "viewer"}),
        (f"/users/{IMMENSE}/grant/", {"role": "viewer"}),
    ],
)
def test_immense_numbers_are_refused_with_a_sentence(path: str, form: dict[str, str]) -> None:
    """No number that somebody types is too long to be read, or to be refused."""
    cluster(nodes=1)
    assert 400 <= answer(visitor(Role.ADMIN), path, **form).status_code < 500


def test_an_immense_count_is_told_in_its_form() -> None:
    """As every number that is out of its range."""
    cluster(nodes=1)
    page = text_of(visitor().post("/clusters/tried/table/add/", {"name": "a-", "count": IMMENSE}))
    assert "Enter a whole number." in page
