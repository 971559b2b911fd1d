"""The audit list in words: what somebody did, from its code and its facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.present.words import BEHAVIOURS, Word, grouped, headed, joined, wave_title

Facts = Mapping[str, Any]

SENTENCES: dict[str, Word] = {
    "account_token": gettext_lazy("Made a token of ServiceAccount %(about)s for %(seconds)s s"),
    "alternatives_create": gettext_lazy("Ran one daemon in five ways on %(nodes)s"),
    "alternatives_delete": gettext_lazy("Removed the daemon that was run in five ways"),
    "clock_pause": gettext_lazy("Paused time in %(about)s"),
    "clock_resume": gettext_lazy("Resumed time in %(about)s"),
    "clock_speed": gettext_lazy("Set the speed of %(about)s: x%(before)s → x%(after)s"),
    "clock_step": gettext_lazy("Stepped %(about)s by one pass"),
    "cluster_copy": gettext_lazy("Copied cluster %(origin)s at change %(at)s to %(about)s"),
    "cluster_create": gettext_lazy("Created cluster %(about)s"),
    "cluster_delete": gettext_lazy("Deleted cluster %(about)s"),
    "cluster_import": gettext_lazy("Made cluster %(about)s of a file of %(origin)s at change %(at)s"),
    "dump_import": gettext_lazy("Made cluster %(about)s of a dump: %(files)s"),
    "mirror_add": gettext_lazy("Added the real cluster %(about)s at %(server)s"),
    "mirror_recreated": gettext_lazy(
        "Found another cluster at the address of %(about)s: everything was read again from the beginning"
    ),
    "mirror_rewound": gettext_lazy(
        "Found that the API server of %(about)s went back to an earlier state, as from a backup: "
        "everything was read again from the beginning"
    ),
    "mirror_replace": gettext_lazy("Replaced the credentials for the real cluster %(about)s at %(server)s"),
    "cluster_rename": gettext_lazy("Renamed cluster %(before)s to %(after)s"),
    "cluster_reset": gettext_lazy("Reset cluster %(about)s to how it was made"),
    "cluster_settings": gettext_lazy("Changed the machines of %(about)s"),
    "cure_node": gettext_lazy("Cured %(about)s for %(daemonset)s"),
    "cure_nodes": gettext_lazy("Cured %(nodes)s for %(daemonset)s"),
    "cure_set": gettext_lazy("Cured %(about)s for node %(node)s"),
    "daemonset_pause": gettext_lazy("Paused the rollout of DaemonSet %(about)s"),
    "daemonset_resume": gettext_lazy("Resumed the rollout of DaemonSet %(about)s"),
    "daemonset_strategy": gettext_lazy("Set the update strategy of DaemonSet %(about)s"),
    "history_trim": gettext_lazy("Forgot what led up to change %(after)s of %(about)s"),
    "legacy": gettext_lazy("%(sentence)s"),
    "node_cordon": gettext_lazy("Cordoned %(nodes)s"),
    "node_drain": gettext_lazy("Began to drain %(nodes)s"),
    "node_drain_stop": gettext_lazy("Stopped draining %(nodes)s"),
    "node_label_patch": gettext_lazy("Labelled %(nodes)s: %(labels)s"),
    "node_labels": gettext_lazy("Set the labels of %(about)s"),
    "node_power_off": gettext_lazy("Powered down %(nodes)s"),
    "node_power_on": gettext_lazy("Powered up %(nodes)s"),
    "node_pressure": gettext_lazy("Let node %(about)s report %(condition)s"),
    "node_pressure_end": gettext_lazy("Let node %(about)s report %(condition)s no longer"),
    "node_taint_patch": gettext_lazy("Tainted %(nodes)s: %(patched)s"),
    "node_taints": gettext_lazy("Set the taints of %(about)s: %(before)s → %(after)s"),
    "node_uncordon": gettext_lazy("Uncordoned %(nodes)s"),
    "nodes_add": gettext_lazy("Added %(nodes)s"),
    "nodes_remove": gettext_lazy("Removed %(nodes)s"),
    "object_apply": gettext_lazy("Applied %(about)s"),
    "object_create": gettext_lazy("Created %(about)s"),
    "object_delete": gettext_lazy("Deleted %(about)s"),
    "object_edit": gettext_lazy("Edited the YAML of %(about)s"),
    "object_replace": gettext_lazy("Edited %(about)s"),
    "object_scale": gettext_lazy("Scaled %(about)s"),
    "rollout_plan": gettext_lazy("Set the rollout plan of DaemonSet %(about)s: %(plan)s"),
    "rollout_promote": gettext_lazy("Promoted the rollout of DaemonSet %(about)s after the wave %(wave)s"),
    "rollout_plan_end": gettext_lazy("Ended the rollout plan of DaemonSet %(about)s"),
    "rollout_step": gettext_lazy("Staged rollout of DaemonSet %(about)s: %(step)s"),
    "rollout_undo": gettext_lazy("Rolled DaemonSet %(about)s back to before its rollout plan"),
    "static_pod_put": gettext_lazy("Put the static pod of %(file)s on the machine of node %(about)s"),
    "static_pod_remove": gettext_lazy(
        "Removed the static pod of %(file)s from the machine of node %(about)s"
    ),
    "workload_behaviour": gettext_lazy("Set how new pods of %(about)s behave: %(before)s → %(behaviour)s"),
    "workload_image": gettext_lazy("Set the image of %(container)s in %(about)s"),
    "workload_pause": gettext_lazy("Paused %(about)s"),
    "workload_restart": gettext_lazy("Restarted %(about)s"),
    "workload_resume": gettext_lazy("Let %(about)s go on"),
    "workload_rollback": gettext_lazy("Rolled %(about)s back to revision %(revision)s"),
    "pod_bind": gettext_lazy("Bound %(about)s to %(node)s"),
    "pod_evict": gettext_lazy("Evicted %(about)s"),
    "pod_exit": gettext_lazy("Ended container %(container)s of pod %(about)s with exit code %(code)s"),
    "pod_kill": gettext_lazy("Killed container %(container)s of pod %(about)s by signal %(signal)s"),
    "pod_behaviour": gettext_lazy("Set how pod %(about)s behaves: %(before)s → %(behaviour)s"),
    "edit_undo": gettext_lazy("Took back: %(undone)s"),
    "grant_everything": gettext_lazy("Changed the role of %(about)s on all clusters: %(before)s → %(after)s"),
    "grant_single": gettext_lazy("Changed the role of %(about)s: %(before)s → %(after)s"),
    "login_failed": gettext_lazy("A login as %(about)s from %(address)s failed"),
    "login_locked": gettext_lazy("Logins as %(about)s from %(address)s are refused for a while"),
    "person_admin": gettext_lazy("Made %(about)s an admin"),
    "person_create": gettext_lazy("Created user %(about)s with the role %(role)s"),
    "person_delete": gettext_lazy("Deleted user %(about)s with %(tokens)s tokens"),
    "person_let_in": gettext_lazy("Enabled user %(about)s"),
    "person_lock_out": gettext_lazy("Disabled user %(about)s"),
    "person_no_admin": gettext_lazy("Made %(about)s an admin no longer"),
    "person_own_password": gettext_lazy("Changed their own password"),
    "person_password": gettext_lazy("Set a new password for user %(about)s"),
    "token_create": gettext_lazy("Made a token for %(about)s"),
    "token_revoke": gettext_lazy("Revoked a token for %(about)s"),
    "view_delete": gettext_lazy("Deleted the shared view %(about)s"),
    "view_rename": gettext_lazy("Renamed the shared view %(before)s to %(about)s"),
    "view_save": gettext_lazy("Shared the view %(about)s of the map"),
}
"""The sentence of each action. Names in it are facts, or the text that says what it was about."""

STEPS: dict[str, Word] = {
    "Progressing": gettext_lazy("wave %(wave)s"),
    "AwaitingPromotion": gettext_lazy("waits for somebody to promote the wave %(wave)s"),
    "Partitioned": gettext_lazy("all but the nodes of the partition are up to date"),
    "Invalid": gettext_lazy("its plan cannot be read"),
    "Completed": gettext_lazy("every node is up to date"),
    "Canceled": gettext_lazy("the plan was ended"),
    "Undone": gettext_lazy("undone, since somebody asked for it"),
    "UndoneTooManyFailures": gettext_lazy("undone, for these nodes are in trouble: %(failed)s"),
    "Paused": gettext_lazy("paused"),
    "PausedTooManyFailures": gettext_lazy("paused, for these nodes are in trouble: %(failed)s"),
    "PausedTemplateEdited": gettext_lazy("paused, for somebody edited the template meanwhile"),
    "PausedStrategyEdited": gettext_lazy("paused, for somebody edited the update strategy meanwhile"),
}
"""The steps of a staged rollout, by phase, or by phase and reason."""

DELETIONS: dict[str, Word] = {
    "Foreground": gettext_lazy("its pods first"),
    "Orphan": gettext_lazy("its pods stay"),
}

DELAYS: dict[str, Word] = {
    "start_delay": gettext_lazy("start delay (s)"),
    "stop_delay": gettext_lazy("stop delay (s)"),
    "node_grace": gettext_lazy("node grace (s)"),
    "kubelet_events": gettext_lazy("kubelet events"),
}

ROLES = {"role", "before", "after"}
"""Facts that may be empty."""

LABELS = "metadata.labels."
MEMBER = "[="
"""In the path of a value that a list holds: the path says all of it."""

FEW = 5
"""So many names are told where not all of them are known."""

WHOLE_PATHS = {
    "object_apply",
    "object_edit",
    "object_replace",
    "object_scale",
    "workload_rollback",
}
WITHOUT_FIELDS = {"daemonset_pause", "daemonset_resume"}
"""Actions whose sentence says all that was changed."""


def sentence(action: str, about: str, facts: Facts) -> str:
    """Return what was done in words; of a code that is not known, or facts that do not fit it, the code.

    Entries may be those of another version, or come out of a file.
    """
    try:
        return _sentence(action, about, facts)
    except (KeyError, TypeError, ValueError, AttributeError):
        return f"{action} {about}".strip()


def _sentence(action: str, about: str, facts: Facts) -> str:
    message = str(SENTENCES[action]) % {"about": about, **_words(facts)}
    if aside := _aside(facts):
        message = _("%(done)s (%(aside)s)") % {"done": message, "aside": aside}
    if agent := facts.get("agent"):
        message = _("%(done)s with %(program)s") % {"done": message, "program": agent}
    if action not in WITHOUT_FIELDS and (changes := facts.get("changes")):
        different = _changes(changes, facts.get("more", 0), whole=action in WHOLE_PATHS)
        message = headed(message, different)
    return _partly(message, facts)


def _partly(message: str, facts: Facts) -> str:
    """Add what was done of it where an API server refused the rest."""
    partly = facts.get("partly")
    if not partly:
        return message
    said = _("%(done)s; only %(made)s of %(count)s changes were made: %(names)s")
    return said % {**partly, "done": message, "names": _few(partly["names"], partly["made"])}


def _words(facts: Facts) -> dict[str, object]:
    """Return the facts as words."""
    made: dict[str, object] = {key: _value(value) for key, value in facts.items()}
    if undone := facts.get("undone"):
        made["undone"] = sentence(undone["action"], undone["about"], undone["facts"])
    made |= {key: _("none") for key in ROLES if facts.get(key) == ""}
    if phase := facts.get("phase"):
        step = STEPS.get(f"{phase}{facts.get('reason', '')}") or STEPS[phase]
        made["step"] = str(step) % {
            "wave": wave_title(facts.get("wave", "")),
            "failed": ", ".join(facts.get("failed", ())),
        }
    if "wave" in facts:
        made["wave"] = wave_title(facts["wave"])
    if "behaviour" in facts:
        for key in ("before", "behaviour"):
            made[key] = BEHAVIOURS.get(facts[key], facts[key])
    if "nodes" in facts and "count" in facts:
        made["nodes"] = _nodes(facts["nodes"], facts["count"])
    if "labels" in facts:
        removed = [_("%(field)s removed") % {"field": key} for key in facts.get("removed", ())]
        made["labels"] = ", ".join([*(f"{key}={value}" for key, value in facts["labels"].items()), *removed])
    if "taints" in facts:
        removed = [_("%(field)s removed") % {"field": key} for key in facts.get("removed", ())]
        made["patched"] = ", ".join([*facts["taints"], *removed])
    return made


def _nodes(names: Sequence[str], count: int) -> str:
    message = ngettext("node %(names)s", "%(n)s nodes (%(names)s)", count)
    return message % {"n": grouped(count), "names": _few(names, count)}


def _few(names: Sequence[str], count: int) -> str:
    if count > len(names):  # not all are known, so a few do
        names = names[:FEW]
    listed = ", ".join(names)
    if count > len(names):
        listed = _("%(names)s and %(n)s more") % {"names": listed, "n": grouped(count - len(names))}
    return listed


def _changes(changes: Sequence[Sequence[Any]], more: int, *, whole: bool) -> str:
    message = joined(_change(*change, whole=whole) for change in changes)
    return _("%(names)s and %(n)s more") % {"names": message, "n": grouped(more)} if more else message


def changes_in_words(changes: Sequence[Sequence[Any]]) -> str:
    """Return fields that are different in words, each with what it was and is."""
    return _changes(changes, 0, whole=True)


def _change(field: str, before: object, after: object, *, whole: bool) -> str:
    shown = field if whole else _short(field)
    if before is None and after is None:
        return shown
    if after is None:
        return _("%(field)s removed") % {"field": shown}
    if before is None and MEMBER in field:
        return _("%(field)s added") % {"field": shown}
    if before is None:
        return f"{shown}={_value(after)}"
    return f"{shown} {_value(before)} → {_value(after)}"


def _short(field: str) -> str:
    if field in DELAYS:
        return str(DELAYS[field])
    if field.startswith(LABELS):
        return field.removeprefix(LABELS)
    return field.rpartition(".")[2]


def _value(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or _("none")
    return value


def _aside(facts: Facts) -> str:
    if facts.get("force"):
        return _("by force")
    if "days" in facts:
        days = int(facts["days"])
        reads_only = ngettext("for %(n)s day, reads only", "for %(n)s days, reads only", days)
        whole = ngettext("for %(n)s day", "for %(n)s days", days)
        return (reads_only if facts.get("reads_only") else whole) % {"n": days}
    return str(DELETIONS.get(facts.get("propagation", ""), ""))
