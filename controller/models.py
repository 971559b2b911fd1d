"""The rows: fields, constraints and names. They hold manifests; what those mean is the engine's.

Moments of wall time that SQL computes with are Unix seconds; those that people read are datetimes.
"""

from __future__ import annotations

from hashlib import sha256

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from controller import packing
from controller.fields import ManifestField, PackedField
from controller.modes import Mode


class Cluster(models.Model):
    """A cluster and its clock.

    ``number`` is that of its last change, ``planned`` the last one that a pass has seen, ``due`` the
    cluster time at which a pass has something to do even if nothing changes. Cluster time is
    ``anchor_cluster + (wall - anchor_wall) * speed``; while ``paused`` it is ``anchor_cluster``.
    ``dictionaries`` is another random number after each new one, ``resetting`` who has it reset just now.
    """

    name = models.CharField(max_length=63, unique=True)
    mode = models.CharField(max_length=16, choices=Mode.choices, default=Mode.SIMULATED)
    number = models.BigIntegerField(default=0)
    planned = models.BigIntegerField(default=0)
    due = models.FloatField(null=True, default=None)
    anchor_wall = models.FloatField()
    anchor_cluster = models.FloatField(default=0.0)
    speed = models.FloatField(default=1.0)
    paused = models.BooleanField(default=False)
    start_delay = models.FloatField(default=1.0)
    stop_delay = models.FloatField(default=1.0)
    node_grace = models.FloatField(default=40.0)
    kubelet_events = models.BooleanField(null=True, default=None)
    recipe = ManifestField(default=dict)
    dictionaries = models.BigIntegerField(default=0)
    resetting = models.CharField(max_length=150, default="")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("cluster"), _("clusters")

    def __str__(self) -> str:
        return self.name


class ClockSpan(models.Model):
    """A stretch of a cluster's clock that is over: how it went from ``wall`` until ``until`` (Unix seconds).

    Then somebody paused, resumed, stepped or sped it up; what goes on now stands in the cluster's row.
    """

    cluster = models.ForeignKey(Cluster, models.CASCADE, db_index=False)
    wall = models.FloatField()
    time = models.FloatField()
    speed = models.FloatField()
    until = models.FloatField()

    class Meta:
        indexes = (models.Index(fields=("cluster", "until"), name="clock_span"),)

    def __str__(self) -> str:
        return f"{self.cluster_id}: x{self.speed:g} until {self.until:.0f}"


class Lease(models.Model):
    """Who may make passes over a cluster, and until when. ``fence`` rises each time it is taken."""

    cluster = models.OneToOneField(Cluster, models.CASCADE, primary_key=True)
    owner = models.CharField(max_length=128, default="")
    expires = models.FloatField(default=0.0)
    fence = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.cluster_id}: {self.owner} ({self.fence})"


class Mirror(models.Model):
    """Where a mirrored cluster is, how it is reached, and how its mirroring fares.

    ``sealed`` is its connection with the credentials (``mirror.secrets``). ``state`` is a code of
    ``mirror.states`` and ``facts`` are what is to be told of it; ``missing`` lists what may not be read.
    ``refusals`` say by namespace/name why the staged rollout of a set waits for its API server.
    ``last_seen`` is when its API server was last heard of (Unix seconds), ``skew`` how many seconds its
    clock is ahead of ours. ``owner``, ``expires`` and ``fence``: as in Lease, which process mirrors it.
    """

    cluster = models.OneToOneField(Cluster, models.CASCADE, primary_key=True)
    server = models.CharField(max_length=512)
    sealed = models.BinaryField()
    impersonate = models.BooleanField(default=False)
    insecure = models.BooleanField(default=False)
    version = models.CharField(max_length=64, default="")
    cluster_uid = models.CharField(max_length=64, default="")
    state = models.CharField(max_length=32, default="connecting")
    facts = ManifestField(default=dict)
    missing = ManifestField(default=list)
    refusals = ManifestField(default=dict)
    last_seen = models.FloatField(null=True, default=None)
    skew = models.FloatField(default=0.0)
    requests = models.BigIntegerField(default=0)
    owner = models.CharField(max_length=128, default="")
    expires = models.FloatField(default=0.0)
    fence = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.cluster_id}: {self.server}"


