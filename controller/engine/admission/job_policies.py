"""The rules of a Job's policies: which failures count, when it is done early, and who manages it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from controller.engine.admission import grammar
from controller.engine.admission.field_errors import (
    duplicate,
    each_invalid,
    invalid,
    plainly_invalid,
    required,
    too_long,
    too_many,
    unsupported,
)
from controller.engine.errors import Cause
from controller.engine.objects import Manifest

FAIL_INDEX = "FailIndex"
ACTIONS = ("Count", FAIL_INDEX, "FailJob", "Ignore")
OPERATORS = ("In", "NotIn")
STATUSES = ("False", "True", "Unknown")
MOST_RULES, MOST_CODES, MOST_PATTERNS = 20, 255, 20
LONGEST_MANAGER, LONGEST_INDEXES = 63, 64 * 1024
HTTP_PATH = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"


def with_policy_defaults(spec: Manifest) -> Manifest:
    """Return the spec of a Job whose conditions hold where its failure policy does not say otherwise."""
    policy = spec.get("podFailurePolicy")
    if not policy:
        return spec
    rules = [_with_status(rule) for rule in policy.get("rules") or ()]
    return {**spec, "podFailurePolicy": {**policy, "rules": rules}}


def _with_status(rule: Manifest) -> Manifest:
    patterns = rule.get("onPodConditions")
    if not patterns:
        return rule
    return {**rule, "onPodConditions": [{"status": "True", **pattern} for pattern in patterns]}


def manager_faults(manager: str, path: str) -> Iterator[Cause]:
    """Yield what is wrong with the name of who manages a Job, such as ``example.com/controller``."""
    host, slash, rest = manager.partition("/")
    if not slash or not host or not rest:
        yield invalid(path, manager, 'must be a domain-prefixed path (such as "acme.io/foo")')
    else:
        yield from each_invalid(path, host, grammar.subdomain(host))
        if not re.fullmatch(HTTP_PATH, rest):
            yield invalid(path, rest, f"Invalid path (regex used for validation is '{HTTP_PATH}')")
    if len(manager.encode()) > LONGEST_MANAGER:
        yield too_long(path, LONGEST_MANAGER)


def failure_policy_faults(spec: Manifest, path: str) -> Iterator[Cause]:
    """Yield what is wrong with the podFailurePolicy of a Job's spec."""
    rules = spec["podFailurePolicy"].get("rules") or []
    if len(rules) > MOST_RULES:
        yield too_many(f"{path}.rules", len(rules), MOST_RULES)
    pod = spec["template"]["spec"]
    names = {each.get("name") for field in ("containers", "initContainers") for each in pod.get(field) or ()}
    for number, rule in enumerate(rules):
        yield from _rule_faults(spec, rule, f"{path}.rules[{number}]", names)


def _rule_faults(spec: Manifest, rule: Manifest, path: str, names: set[Any]) -> Iterator[Cause]:
    if rule.get("action") == FAIL_INDEX:
        if "backoffLimitPerIndex" not in spec:
            yield invalid(f"{path}.action", FAIL_INDEX, "requires the backoffLimitPerIndex to be set")
    else:
        yield from _choice_faults(rule.get("action") or "", f"{path}.action", ACTIONS)
    codes, patterns = rule.get("onExitCodes"), rule.get("onPodConditions") or []
    if codes is not None:
        yield from _code_faults(codes, f"{path}.onExitCodes", names)
    if len(patterns) > MOST_PATTERNS:
        yield too_many(f"{path}.onPodConditions", len(patterns), MOST_PATTERNS)
    for number, pattern in enumerate(patterns):
        where, kind = f"{path}.onPodConditions[{number}]", pattern.get("type") or ""
        yield from each_invalid(f"{where}.type", kind, grammar.qualified_name(kind))
        yield from _choice_faults(pattern.get("status") or "", f"{where}.status", STATUSES)
    if codes is not None and patterns:
        yield plainly_invalid(path, "specifying both OnExitCodes and OnPodConditions is not supported")
    if codes is None and not patterns:
        yield plainly_invalid(path, "specifying one of OnExitCodes and OnPodConditions is required")


