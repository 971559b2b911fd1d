"""Which language a page speaks: the browser's, until somebody chooses another."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.test import Client

from controller.models import Role
from dashboard.models import User
from tests.dashboard.visits import visitor

pytestmark = pytest.mark.django_db
PASSWORD = "long-enough-for-a-test"
CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}


def language_of(response: Any) -> str:
    """Return the language that a page says it is in."""
    page = BeautifulSoup(response.content, "html.parser").html
    assert page is not None
    return str(page["lang"])


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        pytest.param("", "en", id="nothing said"),
        pytest.param("zh-CN,zh;q=0.9,en;q=0.8", "zh-hans", id="Chinese of the mainland"),
        pytest.param("zh-Hans-SG", "zh-hans", id="simplified"),
        pytest.param("zh-TW", "zh-hans", id="traditional, which is nearer than English"),
        pytest.param("de-DE,de;q=0.9", "en", id="one that there is not"),
        pytest.param("en-GB,zh;q=0.5", "en", id="English first"),
        pytest.param(";;q=x,\xff", "en", id="nonsense"),
    ],
)
def test_the_browsers_language(accepted: str, language: str) -> None:
    """Who has chosen nothing reads what the browser asks for, else English."""
    assert language_of(Client().get("/login/", headers={"Accept-Language": accepted})) == language


def test_a_language_is_chosen_and_kept() -> None:
    """The choice leads back to where one was, whatever the browser asks for, and outlives the login."""
    browser = Client(headers=CHINESE)
    came_from = {"Referer": "http://testserver/login/?next=/clusters/"}
    answer = browser.post("/language/", {"language": "en"}, headers=came_from)
    assert (answer.status_code, answer["Location"]) == (302, "http://testserver/login/?next=/clusters/")
    cookie = browser.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie["max-age"], cookie["httponly"]) == (settings.LANGUAGE_COOKIE_AGE, True)
    assert language_of(browser.get("/login/")) == "en"
    User.objects.create_superuser("reader", password=PASSWORD)
    entered = browser.post("/login/", {"username": "reader", "password": PASSWORD}, follow=True)
    assert entered.redirect_chain
    assert language_of(entered) == "en"


def test_nobody_is_led_elsewhere() -> None:
    """A choice of language leads to no other site, and one that there is not changes nothing."""
    browser = Client()
    answer = browser.post(
        "/language/", {"language": "xx"}, headers={"Referer": "https://elsewhere.example/page"}
    )
    assert answer["Location"] == "/"
    assert settings.LANGUAGE_COOKIE_NAME not in browser.cookies


@pytest.mark.parametrize("path", ["/login/", "/clusters/", "/nowhere/"])
def test_every_page_offers_the_other_language(path: str) -> None:
    """The other languages stand in the top bar, each in its own words; the page's own is none of them."""
    for accepted, other in (("en", "简体中文"), ("zh", "English")):
        client = visitor(Role.VIEWER) if path == "/clusters/" else Client()
        page = BeautifulSoup(client.get(path, headers={"Accept-Language": accepted}).content, "html.parser")
        offered = page.select("header form button[name=language]")
        assert [one.get_text(strip=True) for one in offered] == [other]


def test_caches_know_the_language() -> None:
    """A cache between keeps a page apart from the same page in another language."""
    varies = Client().get("/login/")["Vary"]
    assert {"Accept-Language", "Cookie", "HX-Request"} <= set(varies.split(", "))


def test_a_language_is_chosen_in_the_past() -> None:
    """Who looks at the past and chooses a language still looks at the same moment."""
    there = "http://testserver/at/3/clusters/demo/"
    answer = Client().post(
        "/at/3/language/", {"language": "zh-hans"}, headers={"Referer": there}, follow=True
    )
    assert answer.redirect_chain[:2] == [("/language/", 307), (there, 302)]
