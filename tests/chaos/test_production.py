"""Two web processes, two workers, two clocks on PostgreSQL: any may die, and so may the database."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.chaos.inside import assert_pods_sound
from tests.chaos.kubectl import Clusters
from tests.chaos.people import Person, fresh
from tests.production import Production, production_running
from tests.servers import missing, postgresql_program, wait_until

pytestmark = pytest.mark.chaos
WHOLE = os.environ.get("EVERYNODE_CHAOS") == "whole"
CLUSTERS, KILLS = (8, 12) if WHOLE else (3, 4)
"""The suite kills a part of what ``make chaos`` does."""

NODES = 20
TIMEOUT = 180
"""Seconds that a busy machine may need for what takes a few: programs start two at a time and more."""

ALLOWED = {0, 200, 201, 409, 503}
"""What a request may be answered while programs die: 0 is a line that was cut. Never an error 500."""


@pytest.fixture
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """Run two of each program."""
    if not postgresql_program("postgres"):
        missing("PostgreSQL")
    folder = tmp_path_factory.mktemp("production")
    with production_running(folder, webs=2, workers=2, clocks=2) as running:
        yield running


def test_anything_dies(production: Production) -> None:
    """Rollouts end as if nothing had died: nothing lost, nothing doubled, every page right."""
    names = [f"cluster-{number}" for number in range(CLUSTERS)]
    clusters = Clusters.made(production, names, NODES)
    for number, name in enumerate(names):
        assert clusters.create(number % 2, name)[0] == 201
    clusters.settled(NODES, within=TIMEOUT)
    people = [Person(production, name, clusters.cookie, number % 2) for number, name in enumerate(names)]
    wait_until(lambda: all(person.state for person in people), within=TIMEOUT, what="all pages")

    answers = _roll(clusters, names, "agent:2") + _disturb(production, clusters, names)
    assert {status for status, _ in answers} <= ALLOWED, answers
    clusters.settled(NODES, within=TIMEOUT)

    read = clusters.read()
    for name, person in zip(names, people, strict=True):
        _assert_right(read[name])
        seen = fresh(production, name, clusters.cookie)
        wait_until(partial(_same, person, seen), within=TIMEOUT, what=f"the page of {name}")
        person.leave()
    assert "Traceback" not in production.said, production.said[-4000:]


def _roll(clusters: Clusters, names: list[str], image: str) -> list[tuple[int, str]]:
    """Let all clusters roll; who gets no answer, or a busy one, tries again as a person would."""
    answers = []
    for number, name in enumerate(names):

        def rolled(web: int = number, name: str = name) -> bool:
            answers.append(clusters.image(web % 2, name, image))
            return answers[-1][0] == 200

        wait_until(rolled, within=TIMEOUT, what="the new image")
    return answers


def _disturb(production: Production, clusters: Clusters, names: list[str]) -> list[tuple[int, str]]:
    """Kill programs in an order of chance, and in the middle of it restart PostgreSQL; edit meanwhile."""
    chance, answers = random.Random(8), []  # noqa: S311 - an order, no secret
    order = chance.sample(sorted(production.programs), k=len(production.programs))
    for number in range(KILLS):
        production.programs[order[number % len(order)]].kill()
        if number == KILLS // 2:
            production.postgresql.stop(signal.SIGQUIT)
            answers.append(clusters.image(0, names[0], "agent:3"))
            production.postgresql.start()
        answers += _roll(clusters, [names[number % len(names)]], f"agent:{10 + number}")
        time.sleep(0.5)  # not for anything to come true: so that the next one dies in the middle of more
    return answers


def _assert_right(read: dict[str, Any]) -> None:
    assert read["numbers"] == list(range(1, len(read["numbers"]) + 1))
    pods = assert_pods_sound(read["log"], nodes=NODES)
    assert {pod["metadata"]["name"]: pod for pod in read["pods"]} == pods


def _same(person: Person, seen: dict[str, object]) -> bool:
    known = person.state or {}
    return all(known.get(key) == seen[key] for key in ("n", "nodes", "sets", "cells"))
