"""One instance for all of it: each test leaves it as alive as it found it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chaos.inside import Inside
from tests.chaos.visitor import Visitor
from tests.servers import Everynode, everynode_running


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everynode]:
    """Run an instance whose parts are killed."""
    with everynode_running(tmp_path_factory.mktemp("chaos"), "--no-demo") as instance:
        yield instance


@pytest.fixture
def inside(running: Everynode) -> Inside:
    """Return its database."""
    return Inside(running.data)


@pytest.fixture
def visitor(running: Everynode) -> Visitor:
    """Return somebody who is logged in."""
    return Visitor(running.url, running.password)
