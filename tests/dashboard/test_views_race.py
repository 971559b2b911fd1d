"""The page on which strategies race."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import pytest

from controller.models import Role
from controller.services.clusters import cluster_settings
from controller.services.daemonsets import daemonset_strategy
from tests.clusters import PERSON, cluster, with_daemonset
from tests.dashboard.visits import HTMX, text_of, visitor

pytestmark = pytest.mark.django_db

PAGE = "/clusters/tried/sets/default/nginx-ds/race/"


def query(**given: str) -> str:
    """Return what the form sends: two strategies, and two that take no part."""
    sent = {"race": "1", "container": "nginx", "image": ""}
    for at, strategy in enumerate(("RollingUpdate", "OnDelete", "", ""), 1):
        sent |= {f"s{at}-strategy": strategy, f"s{at}-max_unavailable": "1"}
        sent |= {f"s{at}-max_surge": "0", f"s{at}-min_ready_seconds": "0"}
    return urlencode({**sent, **given})


def test_strategies_are_offered() -> None:
    """That of the set, and three others; nothing runs before it is asked for."""
    with_daemonset(cluster(nodes=3))
    page = visitor().get(PAGE).content.decode()

    assert re.findall(r'name="s\d-max_unavailable" value="([^"]+)"', page) == ["1", "10%", "0", "33%"]
    assert "hx-get" not in page[page.index('id="lanes"') : page.index("</main>")]


def test_no_strategy_is_offered_twice() -> None:
    """A set that has one of the others gets a further one beside its own."""
    tried = cluster(nodes=3)
    with_daemonset(tried)
    place: Any = {"cluster": tried, "namespace": "default", "name": "nginx-ds"}
    daemonset_strategy(**place, actor=PERSON, strategy="RollingUpdate", max_unavailable="10%", max_surge=0)
    page = visitor().get(PAGE).content.decode()
    assert re.findall(r'name="s\d-max_unavailable" value="([^"]+)"', page) == ["10%", "0", "33%", "50%"]


def test_each_that_takes_part_has_a_lane() -> None:
    """A lane asks for itself, and tells in numbers and in a chart how its strategy fared."""
    tried = cluster(nodes=3)
    with_daemonset(tried)
    cluster_settings(cluster=tried, actor=PERSON, start_delay=1, stop_delay=1, node_grace=0)
    client = visitor()
    page = client.get(f"{PAGE}?{query()}").content.decode()
    assert len(re.findall(r'id="lane-\\d"', page)) == 0
    urls = [url.replace("&amp;", "&") for url in re.findall(r'hx-get="([^"]+/race/\d/[^"]+)"', page)]
    assert len(urls) == 2
    rolled, waiting = (client.get(url, headers=HTMX) for url in urls)

    assert 'hx-target="#lane-0"' in rolled.content.decode()
    assert "All pods are replaced and available." in text_of(rolled)
    assert "Fewest available 2 / 3" in text_of(rolled)
    assert "Nothing is replaced before somebody deletes pods: 3 pods are left." in text_of(waiting)
    found = re.search(r'type="application/json">(.*?)</script>', rolled.content.decode())
    assert found
    chart = json.loads(found[1])
    assert chart["desired"] == 3
    assert min(chart["available"]) == 2
    assert len(chart["at"]) == len(chart["available"]) == len(chart["pods"])


def test_what_is_malformed() -> None:
    """The form says so beside its field and keeps what was typed; a lane says what the API server refuses."""
    with_daemonset(cluster(nodes=1))
    client = visitor()
    page = client.get(f"{PAGE}?{query(**{'s1-min_ready_seconds': '-1', 'image': 'nginx:2'})}")
    assert "greater than or equal to 0" in text_of(page)
    assert 'value="nginx:2"' in page.content.decode()
    lane = client.get(f"{PAGE}0/?{query(**{'s1-max_unavailable': 'x'})}", headers=HTMX)
    assert "spec.updateStrategy.rollingUpdate.maxUnavailable" in text_of(lane)
    lane = client.get(f"{PAGE}0/?container=nobody")
    assert "nobody is not one of the available choices" in text_of(lane)


def test_viewers_race_nothing() -> None:
    """It takes a processor for seconds."""
    with_daemonset(cluster(nodes=1))

    assert visitor(Role.VIEWER).get(PAGE).status_code == HTTPStatus.FORBIDDEN
