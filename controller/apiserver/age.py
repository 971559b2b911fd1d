"""How long ago something was, as kubectl shows it: by the API server, in its own rounding."""

from __future__ import annotations

from datetime import datetime

MINUTE, HOUR, DAY, YEAR = 60, 3600, 86_400, 365
UNKNOWN = "<unknown>"


def age(stamp: str | None, now: datetime) -> str:
    """Return the time from a manifest's stamp until ``now``."""
    if not stamp:
        return UNKNOWN
    try:
        return lasted((now - datetime.fromisoformat(stamp)).total_seconds())
    except (ValueError, TypeError):
        return UNKNOWN


def lasted(seconds: float) -> str:
    """Return a length of time: the coarser the longer, such as 75s, 5m30s, 3h and 4d2h."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 2 * MINUTE:
        return f"{max(whole, 0)}s"
    minutes, hours = whole // MINUTE, whole // HOUR
    if minutes < 3 * HOUR // MINUTE:
        return _parts(minutes, "m", whole % MINUTE if minutes < 10 else 0, "s")  # noqa: PLR2004 - Kubernetes'
    if hours < 2 * DAY // HOUR:
        return _parts(hours, "h", minutes % 60 if hours < 8 else 0, "m")  # noqa: PLR2004 - Kubernetes'
    days = whole // DAY
    if days < 2 * YEAR:
        return _parts(days, "d", hours % 24 if days < 8 else 0, "h")  # noqa: PLR2004 - Kubernetes'
    return _parts(days // YEAR, "y", days % YEAR if days < 8 * YEAR else 0, "d")


def _parts(big: int, unit: str, small: int, minor: str) -> str:
    return f"{big}{unit}{small}{minor}" if small else f"{big}{unit}"
