"""Fixtures that any test may ask for. Builders of objects live beside the tests that use them."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator

import pytest
from django.db import connection
from django.test import override_settings
from django.utils import translation
from pytest_django import DjangoDbBlocker
from redis import Redis

from controller import broker
from controller.store import dictionaries, views, worlds
from controller.store.forks import forks
from tests.environment import REDIS
from tests.servers import BASE, Everynode, RedisServer, everynode_running, missing

LONGEST = (
    "tests/conformance/test_kubectl.py",
    "tests/test_postgresql.py",
    "tests/browser/test_accessibility.py",
    "tests/dashboard/test_supervise.py",
    "tests/apiserver/test_clients.py",
    "tests/apiserver/test_commands.py",
    "tests/apiserver/test_fuzz_wire.py",
    "tests/browser/test_people.py",
    "tests/browser/test_rollout_page.py",
    "tests/browser/test_rollouts.py",
    "tests/browser/test_real_cluster.py",
    "tests/clients/test_helm.py",
    "tests/browser/test_editor.py",
)
"""Files that take half a minute and more, the longest first; the others come in any order."""

LINES = 25
"""So many lines of an instance's terminal are told when a test fails."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, so that no worker is still at one when the others are done."""
    places = {BASE / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell with a failed test what the instance that it used told last."""
    report = yield
    running = getattr(item, "funcargs", {}).get("everynode")
    if call.when == "call" and report.failed and running:
        report.sections.append(("What the instance told last", "\n".join(running.said.splitlines()[-LINES:])))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the figures that tests have measured."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.getreports(outcome)]
    figures = [figure for report in reports for figure in report.user_properties]
    if figures:
        terminalreporter.section("figures")
        for name, value in figures:
            terminalreporter.line(f"{name}: {value}")


@pytest.fixture(scope="session", autouse=True)
def _nothing_slow_on_purpose() -> Iterator[None]:
    """Hash passwords cheaply, and look for no static files whenever a client is made.

    Both took most of the time of a test of a view. Instances that tests start have the real settings.
    """
    cheap = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    nowhere = {"SERVESTATIC_USE_FINDERS": False, "SERVESTATIC_USE_STATIC_ROOT": False}
    with override_settings(PASSWORD_HASHERS=cheap, **nowhere):
        yield


@pytest.fixture(scope="session")
def redis_server() -> RedisServer:
    """Return the run's Redis; settings.REDIS_URL names it. A test that stops it starts it again."""
    return REDIS


@pytest.fixture(scope="session")
def _redis() -> Iterator[Redis]:
    with Redis.from_url(REDIS.url) as redis:
        yield redis


@pytest.fixture
def redis(_redis: Redis) -> Redis:
    """Return a client of the run's Redis."""
    return _redis


@pytest.fixture(autouse=True)
def _nothing_remembered(_redis: Redis) -> None:
    """Begin each test with an empty Redis that is thought to be there: ids repeat from test to test.

    For the same reason no world may be warm, and no view cached. A language stays from the request before.
    """
    translation.deactivate()
    _redis.flushall()
    broker._State.again = 0.0
    dictionaries.odd._texts.clear()
    worlds.warm._worlds.clear()
    forks.clear()
    views.cache._views.clear()
    views.past._views.clear()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None) or missing("Chromium")


@pytest.fixture(scope="session")
def everynode(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everynode]:
    """Run one instance with its demo cluster for all tests that only look or make their own clusters."""
    with everynode_running(tmp_path_factory.mktemp("everynode")) as running:
        yield running


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None,  # noqa: ARG001 - the one that is ended after this
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """End the sessions that threads of tests left open: PostgreSQL drops no database that is in use."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            others = "datname = current_database() AND pid <> pg_backend_pid()"
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")  # noqa: S608
