"""What the page says of a kubeconfig and of the test of a connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import yaml
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.errors import Refused
from controller.upstream.kubeconfig import BadKubeconfig
from controller.upstream.rights import IMPERSONATOR, OPERATOR, READER, Right, cluster_role
from controller.upstream.states import State, state_after
from controller.upstream.trial import Trial
from dashboard.present.refusals import sentence
from dashboard.present.words import Fact, Word, age, counted

FLATTEN = gettext_lazy("Make one that holds everything: kubectl config view --raw --flatten --minify")
LASTING = gettext_lazy("Make a token that lasts: kubectl create token NAME --duration=8760h")

KUBECONFIG: dict[str, tuple[Word, Word]] = {
    "address": (gettext_lazy("%(where)s is no address that can be used."), ""),
    "as": (
        gettext_lazy("It acts as somebody else (%(where)s)."),
        gettext_lazy("Use credentials of their own."),
    ),
    "auth-provider": (gettext_lazy("It asks for a plugin of kubectl (auth-provider)."), LASTING),
    "context": (
        gettext_lazy("There is no context %(where)s in it."),
        gettext_lazy("Choose one of those below."),
    ),
    "data": (gettext_lazy("%(where)s is no certificate or key in base64."), FLATTEN),
    "exec": (gettext_lazy("It names a program to run (exec), which is not done here."), LASTING),
    "file": (gettext_lazy("%(where)s names a file of another machine."), FLATTEN),
    "kind": (gettext_lazy("This is no kubeconfig."), FLATTEN),
    "nobody": (gettext_lazy("Its user has no certificate, token or password."), LASTING),
    "pair": (gettext_lazy("Certificate and key of the user do not go together."), FLATTEN),
    "reference": (gettext_lazy("The context names %(where)s, which is not in it."), ""),
    "shape": (gettext_lazy("%(where)s does not look as it must."), FLATTEN),
    "tokenFile": (
        gettext_lazy("%(where)s names a file of another machine."),
        gettext_lazy("Put what is in that file there, as token."),
    ),
    "token": (gettext_lazy("The token holds characters that no token has."), LASTING),
}
"""What is wrong with a kubeconfig, by code, and what helps."""

TROUBLES: dict[State, Word] = {
    State.UNREACHABLE: gettext_lazy("The API server is not reached."),
    State.UNTRUSTED: gettext_lazy(
        "Who answers there shows a certificate that the kubeconfig's authority did not sign."
    ),
    State.UNAUTHORIZED: gettext_lazy("The API server does not accept these credentials."),
    State.FORBIDDEN: gettext_lazy("The API server knows us, and lets us do nothing."),
    State.OVERLOADED: gettext_lazy("The API server has too much to do: try again in a while."),
    State.REFUSED: gettext_lazy("That address is one that is not connected to."),
    State.SEALED: gettext_lazy("Credentials cannot be sealed here."),
}
"""Why a test failed; what exactly was said stands behind it."""

SOON = 30
"""Days in which an end is soon."""

SKEW = 2.0
"""Seconds that clocks may differ without a word."""


@dataclass(frozen=True, slots=True)
class TrialCard:
    """The test of a connection: its tone, what was found, and what to grant, as YAML."""

    tone: str
    lead: str
    facts: list[Fact]
    warnings: list[str]
    missing: list[str]
    grant: str
    failed: bool = False


def kubeconfig_fault(refused: Refused) -> str:
    """Return what is wrong with a kubeconfig, and what helps."""
    if not isinstance(refused, BadKubeconfig) or refused.fault not in KUBECONFIG:
        return sentence(refused)
    said, way = KUBECONFIG[refused.fault]
    return f"{str(said) % {'where': refused.where}} {way}".strip()


def wanted_rights(*, impersonate: bool) -> tuple[Right, ...]:
    """Return what is asked for: to change things our account needs the rights, or to act as others."""
    return IMPERSONATOR if impersonate else OPERATOR


def failed_card(error: Refused) -> TrialCard:
    """Return what is shown of a test that failed."""
    lead = TROUBLES.get(state_after(error), TROUBLES[State.UNREACHABLE])
    return TrialCard("bad", str(lead), [], [sentence(error)], [], "", failed=True)


def trial_card(trial: Trial, *, impersonate: bool, expected_uid: str = "") -> TrialCard:
    """Return what is shown of a test. ``expected_uid``: of the cluster whose credentials these should be."""
    missing = trial.missing or ()
    warnings = list(_warnings(trial, expected_uid))
    return TrialCard(
        tone="warn" if missing or warnings else "good",
        lead=_lead(missing, impersonate=impersonate),
        facts=_facts(trial),
        warnings=warnings,
        missing=[str(right) for right in missing],
        grant=grant_yaml(missing) if missing else "",
        failed=bool(expected_uid and trial.cluster_uid and trial.cluster_uid != expected_uid)
        or (impersonate and any(right.verb == "impersonate" for right in missing)),
    )


def _lead(missing: tuple[Right, ...], *, impersonate: bool) -> str:
    if not missing:
        return _("The connection works, and nothing is missing.")
    count = len(missing)
    if set(missing).isdisjoint(READER):
        if impersonate:
            return _("The connection works, but this account may not act as others.")
        return _(
            "The connection works to look at the cluster; to change everything there rights are missing."
        )
    return counted(
        "The connection works, but %(n)s right is missing.",
        "The connection works, but %(n)s rights are missing.",
        count,
    )


def _facts(trial: Trial) -> list[Fact]:
    return [
        Fact(_("Server"), trial.server),
        Fact(_("Version"), trial.version or _("not told")),
        Fact(_("A request takes"), _("%(n)s ms") % {"n": f"{trial.latency * 1000:.0f}"}),
        Fact(_("Its clock, against ours"), _("%(n)s s") % {"n": f"{trial.skew:+.1f}"}),
        Fact(_("Its certificate ends"), _end(trial.served_until)),
        Fact(_("The credentials end"), _end(trial.known_until)),
    ]


def _end(moment: datetime | None) -> str:
    if moment is None:
        return _("not told")
    now = datetime.now(UTC)
    day = f"{moment:%Y-%m-%d}"
    if moment < now:
        return _("%(day)s (over)") % {"day": day}
    return _("%(day)s (in %(age)s)") % {"day": day, "age": age(now, moment)}


def _warnings(trial: Trial, expected_uid: str) -> list[str]:
    found = []
    if expected_uid and trial.cluster_uid and trial.cluster_uid != expected_uid:
        found.append(
            _("This is another cluster than the one that is shown: its kube-system has another uid.")
        )
    if abs(trial.skew) > SKEW:
        found.append(_("The clocks differ. Times are shown as the cluster's own."))
    if trial.known_until and (trial.known_until - datetime.now(UTC)).days < SOON:
        found.append(_("The credentials end soon; then nothing is seen any more until they are replaced."))
    if trial.missing is None:
        found.append(_("The server does not tell which rights these credentials have."))
    return found


def grant_yaml(missing: tuple[Right, ...]) -> str:
    """Return a ClusterRole with what is missing."""
    return yaml.safe_dump(cluster_role("everynode-missing", missing), sort_keys=False)
