"""What a test run lives in, fixed before Django reads its settings: a folder, a Redis, a database.

Loaded by pytest as an early plugin. Nothing of a test run touches the developer's own ``data``. A run that
is shared out among workers has one of each for every worker.
With ``EVERYNODE_TEST_DATABASE=postgresql`` the run has a PostgreSQL of its own instead of SQLite.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.servers import PLACES, RedisServer, postgresql_server, redis_running

_everything = ExitStack()


def _arrange() -> RedisServer:
    for name in PLACES:
        os.environ.pop(name, None)
    folder = Path(_everything.enter_context(tempfile.TemporaryDirectory(prefix="everynode-")))
    os.environ["EVERYNODE_DATA"] = str(folder / "data")
    os.environ["EVERYNODE_LOCAL"] = "yes"
    # A kubectl lives for a tenth of a second: a fifth of its work was collecting what goes with it anyway.
    os.environ.setdefault("GOGC", "400")
    server = _everything.enter_context(redis_running(folder))
    os.environ["REDIS_URL"] = server.url
    if os.environ.get("EVERYNODE_TEST_DATABASE") == "postgresql":
        os.environ["DATABASE_URL"] = _everything.enter_context(postgresql_server()).url
    return server


REDIS = _arrange()


@pytest.hookimpl(tryfirst=True)  # before xdist's own
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Share folders out among one worker more than there are cores; a file or two need none.

    A third of what workers do is to wait: for other programs, pages, connections.
    """
    return (os.cpu_count() or 1) + 1 if any(Path(word).is_dir() for word in config.args) else 0


def pytest_unconfigure() -> None:
    """Stop the servers and remove the folder."""
    _everything.close()
