"""A production's clusters, made and read by its own code in other processes, and edited over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.production import Production

MAKE = """
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from controller.services import clusters, tokens
names, nodes = sys.argv[2:], int(sys.argv[1])
user = get_user_model().objects.create_superuser("ada", password="not asked for")
tokens_of = {}
for name in names:
    row = clusters.cluster_create(name=name, actor="ada", nodes=nodes, start_delay=0, stop_delay=0)
    tokens_of[name] = [row.pk, tokens.token_create(cluster=row.pk, user=user.pk, actor="ada")]
session = SessionStore()
session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[-1]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.create()
print(json.dumps([f"{settings.SESSION_COOKIE_NAME}={session.session_key}", tokens_of]))
"""
READ = """
from controller import models
from controller.store import log, rows
told = {}
for row in models.Cluster.objects.all():
    entries = log.since(row.pk, 0)
    told[row.name] = {
        "number": row.number,
        "quiet": row.planned == row.number and row.due is None,
        "numbers": [entry.number for entry in entries],
        "log": [[str(e.change.verb), e.change.manifest] for e in entries if e.change.kind == "Pod"],
        "pods": [one.parsed("Pod").manifest for key, one in rows.all_packed(row.pk) if key[0] == "Pod"],
        "passes": models.Pass.objects.filter(cluster=row.pk).count(),
    }
print(json.dumps(told))
"""
SETTLED = """
import time
from django.db import DatabaseError, connection
from django.db.models import Count
from controller import models

def unsettled(pods):
    ready = models.Pod.objects.filter(ready=True, terminating=False).values_list("cluster_id")
    counted = ready.annotate(Count("pk"), Count("hash", distinct=True))
    found = {cluster: [pods, revisions] for cluster, pods, revisions in counted}
    rows = models.Cluster.objects.values_list("pk", "name", "number", "planned", "due")
    return {
        name: [number, planned, due, found.get(pk)] for pk, name, number, planned, due in rows
        if (number, due, found.get(pk)) != (planned, None, [pods, 1])
    }

pods, patience = int(sys.argv[1]), float(sys.argv[2])
before, left, now = None, None, time.monotonic()
end, last = now + patience, now + 10 * patience
while left != {} and time.monotonic() < min(end, last):
    try:
        left = unsettled(pods)
    except DatabaseError:
        connection.close()
    if left != before:
        before, end = left, time.monotonic() + patience
    time.sleep(0.05)
# The number of a pass is from a sequence: old passes are forgotten.
print(json.dumps([left, models.Pass.objects.latest("pk").pk if left == {} else 0]))
"""
DAEMONSET = {
    "apiVersion": "apps/v1",
    "kind": "DaemonSet",
    "metadata": {"name": "agent"},
    "spec": {
        "selector": {"matchLabels": {"app": "agent"}},
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 2}},
        "template": {
            "metadata": {"labels": {"app": "agent"}},
            "spec": {"containers": [{"name": "main", "image": "agent:1"}]},
        },
    },
}
SETS = "/apis/apps/v1/namespaces/default/daemonsets"
MERGE = "application/merge-patch+json"


@dataclass(frozen=True, slots=True)
class Clusters:
    """The clusters of a production and the ways into them."""

    production: Production
    cookie: str
    secrets: dict[str, tuple[int, str]]

    @classmethod
    def made(cls, production: Production, names: list[str], nodes: int) -> Clusters:
        """Make clusters whose machines take no time, and somebody who may do everything."""
        cookie, secrets = production.python(MAKE, str(nodes), *names)
        return cls(production, cookie, secrets)

    def send(self, web: int, cluster: str, method: str, path: str, body: object) -> tuple[int, str]:
        """Send a request to the API of a cluster; 0 if the line was cut."""
        headers = {"Authorization": f"Bearer {self.secrets[cluster][1]}"}
        if method == "PATCH":
            headers["Content-Type"] = MERGE
        return self.production.request(web, method, f"/k8s/{cluster}{path}", body, **headers)

    def create(self, web: int, cluster: str) -> tuple[int, str]:
        """Create the set on every node."""
        return self.send(web, cluster, "POST", SETS, DAEMONSET)

    def image(self, web: int, cluster: str, image: str) -> tuple[int, str]:
        """Let the set run another image."""
        spec = {"template": {"spec": {"containers": [{"name": "main", "image": image}]}}}
        return self.send(web, cluster, "PATCH", f"{SETS}/agent", {"spec": spec})

    def settled(self, nodes: int, *, within: float) -> int:
        """Wait until nothing is left to do and each cluster has so many ready pods, all of one revision.

        Fails when nothing moved for ``within`` seconds. Returns the number of the last pass.
        """
        left, passes = self.production.python(SETTLED, str(nodes), str(within))
        facts = "number, planned, due, [ready pods, revisions]"
        assert left == {}, f"nothing moved for {within:g} s; {facts}: {left}"
        return int(passes)

    def read(self) -> dict[str, dict[str, Any]]:
        """Return the log and the rows of each cluster, as the programs themselves would read them."""
        return dict(self.production.python(READ))
