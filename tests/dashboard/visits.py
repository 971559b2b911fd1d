"""People who visit the site in tests, and how they ask."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client

from controller.models import Role
from tests.people import someone

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def visitor(role: Role = Role.OPERATOR, **defaults: Any) -> Client:
    """Return a client that is logged in as somebody of that role, called like it."""
    client = Client(**defaults)
    client.force_login(someone(role.value, role))
    return client


def text_of(response: Any) -> str:
    """Return what a page says, its markup left out and its white space made even."""
    reader = _Reader()
    reader.feed(response.content.decode())
    return " ".join(" ".join(reader.said).split())


def answer(client: Client, path: str, *, source: str = "form", **form: Any) -> Any:
    """Send a form the way htmx does. ``source`` names the element: with an id it bears a place for faults."""
    return client.post(path, form, headers={**HTMX, "HX-Source": source})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        self.said.append(data)