class ObjectRow(models.Model):
    """What every table of objects has. ``version`` is the number of the object's last change.

    ``upstream`` is the resourceVersion that the API server of a mirrored cluster gave it, elsewhere empty.
    A name has at most 253 characters, that of an event a few more.
    The objects of a cluster may be written before its row and outlive it, as its log does.
    """

    cluster = models.ForeignKey(Cluster, models.DO_NOTHING, db_constraint=False, db_index=False)
    namespace = models.CharField(max_length=63)
    name = models.CharField(max_length=300)
    uid = models.CharField(max_length=64)
    version = models.BigIntegerField()
    manifest = PackedField()
    timers = ManifestField(default=dict)
    upstream = models.CharField(max_length=32, default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


def named(*also: str) -> list[models.BaseConstraint]:
    """Return the constraint of a table: one object of a name in a namespace of a cluster."""
    fields = ("cluster", *also, "namespace", "name")
    return [models.UniqueConstraint(fields=fields, name="%(class)s_name")]


class Node(ObjectRow):
    """A machine. ``ready`` is True, False, Unknown or empty."""

    ready = models.CharField(max_length=8)
    unschedulable = models.BooleanField()

    class Meta:
        verbose_name, verbose_name_plural = _("node"), _("nodes")
        constraints = named()


class Pod(ObjectRow):
    """A pod. ``node`` is where it runs or shall run, ``owner`` the uid of its controller.

    ``resting`` is JSON of what the rules ask of a pod that is ready for good, besides these columns, so
    that a world is loaded without its manifest; of one that a kubelet still moves it is empty.
    """

    node = models.CharField(max_length=253)
    owner = models.CharField(max_length=64)
    phase = models.CharField(max_length=16)
    ready = models.BooleanField()
    hash = models.CharField(max_length=63)
    terminating = models.BooleanField()
    resting = models.TextField(default="")

    class Meta:
        constraints = named()


class DaemonSet(ObjectRow):
    """A DaemonSet."""

    class Meta:
        constraints = named()


class ControllerRevision(ObjectRow):
    """A kept template: ``revision`` is its number among those of its ``owner`` (a uid)."""

    owner = models.CharField(max_length=64)
    revision = models.BigIntegerField()
    hash = models.CharField(max_length=63)

    class Meta:
        constraints = named()
        indexes = (models.Index(fields=("cluster", "owner"), name="revision_owner"),)


class Event(ObjectRow):
    """What happened to the object with the uid ``involved``; ``last`` is when it last did (ISO 8601)."""

    involved = models.CharField(max_length=64)
    reason = models.CharField(max_length=128)
    type = models.CharField(max_length=16)
    last = models.CharField(max_length=32)

    class Meta:
        constraints = named()
        indexes = (
            models.Index(fields=("cluster", "involved"), name="event_involved"),
            models.Index(fields=("cluster", "last"), name="event_last"),
        )


class Resource(ObjectRow):
    """An object of any other kind."""

    kind = models.CharField(max_length=63)

    class Meta:
        constraints = named("kind")


def fingerprint(text: str) -> str:
    """Return what is kept of a token. Its 256 random bits need no slow hash."""
    return sha256(text.encode()).hexdigest()


class Role(models.TextChoices):
    """What somebody may do on a cluster; each role may do all that the one before it may.

    Admins are not granted: they are Django's superusers, on every cluster.
    """

    VIEWER = "viewer", _("viewer")
    OPERATOR = "operator", _("operator")
    ADMIN = "admin", _("admin")


class Grant(models.Model):
    """The role of a person on a cluster, or with no ``cluster`` on all of them. The higher one counts."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="grants")
    cluster = models.ForeignKey(Cluster, models.CASCADE, null=True)
    role = models.CharField(
        max_length=16, choices=[(Role.VIEWER, Role.VIEWER.label), (Role.OPERATOR, Role.OPERATOR.label)]
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "cluster"), name="grant_single"),
            models.UniqueConstraint(
                fields=("user",), condition=models.Q(cluster=None), name="grant_everything"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.role} on {self.cluster or 'all clusters'}"


class Token(models.Model):
    """What lets a program in as ``user``. Of its text only the ``hash`` is kept.

    It is for one ``cluster``, or for all that its user may see; with the ``role`` viewer it reads only,
    whatever its user may do.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    cluster = models.ForeignKey(Cluster, models.CASCADE, null=True)
    role = models.CharField(max_length=16, blank=True)
    hash = models.CharField(max_length=64, unique=True)
    note = models.CharField(max_length=100, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)
    revoked = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user}: {self.note}"

    @property
    def opens(self) -> bool:
        """Whether it opens anything: it is not revoked, not expired, and of an active user."""
        return self.revoked is None and self.expires > timezone.now() and self.user.is_active


