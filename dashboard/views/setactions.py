"""What the buttons of a set's page do, by the word that each sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from django.http import QueryDict
from django.utils.translation import gettext as _

from controller.engine.errors import BadRequest
from controller.services import daemonsets as services
from dashboard.forms import StrategyForm, number_or_percentage
from dashboard.present.words import BEHAVIOURS


class Who(TypedDict):
    """Who changes which set."""

    cluster: int
    actor: str
    namespace: str
    name: str


def change(who: Who, asked: QueryDict) -> str:
    """Do what is asked, and say what was done. Raises BadRequest for an unknown word."""
    action = ACTIONS.get(asked.get("action", ""))
    if action is None:
        raise BadRequest(_("There is no such action."))
    return action(who, asked)


def _restart(who: Who, _asked: QueryDict) -> str:
    services.daemonset_restart(**who)
    return _("Every pod is to be replaced.")


def _pause(who: Who, _asked: QueryDict) -> str:
    services.daemonset_pause(**who, paused=True)
    return _("The rollout is paused.")


def _resume(who: Who, _asked: QueryDict) -> str:
    services.daemonset_pause(**who, paused=False)
    return _("The rollout goes on.")


def _image(who: Who, asked: QueryDict) -> str:
    image = asked.get("image", "").strip()
    services.daemonset_image(**who, container=asked.get("container", ""), image=image)
    return _("Set the image %(image)s.") % {"image": image}


def _trouble(who: Who, asked: QueryDict) -> str:
    behaviour = asked.get("behaviour", "")
    services.daemonset_trouble(**who, behaviour=behaviour or None)
    return _("New pods: %(behaviour)s.") % {"behaviour": BEHAVIOURS.get(behaviour, behaviour)}


def _rollback(who: Who, asked: QueryDict) -> str:
    revision = asked.get("revision", "")
    services.daemonset_rollback(**who, revision=int(revision) if revision.isdecimal() else 0)
    return _("On the way back to revision %(n)s.") % {"n": revision}


def _strategy(who: Who, asked: QueryDict) -> str:
    form = StrategyForm(asked)
    if not form.is_valid():
        said = form.errors.get_json_data()
        raise BadRequest(
            " ".join(f"{field}: {one['message']}" for field, many in said.items() for one in many)
        )
    given = form.cleaned_data
    services.daemonset_strategy(
        **who,
        strategy=given["strategy"],
        max_unavailable=number_or_percentage(given["max_unavailable"]),
        max_surge=number_or_percentage(given["max_surge"]),
        min_ready_seconds=given["min_ready_seconds"],
    )
    return _("Saved how pods are replaced.")


ACTIONS: dict[str, Callable[[Who, QueryDict], str]] = {
    "restart": _restart,
    "pause": _pause,
    "resume": _resume,
    "image": _image,
    "trouble": _trouble,
    "rollback": _rollback,
    "strategy": _strategy,
}
