"""Roles and their bindings are checked. What they allow is decided in ``authorization``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from controller.engine.admission import grammar
from controller.engine.admission.field_errors import each_invalid, invalid, required, unsupported
from controller.engine.admission.selectors import label_selector_faults
from controller.engine.errors import Cause
from controller.engine.kinds import RBAC
from controller.engine.objects import Manifest

ROLES = ("Role", "ClusterRole")
ACCOUNT = "ServiceAccount"
SUBJECTS = (ACCOUNT, "User", "Group")


def _binding(raw: Manifest) -> Manifest:
    """Return a binding with the groups of its role and of its subjects."""
    filled = {**raw, "roleRef": {"apiGroup": RBAC, **(raw.get("roleRef") or {})}}
    if raw.get("subjects"):
        filled["subjects"] = [
            {"apiGroup": RBAC, **one} if one.get("kind") in SUBJECTS[1:] else one for one in raw["subjects"]
        ]
    return filled


DEFAULTS: dict[str, Callable[[Manifest], Manifest]] = {
    "ClusterRoleBinding": _binding,
    "RoleBinding": _binding,
}


def _role_faults(manifest: Manifest) -> Iterator[Cause]:
    for index, rule in enumerate(manifest.get("rules") or ()):
        yield from _rule_faults(rule, f"rules[{index}]", namespaced=manifest["kind"] == "Role")


def _cluster_role_faults(manifest: Manifest) -> Iterator[Cause]:
    yield from _role_faults(manifest)
    if "aggregationRule" not in manifest:
        return
    path = "aggregationRule.clusterRoleSelectors"
    selectors = manifest["aggregationRule"].get("clusterRoleSelectors") or ()
    if not selectors:
        yield required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil")
    for index, selector in enumerate(selectors):
        yield from label_selector_faults(selector, f"{path}[{index}]")


def _rule_faults(rule: Manifest, path: str, *, namespaced: bool) -> Iterator[Cause]:
    if not rule.get("verbs"):
        yield required(f"{path}.verbs", "verbs must contain at least one value")
    urls, at = rule.get("nonResourceURLs"), f"{path}.nonResourceURLs"
    if not urls:
        for field, said in (("apiGroups", "api group"), ("resources", "resource")):
            if not rule.get(field):
                yield required(f"{path}.{field}", f"resource rules must supply at least one {said}")
        return
    if namespaced:
        yield invalid(at, urls, "namespaced rules cannot apply to non-resource URLs")
    if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
        yield invalid(at, urls, "rules cannot apply to both regular resources and non-resource URLs")


def _binding_faults(manifest: Manifest) -> Iterator[Cause]:
    role = manifest["roleRef"]
    if role["apiGroup"] != RBAC:
        yield unsupported("roleRef.apiGroup", role["apiGroup"], (RBAC,))
    roles = ROLES if manifest["kind"] == "RoleBinding" else ROLES[1:]
    if role.get("kind") not in roles:
        yield unsupported("roleRef.kind", role.get("kind", ""), roles)
    if name := role.get("name"):
        yield from each_invalid("roleRef.name", name, grammar.path_segment(name))
    else:
        yield required("roleRef.name")
    for index, subject in enumerate(manifest.get("subjects") or ()):
        namespaced = manifest["kind"] == "RoleBinding"
        yield from _subject_faults(subject, f"subjects[{index}]", namespaced=namespaced)


def _subject_faults(subject: Manifest, path: str, *, namespaced: bool) -> Iterator[Cause]:
    name, kind, group = subject.get("name"), subject.get("kind", ""), subject.get("apiGroup", "")
    if not name:
        yield required(f"{path}.name")
    if kind not in SUBJECTS:
        yield unsupported(f"{path}.kind", kind, SUBJECTS)
        return
    if kind == ACCOUNT and name:
        yield from each_invalid(f"{path}.name", name, grammar.subdomain(name))
    wanted = "" if kind == ACCOUNT else RBAC
    if group != wanted:
        yield unsupported(f"{path}.apiGroup", group, (wanted,))
    if kind == ACCOUNT and not namespaced and not subject.get("namespace"):
        yield required(f"{path}.namespace")


def _binding_update_faults(old: Manifest, new: Manifest) -> Iterator[Cause]:
    yield from _binding_faults(new)
    if old["roleRef"] != new["roleRef"]:
        yield invalid("roleRef", _internal(new["roleRef"]), "cannot change roleRef")


def _internal(role: Manifest) -> Manifest:
    """Return a reference as the server holds it inside: that is how it shows it."""
    return {"APIGroup": role["apiGroup"], "Kind": role.get("kind", ""), "Name": role.get("name", "")}


CREATE: dict[str, Callable[[Manifest], Iterator[Cause]]] = {
    "ClusterRole": _cluster_role_faults,
    "ClusterRoleBinding": _binding_faults,
    "Role": _role_faults,
    "RoleBinding": _binding_faults,
}
UPDATE: dict[str, Callable[[Manifest, Manifest], Iterator[Cause]]] = {
    "ClusterRole": lambda _old, new: _cluster_role_faults(new),
    "ClusterRoleBinding": _binding_update_faults,
    "Role": lambda _old, new: _role_faults(new),
    "RoleBinding": _binding_update_faults,
}
