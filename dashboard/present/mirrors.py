"""What a page says of a real cluster: that it is one, of which version, and how old what is shown is."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.kinds import KINDS
from controller.queries.mirrors import MirrorFacts
from controller.upstream.states import State
from dashboard.present.refusals import network_words
from dashboard.present.words import Word, counted, full, seconds_label

QUIET = 120.0
"""Seconds of silence that are nothing unusual: an API server where nothing happens speaks once a minute."""

SKEW = 2.0
"""Seconds that its clock is off before that is told."""

STATES: dict[State, Word] = {
    State.CONNECTING: gettext_lazy("Connecting to its API server."),
    State.LISTING: gettext_lazy("Reading what is there. Until that is done something may be missing."),
    State.LIVE: gettext_lazy("Live."),
    State.UNREACHABLE: gettext_lazy("Its API server is not reached; it is tried again and again."),
    State.UNTRUSTED: gettext_lazy(
        "Somebody answers at its address whose certificate is not the one we know. Nothing is sent there."
    ),
    State.UNAUTHORIZED: gettext_lazy("Its API server does not accept our credentials: replace them."),
    State.FORBIDDEN: gettext_lazy("Its API server knows us, and lets us read nothing: grant the rights."),
    State.OVERLOADED: gettext_lazy("Its API server is overloaded and asked us to come back later."),
    State.REFUSED: gettext_lazy("Its address is one that is not connected to."),
    State.SEALED: gettext_lazy(
        "Its credentials cannot be opened: EVERYNODE_CREDENTIALS_KEY is another one than when it was added."
    ),
}
WAITING = frozenset({State.CONNECTING, State.LISTING})


@dataclass(frozen=True, slots=True)
class MirrorRow:
    """The badge of a real cluster. ``tone`` is good, warn or bad; ``title`` is what more there is to tell."""

    tone: str
    version: str
    age: str
    text: str
    title: str


def mirror_row(facts: MirrorFacts) -> MirrorRow:
    """Return the badge of a real cluster."""
    return MirrorRow(_tone(facts), facts.version, _age(facts), _short(facts), " ".join(_told(facts)))


def mirror_troubles(facts: MirrorFacts) -> list[tuple[str, str]]:
    """Return what has to be told across the page: tone and sentence."""
    troubles = []
    if not facts.is_followed:
        troubles.append(("bad", _("No mirror runs: what you see stands still.")))
    elif facts.state is not State.LIVE:
        said = f"{_state(facts)} {_since(facts)}".strip()
        troubles.append(("calm" if facts.state in WAITING else "bad", said))
    if facts.missing and facts.state is not State.FORBIDDEN:
        kinds = ", ".join(KINDS[kind].resource if kind in KINDS else kind for kind in facts.missing)
        unread = _("May not be read, so here they are missing or out of date: %(kinds)s.")
        troubles.append(("warn", unread % {"kinds": kinds}))
    if facts.odd:
        odd = _("Could not be read, so it is not shown as it is: %(objects)s.")
        troubles.append(("warn", odd % {"objects": ", ".join(facts.odd)}))
    if abs(facts.skew) > SKEW:
        off = _("Its clock is %(seconds)s off ours; times are those of its own.")
        troubles.append(("calm", off % {"seconds": seconds_label(abs(facts.skew))}))
    return troubles


def _state(facts: MirrorFacts) -> str:
    """Return how it fares, and why, as far as that is known."""
    state = str(STATES[facts.state])
    if not facts.errors:
        return state
    why = network_words(min(facts.errors.values())).rstrip(".")
    return _("%(state)s Why: %(why)s.") % {"state": state, "why": why}


def _since(facts: MirrorFacts) -> str:
    if facts.last_seen is None:
        return ""
    return _("What you see is of %(at)s.") % {"at": full(facts.last_seen)}


def _tone(facts: MirrorFacts) -> str:
    if facts.is_followed and facts.state is State.LIVE:
        return "warn" if facts.missing or (facts.age or 0.0) > QUIET else "good"
    return "warn" if facts.is_followed and facts.state in WAITING else "bad"


def _age(facts: MirrorFacts) -> str:
    """Return how old what is shown is."""
    if facts.age is None:
        return _("not heard of yet")
    seconds = int(facts.age)
    if seconds < QUIET:
        return _("%(n)s s old") % {"n": seconds}
    return _("%(n)s min old") % {"n": seconds // 60}


def _short(facts: MirrorFacts) -> str:
    if not facts.is_followed:
        return _("not followed")
    if facts.state is State.LISTING:
        return _("reading")
    if facts.state is not State.LIVE:
        return _("not live")
    count = len(facts.missing)
    return counted("%(n)s kind missing", "%(n)s kinds missing", count) if count else ""


def _told(facts: MirrorFacts) -> list[str]:
    sentences = [_("A real cluster at %(server)s.") % {"server": facts.server}]
    if facts.insecure:
        sentences.append(_("Its certificate is not checked."))
    return [*sentences, *(sentence for _tone, sentence in mirror_troubles(facts))]
