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
from controller import models

def settled(pods):
    rows = models.Cluster.objects.values_list("planned", "number", "due")
    ready = models.Pod.objects.filter(ready=True, terminating=False)
    revisions = ready.values_list("cluster_id", "hash").distinct()
    quiet = all(planned == number and due is None for planned, number, due in rows)
    return quiet and ready.count() == pods and len(set(revisions)) == len(rows)

pods, until = int(sys.argv[1]), time.monotonic() + float(sys.argv[2])
while time.monotonic() < until:
    try:
        if settled(pods):
            print(models.Pass.objects.latest("pk").pk)  # a sequence: old passes are forgotten
            break
    except DatabaseError:
        connection.close()
    time.sleep(0.05)
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

    def settled(self, pods: int, *, within: float) -> int:
        """Wait until nothing is left to do and so many pods are ready, each cluster's of one revision.

        Returns the number of the last pass.
        """
        passes = self.production.python(SETTLED, str(pods), str(within))
        assert passes is not None, f"not settled within {within:g} s"
        return int(passes)

    def read(self) -> dict[str, dict[str, Any]]:
        """Return the log and the rows of each cluster, as the programs themselves would read them."""
        return dict(self.production.python(READ))