class Change(models.Model):
    """An entry of a cluster's log: an object after the change, who did it and why.

    The log of a deleted cluster outlives its row: it takes too long to clear for one transaction.
    """

    pk = models.CompositePrimaryKey("cluster_id", "number")
    cluster = models.ForeignKey(Cluster, models.DO_NOTHING, db_constraint=False, db_index=False)
    number = models.BigIntegerField()
    kind = models.CharField(max_length=63)
    namespace = models.CharField(max_length=63)
    name = models.CharField(max_length=300)
    verb = models.CharField(max_length=8)
    manifest = PackedField()
    timers = ManifestField()
    actor = models.CharField(max_length=150)
    reason = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=("cluster", "kind", "namespace", "name", "number"), name="change_object"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.verb} {self.kind} {self.name}"


class Dictionary(models.Model):
    """What the objects of a kind in a cluster have in common: their texts are packed with the newest.

    ``digest`` names it in the texts that are packed with it, ``body`` is its own text, packed without one.
    """

    cluster = models.ForeignKey(Cluster, models.DO_NOTHING, db_constraint=False, db_index=False)
    kind = models.CharField(max_length=63)
    digest = models.BinaryField(max_length=packing.DIGEST, db_index=True)
    body = models.BinaryField()

    class Meta:
        verbose_name_plural = "dictionaries"
        indexes = (models.Index(fields=("cluster", "kind", "-id"), name="dictionary_newest"),)

    def __str__(self) -> str:
        return f"{self.cluster_id}: {self.kind} {bytes(self.digest).hex()}"


class Snapshot(models.Model):
    """All objects of a cluster as they were at a number of its log: see ``store.snapshots``."""

    pk = models.CompositePrimaryKey("cluster_id", "number")
    cluster = models.ForeignKey(Cluster, models.DO_NOTHING, db_constraint=False, db_index=False)
    number = models.BigIntegerField()
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.cluster_id} at {self.number}"


class Pass(models.Model):
    """One run of the engine that decided something: its changes ``first`` to ``last``, in words."""

    cluster = models.ForeignKey(Cluster, models.DO_NOTHING, db_constraint=False, db_index=False)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    at = models.DateTimeField()
    cluster_time = models.FloatField()
    lines = PackedField()
    creations = models.IntegerField()
    deletions = models.IntegerField()

    class Meta:
        verbose_name, verbose_name_plural = _("pass"), _("passes")
        indexes = (models.Index(fields=("cluster", "-id"), name="pass_newest"),)

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


class PendingPurge(models.Model):
    """What there is of a cluster that is not there, cleared from ``after`` on: ``services.newclusters``."""

    cluster_id = models.BigIntegerField(primary_key=True)
    after = models.FloatField(default=0.0)

    class Meta:
        verbose_name_plural = "remains"

    def __str__(self) -> str:
        return str(self.cluster_id)


class AuditEntry(models.Model):
    """Who did what: a code with its facts, put into words where it is shown.

    ``cluster_name`` follows the name of its cluster and stays when that is deleted; entries about
    people have neither. ``number`` is the cluster's after it, if objects changed.
    """

    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    cluster = models.ForeignKey(Cluster, models.SET_NULL, null=True, db_index=False)
    cluster_name = models.CharField(max_length=63)
    action = models.CharField(max_length=64)
    about = models.CharField(max_length=512)
    facts = ManifestField(default=dict)
    number = models.BigIntegerField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("audit entry"), _("audit entries")
        indexes = (
            models.Index(fields=("cluster_name", "-id"), name="audit_newest"),
            models.Index(fields=("cluster",), name="audit_cluster"),
        )

    def __str__(self) -> str:
        return f"{self.actor}: {self.action} {self.about}"
