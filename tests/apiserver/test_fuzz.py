"""Wild requests: whatever is asked, a client gets an answer or a Status, and nothing is half done."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.apiserver.asking import Asker, DoorClient
from tests.apiserver.wild import nearly_right, wild
from tests.clusters import cluster, row_of, with_daemonset

pytestmark = pytest.mark.django_db


@pytest.fixture(name="asker")
def _asker() -> Asker:
    tried = cluster(nodes=1)
    with_daemonset(tried)
    return Asker(tried)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(wild | nearly_right())
def test_any_request_is_answered(asker: Asker, sent: dict[str, Any]) -> None:
    """Never an error of the server, never a page: a refusal is a Status, and wrote nothing."""
    before = row_of(asker.cluster).number
    asked = {**sent, "path": f"{asker.base}/{sent['path']}"}
    response: Any = DoorClient().generic(**asked)
    assert response.status_code < 500, (asked, response.content)
    if response.status_code >= 400:
        assert row_of(asker.cluster).number == before
        if sent["method"] != "HEAD":
            told = json.loads(response.content)
            assert (told["kind"], told["code"]) == ("Status", response.status_code)
            assert told["message"]
