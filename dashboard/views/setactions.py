"""What the buttons of a set's page do, by the word that each sends. Its forms: ``setforms.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from django.http import QueryDict
from django.utils.translation import gettext as _

from controller.engine.errors import BadRequest
from controller.services import daemonsets as services
from dashboard.forms import whole_number


class Who(TypedDict):
    """Who changes which set."""

    cluster: int
    actor: str
    namespace: str
    name: str


def change(who: Who, form: QueryDict) -> str:
    """Do what is asked, and say what was done. Raises BadRequest for an unknown word."""
    action = ACTIONS.get(form.get("action", ""))
    if action is None:
        raise BadRequest(_("There is no such action."))
    return action(who, form)


def _restart(who: Who, _form: QueryDict) -> str:
    services.daemonset_restart(**who)
    return _("Every pod is to be replaced.")


def _pause(who: Who, _form: QueryDict) -> str:
    services.daemonset_pause(**who, paused=True)
    return _("The rollout is paused.")


def _resume(who: Who, _form: QueryDict) -> str:
    services.daemonset_pause(**who, paused=False)
    return _("The rollout goes on.")


def _rollback(who: Who, form: QueryDict) -> str:
    revision = form.get("revision", "")
    services.daemonset_rollback(**who, revision=whole_number(revision) or 0, seen=form.get("seen"))
    return _("Rolling back to revision %(n)s.") % {"n": revision}


ACTIONS: dict[str, Callable[[Who, QueryDict], str]] = {
    "restart": _restart,
    "pause": _pause,
    "resume": _resume,
    "rollback": _rollback,
}