def _code_faults(wanted: Manifest, path: str, names: set[Any]) -> Iterator[Cause]:
    operator, values = wanted.get("operator") or "", wanted.get("values") or []
    yield from _choice_faults(operator, f"{path}.operator", OPERATORS)
    container = wanted.get("containerName")
    if container is not None and container not in names:
        said = "must be one of the container or initContainer names in the pod template"
        yield invalid(f"{path}.containerName", container, said)
    if not values:
        yield invalid(f"{path}.values", values or None, "at least one value is required")
    elif len(values) > MOST_CODES:
        yield too_many(f"{path}.values", len(values), MOST_CODES)
    for number, code in enumerate(values):
        if operator == "In" and code == 0:
            yield invalid(f"{path}.values[{number}]", code, "must not be 0 for the In operator")
        if code in values[:number]:
            yield duplicate(f"{path}.values[{number}]", code)
    if values != sorted(values):
        yield invalid(f"{path}.values", values, "must be ordered")


def _choice_faults(chosen: str, path: str, choices: Iterable[str]) -> Iterator[Cause]:
    if not chosen:
        yield required(path, "valid values: [{}]".format(" ".join(f'"{choice}"' for choice in choices)))
    elif chosen not in choices:
        yield unsupported(path, chosen, choices)


def success_policy_faults(spec: Manifest, path: str) -> Iterator[Cause]:
    """Yield what is wrong with the successPolicy of an Indexed Job's spec."""
    rules = spec["successPolicy"].get("rules") or []
    if not rules:
        said = "at least one rules must be specified when the successPolicy is specified"
        yield required(f"{path}.rules", said)
    if len(rules) > MOST_RULES:
        yield too_many(f"{path}.rules", len(rules), MOST_RULES)
    completions = spec.get("completions") or 0
    for number, rule in enumerate(rules):
        yield from _success_faults(rule, f"{path}.rules[{number}]", completions)


def _success_faults(rule: Manifest, path: str, completions: int) -> Iterator[Cause]:
    enough, written = rule.get("succeededCount"), rule.get("succeededIndexes")
    total = 0
    if enough is None and written is None:
        yield required(path, "at least one of succeededCount or succeededIndexes must be specified")
    if written is not None:
        if len(written.encode()) > LONGEST_INDEXES:
            yield too_long(f"{path}.succeededIndexes", LONGEST_INDEXES)
        try:
            total = _many_indexes(written, completions)
        except ValueError as error:
            yield invalid(f"{path}.succeededIndexes", written, f"error parsing succeededIndexes: {error}")
    if enough is None:
        return
    if enough < 0:
        yield invalid(f"{path}.succeededCount", enough, "must be greater than or equal to 0")
    for limit, what, applies in (
        (completions, "the number of specified completions", True),
        (total, "the number of indexes in the specified succeededIndexes field", written is not None),
    ):
        if applies and enough > limit:
            yield invalid(f"{path}.succeededCount", enough, f"must be less than or equal to {limit} ({what})")


def _many_indexes(text: str, completions: int) -> int:
    """Return how many indexes a text names. Raises ValueError with the API server's sentence."""
    last, total = None, 0
    for part in text.split(",") if text else ():
        limits = part.split("-")
        if len(limits) > 2:  # noqa: PLR2004 -- a first and a last
            raise ValueError(
                f'the fragment "{part}" violates the requirement that an index interval can have at most '
                "two parts separated by '-'"
            )
        numbers = [_index(limit, completions) for limit in limits]
        for before, after in zip([last, *numbers], numbers, strict=False):
            if before is not None and before >= after:
                raise ValueError(f"non-increasing order, previous: {before}, current: {after}")
        total += numbers[-1] - numbers[0] + 1
        last = numbers[-1]
    return total


def _index(text: str, completions: int) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f'cannot convert string to integer for index: "{text}"')
    if len(text.lstrip("0")) > len(str(completions)) or int(text) >= completions:
        raise ValueError(f'too large index: "{text}"')
    return int(text)
