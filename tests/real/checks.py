"""How the steps of a trial look at things: they wait until something is true, and fail with a sentence."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable

from controller.engine.objects import Manifest

SETTLE = 20.0
"""Seconds in which the map and a server that others change at the same time must be equal once."""

LONGEST = 180.0
"""Seconds in which pods must run: machines pull images."""

LOOK = 0.1


class Failed(Exception):
    """Something is not as it should be: a sentence."""


def check(holds: object, sentence: str) -> None:
    """Raise Failed with the sentence unless something holds."""
    if not holds:
        raise Failed(sentence)


def await_(true: Callable[[], bool], sentence: str, within: float = LONGEST) -> None:
    """Return as soon as something is true. Raises Failed."""
    until = time.monotonic() + within
    while not true():
        check(time.monotonic() < until, f"{sentence}: not within {within:g} s")
        time.sleep(LOOK)


def uid_of(pod: Manifest) -> str:
    """Return what tells a pod from another one of its name."""
    return str(pod["metadata"]["uid"])


def image_of(pod: Manifest) -> str:
    """Return the image of a pod, or of a template."""
    return str(pod["spec"]["containers"][0]["image"])


def words(page: str, *, whole: bool = False) -> str:
    """Return the words of a page in one line, only the first ones unless it is the ``whole``."""
    main = page if whole else page[max(page.find("<main"), 0) :]
    text = " ".join(
        html.unescape(re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", main, flags=re.DOTALL)).split()
    )
    return text if whole else text[:300]
