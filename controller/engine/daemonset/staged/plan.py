"""The plan of a staged rollout, as it is written into the annotation of a set.

One JSON object, all of whose fields may be left out. In a manifest::

    rollout.everynode.dev/plan: '{"canary": "disk=ssd", "wavesBy": "topology.kubernetes.io/zone"}'
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from controller.engine.errors import BadRequest
from controller.engine.matching.labels import Labels, Requirement
from controller.engine.matching.selectors import label_requirements

PAUSE, UNDO = "Pause", "Undo"
ON_FAILURE = (PAUSE, UNDO)
AUTOMATIC, AFTER_CANARY, EVERY_WAVE = "Automatic", "AfterCanary", "EveryWave"
PROMOTION = (AUTOMATIC, AFTER_CANARY, EVERY_WAVE)
CANARY, REST, ALL = "canary", "rest", "all"
"""What the first and the last wave are called, and what promotes all waves: no selector may be so called."""
LONGEST = 7 * 24 * 3600
"""The most seconds of a soak or of a deadline."""
LONGEST_TEXT = 4096
MOST_WAVES = 50
MOST_NODES = 1_000_000

LABEL_KEY = re.compile(
    r"(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
)
PERCENT = re.compile(r"(?:100|[0-9]{1,2})%", re.ASCII)


@dataclass(frozen=True, slots=True)
class PlanFault:
    """What is wrong with one field of a plan: what it must be. ``field`` is "" for the whole."""

    field: str
    must: str

    def __str__(self) -> str:
        return f"{self.field}: {self.must}" if self.field else self.must


class InvalidPlan(Exception):
    """A plan that nobody can follow, with all its faults."""

    def __init__(self, faults: list[PlanFault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Plan:
    """How a set is to be rolled out.

    ``canary``: a label selector of nodes that go first, "" for none. ``waves``: label selectors of nodes,
    each a wave, in their order; a node is of the first that matches. ``waves_by``: a label of nodes; its
    values are further waves, one after the other. ``promotion``: after which waves somebody must let it go
    on. ``soak``: seconds for which a wave must stay available before the next. ``partition``: how many
    nodes, the last ones, keep their old pod. ``max_unavailable``: the budget, None for that of the set's
    own strategy. ``max_failures``: so many nodes in trouble stop it, 0 for never; ``on_failure`` says what
    happens then. ``deadline``: seconds after which a pod that is not ready counts as in trouble, 0 for
    never. Shares are numbers or percentages.
    """

    canary: str = ""
    waves: tuple[str, ...] = ()
    waves_by: str = ""
    promotion: str = AUTOMATIC
    soak: float = 0
    partition: int | str = 0
    max_unavailable: int | str | None = None
    max_failures: int = 1
    on_failure: str = PAUSE
    deadline: float = 600
    _requirements: tuple[tuple[Requirement, ...], ...] = field(init=False, compare=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "waves", tuple(one.strip() for one in self.waves))
        every = (self.canary, *self.waves)
        object.__setattr__(self, "_requirements", tuple(label_requirements(one) for one in every))

    def is_canary(self, labels: Labels) -> bool:
        """Whether a node with these labels goes first."""
        return bool(self.canary) and all(one.matches(labels) for one in self._requirements[0])

    def listed(self, labels: Labels) -> int | None:
        """Return which of ``waves`` is the first that matches a node with these labels, None if none does."""
        for place, requirements in enumerate(self._requirements[1:]):
            if all(one.matches(labels) for one in requirements):
                return place
        return None

    @classmethod
    def read(cls, text: str) -> Self:
        """Read the annotation. Raises InvalidPlan with every fault."""
        return cls.of(_json(text))

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Read the fields of a plan. Raises InvalidPlan with every fault."""
        known = ", ".join(FIELDS)
        faults = [
            PlanFault(name[:60], f"there is no such field; there are {known}") for name in raw.keys() - FIELDS
        ]
        for name, (_attribute, must, is_good) in FIELDS.items():
            if name in raw and not is_good(raw[name]):
                faults.append(PlanFault(name, must))
        if faults:
            raise InvalidPlan(sorted(faults, key=str))
        return cls(**{FIELDS[name][0]: value for name, value in raw.items()})

    def text(self) -> str:
        """Return the annotation; fields that are as by default are left out."""
        default = Plan()
        shown = {name: getattr(self, attribute) for name, (attribute, *_) in FIELDS.items()}
        usual = {name: getattr(default, attribute) for name, (attribute, *_) in FIELDS.items()}
        return json.dumps({name: value for name, value in shown.items() if value != usual[name]})


def _json(text: str) -> Mapping[str, Any]:
    if len(text) > LONGEST_TEXT:
        raise InvalidPlan([PlanFault("", f"must be at most {LONGEST_TEXT} characters long")])
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = (
            f" (line {error.lineno}, column {error.colno}: {error.msg})"
            if isinstance(error, json.JSONDecodeError)
            else ""
        )
        raise InvalidPlan([PlanFault("", f"must be a JSON object{where}")]) from None
    if not isinstance(raw, dict):
        raise InvalidPlan([PlanFault("", "must be a JSON object")])
    return raw


def _is_selector(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        label_requirements(value)
    except BadRequest:
        return False
    return True


def _are_waves(value: object) -> bool:
    if not isinstance(value, list | tuple) or len(value) > MOST_WAVES:
        return False
    named = {one.strip() for one in value if _is_selector(one)} - {"", CANARY, REST, ALL}
    return len(named) == len(value)


def _is_label_key(value: object) -> bool:
    return isinstance(value, str) and (not value or bool(LABEL_KEY.fullmatch(value)))


def _is_seconds(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return math.isfinite(value) and 0 <= value <= LONGEST


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_NODES


def is_share(value: object) -> bool:
    """Whether a value is a number of nodes or a percentage of them."""
    return _is_number(value) or (isinstance(value, str) and bool(PERCENT.fullmatch(value)))


def _is_budget(value: object) -> bool:
    return is_share(value) and value not in {0, "0%", "00%"}


FIELDS: dict[str, tuple[str, str, Callable[[object], bool]]] = {
    "canary": ("canary", "must be a label selector of nodes, such as disk=ssd", _is_selector),
    "waves": (
        "waves",
        f"must be at most {MOST_WAVES} different label selectors, none just {CANARY}, {REST} or {ALL}",
        _are_waves,
    ),
    "wavesBy": ("waves_by", "must be the key of a label of nodes", _is_label_key),
    "promotion": ("promotion", f"must be one of {', '.join(PROMOTION)}", lambda value: value in PROMOTION),
    "soakSeconds": ("soak", f"must be a number of seconds, at most {LONGEST}", _is_seconds),
    "partition": ("partition", "must be a number of nodes or a percentage up to 100%", is_share),
    "maxUnavailable": ("max_unavailable", "must be a number above 0 or a percentage up to 100%", _is_budget),
    "maxFailures": ("max_failures", "must be a whole number, 0 for no limit", _is_number),
    "onFailure": ("on_failure", f"must be one of {', '.join(ON_FAILURE)}", lambda value: value in ON_FAILURE),
    "progressDeadlineSeconds": (
        "deadline",
        f"must be a number of seconds, at most {LONGEST}, 0 for none",
        _is_seconds,
    ),
}
"""Each field by its name: the attribute, what it must be, and whether a value is that."""
