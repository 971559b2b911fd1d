"""Typed readers of the environment. A value that cannot be used is refused by its name.

Settings are read once, at start; whoever runs Everynode learns from one sentence what to mend.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


class BadSetting(ImproperlyConfigured):
    """A variable of the environment is missing or cannot be used. The message is a full sentence."""


def text(name: str, default: str = "") -> str:
    """Return the variable without surrounding blanks; an empty one counts as not set."""
    return os.environ.get(name, "").strip() or default


def required(*names: str) -> None:
    """Refuse, naming all that are missing at once, unless every variable is set."""
    missing = [name for name in names if not text(name)]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise BadSetting(
            f"{', '.join(missing)} {verb} not set, and EVERYNODE_ENV=production generates nothing."
        )


def choice(name: str, among: tuple[str, ...]) -> str:
    """Return the variable, which is one of ``among``; the first of them is the default."""
    value = text(name, among[0])
    if value not in among:
        raise BadSetting(f"{name} is {value!r}, and must be one of: {', '.join(among)}.")
    return value


def whole(name: str, default: int, *, least: int) -> int:
    """Return a whole number that is no less than ``least``."""
    value = text(name, str(default))
    if not value.isdecimal() or int(value) < least:
        raise BadSetting(f"{name} is {value!r}, and must be a whole number of at least {least}.")
    return int(value)


def words(name: str) -> list[str]:
    """Return the comma-separated words, without blanks and empty ones."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def folder(name: str, default: Path) -> Path:
    """Return a folder as an absolute path, made if it is not there (for its owner alone)."""
    path = Path(text(name, str(default))).expanduser().absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(
            f"{name} is {str(path)!r}, and cannot be used as a folder: {error.strerror}."
        ) from error
    return path


def url(name: str, schemes: tuple[str, ...], default: str = "") -> str:
    """Return an address whose scheme is one of ``schemes``."""
    value = text(name, default)
    if value and urlsplit(value).scheme not in schemes:
        raise BadSetting(f"{name} must be an address that begins with one of: {', '.join(schemes)}.")
    return value
