"""Tokens of ServiceAccounts are issued."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from controller import accounttokens, models
from controller.engine.admission.field_errors import invalid, unsupported
from controller.engine.errors import Conflict, Invalid, NotFound
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest
from controller.services.audit import audit_note
from controller.store import rows

SHORTEST, USUAL, LONGEST = 600, 3600, 86_400
"""Seconds that a token lasts at least, unless it is told otherwise, and at most, whatever is asked."""
LARGEST = 1 << 32
BOUND = {"Pod": "pod", "Secret": "secret"}


@dataclass(frozen=True, slots=True)
class Issued:
    """A token and when it expires, in Unix seconds; ``seconds`` is how long it lasts."""

    text: str
    expires: int
    seconds: int


def account_token_create(
    *, cluster: models.Cluster, actor: str, namespace: str, name: str, spec: Manifest
) -> Issued:
    """Return a token of a ServiceAccount, as the ``spec`` of a TokenRequest asks for it.

    Raises NotFound (the account, or what the token is to be bound to), Conflict (its uid), Invalid.
    """
    account = _found(cluster.pk, "ServiceAccount", namespace, name)
    asked = spec.get("expirationSeconds")
    seconds = USUAL if asked is None else asked
    bound = spec.get("boundObjectRef") or {}
    causes = []
    if seconds < SHORTEST:
        causes.append(
            invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
        )
    if seconds > LARGEST:
        said = "may not specify a duration larger than 2^32 seconds"
        causes.append(invalid("spec.expirationSeconds", seconds, said))
    if bound and bound.get("kind") not in BOUND:
        causes.append(unsupported("spec.boundObjectRef.kind", bound.get("kind", ""), tuple(BOUND)))
    if causes:
        raise Invalid("TokenRequest", "", causes)
    seconds, now = min(seconds, LONGEST), int(time.time())
    told: Manifest = {"namespace": namespace, "serviceaccount": _named(account)}
    if bound:
        told[BOUND[bound["kind"]]] = _named(_bound(cluster.pk, namespace, bound))
    claims = {
        "aud": spec.get("audiences") or [accounttokens.ISSUER],
        "exp": now + seconds,
        "iat": now,
        "nbf": now,
        "iss": accounttokens.ISSUER,
        "jti": secrets.token_hex(16),
        "sub": f"system:serviceaccount:{namespace}:{name}",
        "kubernetes.io": told,
        accounttokens.CLUSTER: cluster.pk,
    }
    audit_note(
        actor=actor, action="account_token", about=f"{namespace}/{name}", cluster=cluster, seconds=seconds
    )
    return Issued(accounttokens.signed(claims), now + seconds, seconds)


def _bound(cluster: int, namespace: str, bound: Manifest) -> Manifest:
    kind, name = str(bound["kind"]), str(bound.get("name") or "")
    found = _found(cluster, kind, namespace, name)
    if bound.get("uid") not in {None, "", found["metadata"]["uid"]}:
        raise Conflict(KINDS[kind].resource, name, found)
    return found


def _found(cluster: int, kind: str, namespace: str, name: str) -> Manifest:
    found = rows.find(cluster, (kind, namespace, name))
    if found is None:
        raise NotFound(KINDS[kind].resource, name)
    return found.manifest


def _named(manifest: Manifest) -> Manifest:
    return {"name": manifest["metadata"]["name"], "uid": manifest["metadata"]["uid"]}
