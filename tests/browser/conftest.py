"""People at browsers, and what they leave behind: figures, and pictures of what went wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, StorageState, sync_playwright

from tests.browser.person import Person
from tests.servers import BASE, Everynode

ARTEFACTS = BASE / "artefacts"
FLAGS = (
    "--no-sandbox",  # continuous integration may run as root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--no-first-run",
)
PASSWORD = "long-enough-for-a-test"
Enter = Callable[..., Person]
Figure = Callable[[str, float, str], None]
PEOPLE = pytest.StashKey[list[Person]]()
MANY = 3000
"""So many characters of a page are told when a test fails."""


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """Run Chromium while tests of this folder run, one module after the other.

    No longer, since Playwright's event loop would be in the way of others' asynchronous tests.
    """
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture(scope="session")
def _cookies() -> dict[str, StorageState]:
    """Return the cookies of those who logged in so far, by role."""
    return {}


def log_in(page: Page, url: str, name: str, password: str) -> None:
    """Log in through the form."""
    page.goto(url)
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/clusters/")


@pytest.fixture
def enter(
    browser: Browser, everynode: Everynode, _cookies: dict[str, StorageState], request: pytest.FixtureRequest
) -> Iterator[Enter]:
    """Let people come in: ``enter("viewer", viewport=...)`` is one with a browser of their own.

    Afterwards nobody may have seen an unforeseen failure.
    """
    inside = request.node.stash[PEOPLE] = list[Person]()

    def admit(role: str = "admin", **context: Any) -> Person:
        context.setdefault("viewport", {"width": 1440, "height": 900})
        page = browser.new_context(storage_state=_cookies.get(role), **context).new_page()
        person = Person(page, everynode.url)
        inside.append(person)
        if role not in _cookies:
            if role != "admin":
                admit().try_post("users/", username=role, role=role, password=PASSWORD)
            log_in(page, everynode.url, role, PASSWORD if role != "admin" else everynode.password)
            _cookies[role] = page.context.storage_state()
        return person

    yield admit
    troubles = [trouble for person in inside for trouble in person.troubles]
    for person in inside:
        person.page.context.close()
    assert troubles == []


@pytest.fixture
def person(enter: Enter) -> Person:
    """Return the admin, at a large screen."""
    return enter()


@pytest.fixture(scope="session")
def _named() -> Counter[str]:
    """Return how often a name was given to a cluster so far."""
    return Counter()


@pytest.fixture
def cluster(request: pytest.FixtureRequest, _named: Counter[str]) -> str:
    """Return a name for this test's cluster: the test's own, numbered where two files have it."""
    name = (
        re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_").lower()).strip("-")[:50].strip("-")
    )
    _named[name] += 1
    return name if _named[name] == 1 else f"{name}-{_named[name]}"


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Return what notes a measured figure: its name, its value, its unit."""

    def note(name: str, value: float, unit: str) -> None:
        record_property(name, f"{value:.1f} {unit}")

    return note


def seen(person: Person, file: Path) -> str:
    """Keep a picture of what somebody sees, and return it in words."""
    page = person.page
    try:
        page.screenshot(path=file)
        body = page.locator("body")
        return f"{page.url}\n{page.locator('[data-line]').all_inner_texts()}\n{body.aria_snapshot()[:MANY]}"
    except Error as error:
        return f"{page.url}\nshows nothing: {error.message}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell with a failed test what people saw at that moment."""
    report = yield
    if call.when == "call" and report.failed:
        people: list[Person] = item.stash.get(PEOPLE, [])
        for number, person in enumerate(people):
            shown = seen(person, ARTEFACTS / "failures" / f"{item.name}-{number}.png")
            report.sections.append((f"What person {number} saw", shown))
    return report
