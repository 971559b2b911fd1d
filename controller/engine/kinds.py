"""The table of kinds: one row says all that the doors need to know of a kind.

Routes, discovery, scope and what an account may do are read from it, so serving another kind is
adding a row.
"""

from __future__ import annotations

from dataclasses import dataclass

VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
CHANGED = ("get", "patch", "update")


@dataclass(frozen=True, slots=True)
class Subresource:
    """A part or an act of an object with a path of its own, such as ``status``, and what may be done there.

    ``kind`` and ``api_version`` say what is sent and returned there, if it is not the object itself.
    """

    name: str
    verbs: tuple[str, ...]
    kind: str = ""
    group: str = ""
    version: str = ""


STATUS = Subresource("status", CHANGED)
SCALE = Subresource("scale", CHANGED, kind="Scale", group="autoscaling", version="v1")
SCALED = (STATUS, SCALE)
TOKEN = Subresource("token", ("create",), kind="TokenRequest", group="authentication.k8s.io", version="v1")
ALL = ("all",)
"""The category that ``kubectl get all`` asks for."""

RBAC = "rbac.authorization.k8s.io"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of Kubernetes object. ``plural`` names it in paths, ``short`` in kubectl.

    ``also`` names other groups, with a version, under which the same objects are served.
    """

    name: str
    plural: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True
    short: tuple[str, ...] = ()
    verbs: tuple[str, ...] = VERBS
    subresources: tuple[Subresource, ...] = ()
    categories: tuple[str, ...] = ()
    also: tuple[tuple[str, str], ...] = ()

    @property
    def api_version(self) -> str:
        """Return ``group/version``, or only the version for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """Return the name that messages use, for instance ``daemonsets.apps``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def singular(self) -> str:
        """Return the name of one of them in kubectl, for instance ``daemonset``."""
        return self.name.lower()

    def subresource(self, name: str) -> Subresource | None:
        """Return the subresource of that name, if the kind has it."""
        return next((one for one in self.subresources if one.name == name), None)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("Node", "nodes", namespaced=False, short=("no",), subresources=(STATUS,)),
        Kind(
            "Pod",
            "pods",
            short=("po",),
            categories=ALL,
            subresources=(
                STATUS,
                Subresource("ephemeralcontainers", CHANGED),
                Subresource("resize", CHANGED),
                Subresource("log", ("get",)),
                Subresource("exec", ("create", "get"), kind="PodExecOptions"),
                Subresource("attach", ("create", "get"), kind="PodAttachOptions"),
                Subresource("portforward", ("create", "get"), kind="PodPortForwardOptions"),
                Subresource("eviction", ("create",), kind="Eviction", group="policy", version="v1"),
                Subresource("binding", ("create",), kind="Binding"),
            ),
        ),
        Kind(
            "DaemonSet",
            "daemonsets",
            group="apps",
            short=("ds",),
            categories=ALL,
            subresources=(STATUS,),
        ),
        Kind("ControllerRevision", "controllerrevisions", group="apps"),
        Kind("Deployment", "deployments", "apps", short=("deploy",), categories=ALL, subresources=SCALED),
        Kind("ReplicaSet", "replicasets", "apps", short=("rs",), categories=ALL, subresources=SCALED),
        Kind("StatefulSet", "statefulsets", "apps", short=("sts",), categories=ALL, subresources=SCALED),
        Kind(
            "ReplicationController",
            "replicationcontrollers",
            short=("rc",),
            categories=ALL,
            subresources=SCALED,
        ),
        Kind("Job", "jobs", "batch", categories=ALL, subresources=(STATUS,)),
        Kind("CronJob", "cronjobs", "batch", short=("cj",), categories=ALL, subresources=(STATUS,)),
        Kind("PodTemplate", "podtemplates"),
        Kind("PodDisruptionBudget", "poddisruptionbudgets", "policy", short=("pdb",), subresources=(STATUS,)),
        Kind("EndpointSlice", "endpointslices", "discovery.k8s.io"),
        Kind("NetworkPolicy", "networkpolicies", "networking.k8s.io", short=("netpol",)),
        Kind("Ingress", "ingresses", "networking.k8s.io", short=("ing",), subresources=(STATUS,)),
        Kind("IngressClass", "ingressclasses", "networking.k8s.io", namespaced=False),
        Kind("Role", "roles", RBAC),
        Kind("RoleBinding", "rolebindings", RBAC),
        Kind("ClusterRole", "clusterroles", RBAC, namespaced=False),
        Kind("ClusterRoleBinding", "clusterrolebindings", RBAC, namespaced=False),
        Kind("PriorityClass", "priorityclasses", "scheduling.k8s.io", namespaced=False, short=("pc",)),
        Kind("StorageClass", "storageclasses", "storage.k8s.io", namespaced=False, short=("sc",)),
        Kind("Event", "events", short=("ev",), also=(("events.k8s.io", "v1"),)),
        Kind(
            "Namespace",
            "namespaces",
            namespaced=False,
            short=("ns",),
            # As in Kubernetes: namespaces are never deleted many at once.
            verbs=tuple(verb for verb in VERBS if verb != "deletecollection"),
            subresources=(STATUS,),
        ),
        Kind("ServiceAccount", "serviceaccounts", short=("sa",), subresources=(TOKEN,)),
        Kind("Service", "services", short=("svc",), categories=ALL, subresources=(STATUS,)),
        Kind("Endpoints", "endpoints", short=("ep",)),
        Kind("ConfigMap", "configmaps", short=("cm",)),
        Kind("Secret", "secrets"),
        Kind("Lease", "leases", group="coordination.k8s.io"),
        Kind(
            "PersistentVolume", "persistentvolumes", namespaced=False, short=("pv",), subresources=(STATUS,)
        ),
        Kind("PersistentVolumeClaim", "persistentvolumeclaims", short=("pvc",), subresources=(STATUS,)),
        Kind("ResourceQuota", "resourcequotas", short=("quota",), subresources=(STATUS,)),
        Kind("LimitRange", "limitranges", short=("limits",)),
    )
}


def _routes() -> dict[tuple[str, str, str], Kind]:
    served = {}
    for kind in KINDS.values():
        for group, version in ((kind.group, kind.version), *kind.also):
            served[group, version, kind.plural] = kind
    return served


ROUTES = _routes()
"""The kind behind each group, version and plural."""

GROUPS = tuple(dict.fromkeys((group, version) for group, version, _plural in ROUTES))
"""The groups and versions that hold objects, in the order of the table."""
