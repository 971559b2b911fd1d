"""Who may do what by the Roles and bindings of a cluster, as the RBAC authorizer of Kubernetes decides it.

People hold roles of Everynode; this is for ServiceAccounts and for whoever somebody acts as. Nothing is
denied by a rule: what no binding allows is not allowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from controller.engine.authorization.bootstrap import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES
from controller.engine.kinds import RBAC
from controller.engine.matching.labels import matches as selected
from controller.engine.objects import Manifest

MASTERS = "system:masters"
"""The group that may do everything, whatever Roles say."""
AUTHENTICATED = "system:authenticated"
PREFIX = "system:serviceaccount:"
ALL = "*"
ACCOUNT = "ServiceAccount"


@dataclass(frozen=True, slots=True)
class Subject:
    """Who asks: the name of a user, or of a ServiceAccount in full, and the groups it is in."""

    name: str
    groups: tuple[str, ...] = ()

    @classmethod
    def of_account(cls, namespace: str, name: str) -> Subject:
        """Return a ServiceAccount."""
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", AUTHENTICATED)
        return cls(f"{PREFIX}{namespace}:{name}", groups)

    @classmethod
    def named(cls, name: str, groups: Sequence[str] = ()) -> Subject:
        """Return whoever bears a name: a ServiceAccount is in its groups without being told so."""
        parts = name.removeprefix(PREFIX).split(":")
        if name.startswith(PREFIX) and len(parts) == 2 and not groups:  # noqa: PLR2004 - namespace and name
            return cls.of_account(parts[0], parts[1])
        return cls(name, tuple(dict.fromkeys((*groups, AUTHENTICATED))))


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked: a verb on a resource ("" and a ``path``: on a page of the API that is none)."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    @property
    def full_resource(self) -> str:
        """Return the resource with its subresource, as rules name it."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it is allowed, by which binding, and which roles were missing."""

    allowed: bool
    reason: str = ""


class Policy:
    """The Roles and bindings of a cluster, and those that every cluster has."""

    def __init__(
        self,
        cluster_roles: Sequence[Manifest] = (),
        roles: Sequence[Manifest] = (),
        cluster_bindings: Sequence[Manifest] = (),
        bindings: Sequence[Manifest] = (),
    ) -> None:
        self._cluster_roles = _by_name((*CLUSTER_ROLES, *cluster_roles))
        self._cluster_bindings = _by_name((*CLUSTER_ROLE_BINDINGS, *cluster_bindings))
        self._roles = {_place(one): one for one in roles}
        self._bindings = sorted(bindings, key=_place)

    def decide(self, subject: Subject, wish: Wish) -> Verdict:
        """Return whether somebody may do something."""
        if MASTERS in subject.groups:
            return Verdict(allowed=True)
        missing: list[str] = []
        for binding, rule in self._rules(subject, wish.namespace, missing):
            if _allows(rule, wish):
                return Verdict(allowed=True, reason=_reason(binding, subject))
        why = f"RBAC: {', '.join(dict.fromkeys(missing))}" if missing else ""
        return Verdict(allowed=False, reason=why)

    def rules(self, subject: Subject, namespace: str) -> list[Manifest]:
        """Return all rules that hold for somebody in a namespace."""
        if MASTERS in subject.groups:
            return EVERYTHING
        return [rule for _binding, rule in self._rules(subject, namespace, [])]

    def _rules(
        self, subject: Subject, namespace: str, missing: list[str]
    ) -> Iterator[tuple[Manifest, Manifest]]:
        """Yield the rules of a subject with their bindings; note which roles there are not."""
        held = [*self._cluster_bindings.values()]
        held += [one for one in self._bindings if namespace and one["metadata"]["namespace"] == namespace]
        for binding in held:
            if not any(_is_for(each, subject, binding) for each in binding.get("subjects") or ()):
                continue
            rules = self._rules_of(binding)
            if rules is None:
                role = binding["roleRef"]
                missing.append(f'{role["kind"].lower()}.{RBAC} "{role["name"]}" not found')
            for rule in rules or ():
                yield binding, rule

    def _rules_of(self, binding: Manifest) -> list[Manifest] | None:
        ref = binding["roleRef"]
        if ref["kind"] == "Role":
            role = self._roles.get((binding["metadata"]["namespace"], ref["name"]))
            return None if role is None else role.get("rules") or []
        role = self._cluster_roles.get(ref["name"])
        if role is None or "aggregationRule" not in role:
            return None if role is None else role.get("rules") or []
        # A controller of Kubernetes writes them into the role; here they are put together when asked for.
        selectors = role["aggregationRule"].get("clusterRoleSelectors") or ()
        parts = (
            one
            for name, one in self._cluster_roles.items()
            if name != ref["name"] and _is_part(one, selectors)
        )
        return [*(role.get("rules") or ()), *(rule for one in parts for rule in one.get("rules") or ())]


EVERYTHING: list[Manifest] = [
    {"verbs": [ALL], "apiGroups": [ALL], "resources": [ALL]},
    {"verbs": [ALL], "nonResourceURLs": [ALL]},
]


def _by_name(manifests: Sequence[Manifest]) -> dict[str, Manifest]:
    return {one["metadata"]["name"]: one for one in manifests}


def _place(manifest: Manifest) -> tuple[str, str]:
    return manifest["metadata"]["namespace"], manifest["metadata"]["name"]


def _is_part(role: Manifest, selectors: Sequence[Manifest]) -> bool:
    labels: Mapping[str, str] = role["metadata"].get("labels") or {}
    return any(selected(selector, labels) for selector in selectors)


def _is_for(named: Manifest, subject: Subject, binding: Manifest) -> bool:
    kind, name = named.get("kind"), named.get("name")
    if kind == "User":
        return bool(name == subject.name)
    if kind == "Group":
        return name in subject.groups
    namespace = named.get("namespace") or binding["metadata"].get("namespace") or ""
    return kind == ACCOUNT and subject.name == f"{PREFIX}{namespace}:{name}"


def _allows(rule: Manifest, wish: Wish) -> bool:
    verbs = rule.get("verbs") or ()
    if ALL not in verbs and wish.verb not in verbs:
        return False
    if wish.path:
        return any(_covers(url, wish.path) for url in rule.get("nonResourceURLs") or ())
    groups, names = rule.get("apiGroups") or (), rule.get("resourceNames") or ()
    if ALL not in groups and wish.group not in groups:
        return False
    wanted = {ALL, wish.full_resource, *([f"{ALL}/{wish.subresource}"] if wish.subresource else ())}
    return not wanted.isdisjoint(rule.get("resources") or ()) and (not names or wish.name in names)


def _covers(url: str, path: str) -> bool:
    return url in {ALL, path} or (url.endswith(ALL) and path.startswith(url.rstrip(ALL)))


def _reason(binding: Manifest, subject: Subject) -> str:
    """Say by what something is allowed, in the API server's words."""
    meta, role = binding["metadata"], binding["roleRef"]
    place = f"{meta['name']}/{meta['namespace']}" if "namespace" in meta else meta["name"]
    named = next(one for one in binding["subjects"] if _is_for(one, subject, binding))
    who = named["name"]
    if named["kind"] == ACCOUNT:
        who = f"{who}/{named.get('namespace') or meta.get('namespace')}"
    kind = "RoleBinding" if "namespace" in meta else "ClusterRoleBinding"
    return f'RBAC: allowed by {kind} "{place}" of {role["kind"]} "{role["name"]}" to {named["kind"]} "{who}"'
