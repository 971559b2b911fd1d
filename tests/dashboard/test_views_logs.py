"""The pages of logs and of a shell."""

from __future__ import annotations

import pytest

from controller.models import Role
from tests.clusters import cluster, pods, with_daemonset
from tests.dashboard.visits import text_of, visitor

pytestmark = pytest.mark.django_db
LOGS = "/clusters/tried/logs/"


@pytest.fixture(name="tried")
def _tried() -> int:
    made = cluster(nodes=2)
    with_daemonset(made)
    return made


@pytest.mark.usefixtures("tried")
def test_logs() -> None:
    """The page says whose logs they are, and keeps what was chosen."""
    page = visitor(Role.VIEWER).get(
        LOGS, {"of": "DaemonSet/default/nginx-ds", "nodes": "node-2", "tail": "1000"}
    )
    said = text_of(page)
    assert "Logs of DaemonSet in default nginx-ds 1 pod" in said
    assert 'value="node-2"' in page.content.decode()
    assert '<option value="1000" selected>' in page.content.decode()
    socket = "/ws/clusters/tried/logs/?of=DaemonSet%2Fdefault%2Fnginx-ds&amp;nodes=node-2&amp;tail=1000"
    assert f'data-logs="{socket}"' in page.content.decode()


@pytest.mark.usefixtures("tried")
def test_nodes_that_cannot_be_read() -> None:
    """What is wrong is said beside the field, whose text stays."""
    page = visitor().get(LOGS, {"of": "DaemonSet/default/nginx-ds", "nodes": "a in ("})
    assert "unable to parse requirement" in text_of(page)
    assert 'value="a in ("' in page.content.decode()


@pytest.mark.usefixtures("tried")
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"of": "DaemonSet/nginx-ds"}, 400),
        ({"of": "DaemonSet/default/nginx-ds", "tail": "7"}, 400),
        ({"of": "DaemonSet/default/other"}, 404),
        ({"of": "Nothing/default/other"}, 404),
    ],
)
def test_refusals(query: dict[str, str], status: int) -> None:
    """An address that names nothing is refused in a sentence."""
    assert visitor().get(LOGS, query).status_code == status


def test_shell(tried: int) -> None:
    """Operators get a terminal with its socket; its page, and no other, may write style sheets."""
    name = pods(tried)["node-1"].name
    path = f"/clusters/tried/pods/default/{name}/shell/"
    page = visitor().get(path)
    assert f'data-shell="/ws/clusters/tried/shell/default/{name}/nginx/"' in page.content.decode()
    assert "style-src 'unsafe-inline' 'self'" in page.headers["Content-Security-Policy"]
    assert (
        "unsafe" not in visitor().get(LOGS, {"of": f"Pod/default/{name}"}).headers["Content-Security-Policy"]
    )
    assert visitor(Role.VIEWER).get(path).status_code == 403
    assert visitor().get("/clusters/tried/pods/default/other/shell/").status_code == 404
