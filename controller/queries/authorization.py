"""What Roles and bindings of a cluster allow, and which ServiceAccount a token is of."""

from __future__ import annotations

from dataclasses import dataclass

from controller import accounttokens
from controller.engine.authorization.policy import Policy, Subject
from controller.store import rows


@dataclass(frozen=True, slots=True)
class Account:
    """A ServiceAccount that a token is of, and the object that the token ends with ("" if none)."""

    subject: Subject
    uid: str
    namespace: str
    name: str


def policy_of(cluster: int) -> Policy:
    """Return what the Roles and bindings of a cluster allow, as they stand."""
    kinds = ("ClusterRole", "Role", "ClusterRoleBinding", "RoleBinding")
    return Policy(*([one.manifest for one in rows.all_of(cluster, kind)] for kind in kinds))


def account_known(*, text: str, cluster: int) -> Account | None:
    """Return the ServiceAccount that a token is of, None if the token opens nothing in this cluster.

    It ends with its account, and with the pod or Secret that it was bound to.
    """
    claims = accounttokens.read(text)
    if claims is None or claims.get(accounttokens.CLUSTER) != cluster:
        return None
    told = claims["kubernetes.io"]
    namespace, account = told["namespace"], told["serviceaccount"]
    if not _stands(cluster, "ServiceAccount", namespace, account):
        return None
    for kind in ("Pod", "Secret"):
        if (bound := told.get(kind.lower())) and not _stands(cluster, kind, namespace, bound):
            return None
    subject = Subject.of_account(namespace, account["name"])
    return Account(subject, account["uid"], namespace, account["name"])


def _stands(cluster: int, kind: str, namespace: str, named: dict[str, str]) -> bool:
    found = rows.find(cluster, (kind, namespace, named["name"]))
    return found is not None and found.manifest["metadata"]["uid"] == named["uid"]
