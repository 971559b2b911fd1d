"""The persistent volume controller: binds claims to volumes, keeps their phases, provisions, reclaims.

It is also the two controllers that take the finalizers of protection away, and the provisioner of every
storage class: in a simulated cluster a volume is there as soon as somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from controller.engine.admission.admit import admit_create
from controller.engine.changes import Change, Verb
from controller.engine.cluster.scheduler import filters
from controller.engine.cluster.scheduler.podinfo import PodInfo
from controller.engine.deletion import PROTECTION, delete_object, with_finalizer, without_finalizer
from controller.engine.matching.affinity import any_term_matches, required_terms
from controller.engine.matching.quantities import bytes_of
from controller.engine.objects import Key, Manifest, Moment, Node, Pod, View
from controller.engine.reasons import Reason
from controller.engine.views import PersistentVolume, PersistentVolumeClaim
from controller.engine.volume import binding
from controller.engine.volume.matching import best_volume, is_candidate, is_meant_for, misfits
from controller.engine.volume.placement import needs_of, waits_for_pods
from controller.engine.world import Controller, Turn, Update, World

VOLUME, CLAIM, CLASS = PersistentVolume.KIND, PersistentVolumeClaim.KIND, "StorageClass"
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
NO_VOLUME = "no persistent volumes available for this claim and no storage class is set"
LATE = "waiting for first consumer to be created before binding"
GROWS = "waiting for an external controller to expand this PVC"
GROWN = "Resize volume succeeded"
LOST = {
    "unnamed": "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!",
    "gone": "Bound claim has lost its PersistentVolume. Data on the volume is lost!",
    "taken": "Two claims are bound to the same volume, this one is bound incorrectly",
}


class PersistentVolumes(Controller):
    """Queues keys of volumes and claims.

    ``waiting`` are claims without a volume, ``told`` what was said of that, ``users`` the pods of each
    claim that are not finished.
    """

    name = "persistentvolume-controller"
    kinds = frozenset({VOLUME, CLAIM, CLASS, Pod.KIND, Node.KIND})

    def __init__(self) -> None:
        super().__init__()
        self.queue: set[Key] = set()
        self.waiting: set[Key] = set()
        self.told: dict[Key, tuple[str, str, str]] = {}
        self.users: dict[Key, frozenset[Key]] = {}

    def take(self, world: World, update: Update) -> None:  # noqa: ARG002 -- the change says it all
        """Queue what changed, and what may be bound to it, hold it or be freed by it."""
        kind = update.key[0]
        if kind == Pod.KIND:
            self._take_pod(update)
        elif kind in {CLASS, Node.KIND}:
            self.queue |= self.waiting
        elif kind == VOLUME:
            self._take_volume(update)
        else:
            self._take_claim(update)

    def _take_pod(self, update: Update) -> None:
        before, after = update.before, update.after
        used = before.claims if isinstance(before, Pod) else ()
        uses = after.claims if isinstance(after, Pod) else ()
        if not used and not uses:  # as most pods
            return
        if _use(before) == _use(after):
            return
        namespace, uses = update.key[1], _use(after)[0]
        for key in ((CLAIM, namespace, name) for name in (*used, *uses)):
            pods = self.users.get(key, frozenset()) - {update.key}
            if key[2] in uses:
                pods |= {update.key}
            if pods:
                self.users[key] = pods
            else:
                self.users.pop(key, None)
            self.queue.add(key)

    def _take_volume(self, update: Update) -> None:
        self.queue.add(update.key)
        for volume in (update.before, update.after):
            if isinstance(volume, PersistentVolume) and volume.claim:
                ref = volume.claim
                self.queue.add((CLAIM, ref.get("namespace") or "", ref.get("name") or ""))
        if update.after:
            self.queue |= self.waiting

    def _take_claim(self, update: Update) -> None:
        self.queue.add(update.key)
        self.waiting.discard(update.key)
        self.told.pop(update.key, None)
        for claim in (update.before, update.after):
            if isinstance(claim, PersistentVolumeClaim) and claim.volume:
                self.queue.add((VOLUME, "", claim.volume))
        after = update.after
        if isinstance(after, PersistentVolumeClaim) and not _has_volume(after):
            self.waiting.add(update.key)

    def facts(self, world: World, now: Moment) -> Mapping[Any, object]:  # noqa: ARG002 -- it keeps no times
        """Return which claims wait, and who uses which."""
        return {"waiting": frozenset(self.waiting), **self.users}

    def sync(self, turn: Turn) -> None:
        """Look at what is queued, and at what is queued by that, until nothing is left to do."""
        while self.queue:
            for key in self.drain():
                view = turn.world.find(*key)
                if isinstance(view, PersistentVolume):
                    self._sync_volume(turn, view)
                elif isinstance(view, PersistentVolumeClaim):
                    self._sync_claim(turn, view)

    # -- volumes -----------------------------------------------------------------------------

    def _sync_volume(self, turn: Turn, volume: PersistentVolume) -> None:
        if not volume.deleting and _protect(turn, volume):
            return
        owner = _claimed_by(turn.world, volume)
        if not (volume.claim or {}).get("uid"):
            phase = "Available"
        elif owner is None:
            phase = "Failed" if volume.phase == "Failed" else "Released"
        elif owner.volume in {"", volume.name}:
            phase = "Bound" if owner.volume else volume.phase
        else:
            _write(turn, volume, binding.unbound(volume, turn.now), Reason.VOLUME_PHASE)
            return
        wanted = binding.in_phase(volume.manifest, phase, turn.now)
        if wanted is not volume.manifest:
            _write(turn, volume, wanted, Reason.VOLUME_PHASE)
        elif volume.deleting and phase != "Bound":
            _let_go(turn, volume)
        elif phase == "Released":
            _reclaim(turn, volume)

    # -- claims ------------------------------------------------------------------------------

    def _sync_claim(self, turn: Turn, claim: PersistentVolumeClaim) -> None:
        if claim.deleting:
            if not self._is_used(turn.world, claim):
                _let_go(turn, claim)
        elif not _protect(turn, claim):
            if binding.is_bound(claim):
                self._check_bound(turn, claim)
            elif claim.volume:
                _bind_wanted(turn, claim)
            else:
                self._find_volume(turn, claim)

    def _is_used(self, world: World, claim: PersistentVolumeClaim) -> bool:
        """Whether a pod on a node uses the claim; one without a node can still do without."""
        return any(world.pods[key].bound for key in self.users.get(claim.key, ()))

    def _find_volume(self, turn: Turn, claim: PersistentVolumeClaim) -> None:
        world = turn.world
        if claim.storage_class is None and (default := _default_class(world)):
            spec = {**claim.manifest["spec"], "storageClassName": default}
            _write(turn, claim, {**claim.manifest, "spec": spec}, Reason.DEFAULT_CLASS)
            return
        found = world.find(CLASS, "", claim.storage_class) if claim.storage_class else None
        late = waits_for_pods(found)
        if late and claim.key not in self.users:
            self._tell_once(turn, claim, ("Normal", "WaitForFirstConsumer", LATE))
            return
        volumes: Iterable[PersistentVolume] = world.all_of(PersistentVolume).values()
        if late:
            fitting = [one for one in volumes if is_candidate(claim, one)]
            volumes = [one for one in fitting if self._is_reached(world, claim, one)]
        volume = best_volume(claim, volumes)
        if volume:
            _bind(turn, volume, claim)
        elif not claim.storage_class:
            self._tell_once(turn, claim, ("Normal", "FailedBinding", NO_VOLUME))
        elif found and (refusal := binding.provision_refusal(found.manifest)):
            self._tell_once(turn, claim, ("Warning", "ProvisioningFailed", refusal))
        elif found:
            _provision(turn, claim, found.manifest)
        else:
            refusal = f'storageclass.storage.k8s.io "{claim.storage_class}" not found'
            self._tell_once(turn, claim, ("Warning", "ProvisioningFailed", refusal))

    def _is_reached(self, world: World, claim: PersistentVolumeClaim, volume: PersistentVolume) -> bool:
        """Whether a pod that uses the claim may go to a node from which the volume is reached."""
        terms = required_terms(volume.affinity)
        if terms is None:
            return True
        pods = [world.pods[key] for key in self.users[claim.key]]
        return any(
            any_term_matches(terms, node.labels, node.name) and _may_go(world, pod, node)
            for node in world.nodes.values()
            for pod in pods
        )

    def _check_bound(self, turn: Turn, claim: PersistentVolumeClaim) -> None:
        """See that a claim that was bound still has its volume, as large as it asks; say if not."""
        volume = turn.world.find(VOLUME, "", claim.volume)
        if not isinstance(volume, PersistentVolume):
            _lose(turn, claim, "gone" if claim.volume else "unnamed")
        elif volume.claim and not is_meant_for(volume, claim):
            _lose(turn, claim, "taken")
        elif bytes_of(claim.request) <= bytes_of(volume.capacity):
            _bind(turn, volume, claim)
        elif driver := binding.provisioner_of(volume):
            _write(turn, volume, binding.grown(volume, claim), Reason.VOLUME_GROWN)
            _tell(
                turn, claim, ("Normal", "VolumeResizeSuccessful", GROWN), source=f"external-resizer {driver}"
            )
        else:
            self._tell_once(turn, claim, ("Normal", "ExternalExpanding", GROWS))

    def _tell_once(self, turn: Turn, claim: PersistentVolumeClaim, event: tuple[str, str, str]) -> None:
        """Say why a claim has no volume, unless just that was said since the claim changed."""
        if self.told.get(claim.key) != event:
            self.told[claim.key] = event
            _tell(turn, claim, event)


def _use(pod: View | None) -> tuple[tuple[str, ...], bool]:
    """Return which claims a pod uses, and whether from a node."""
    return (pod.claims, pod.bound) if isinstance(pod, Pod) and not pod.finished else ((), False)


def _may_go(world: World, pod: Pod, node: Node) -> bool:
    """Whether a pod is on a node, or may come there by what it asks for and by its other volumes."""
    if pod.bound:
        return pod.node == node.name
    info = replace(PodInfo.of(pod), volumes=tuple(filter(None, needs_of(pod, world.find).volumes)))
    return not filters.refused(info, node) and filters.reaches_volumes(info, node)


def _has_volume(claim: PersistentVolumeClaim) -> bool:
    return binding.is_bound(claim) and claim.phase != "Lost"


def _claimed_by(world: World, volume: PersistentVolume) -> PersistentVolumeClaim | None:
    """Return the claim that a volume is bound to, if it is there, under its uid."""
    ref = volume.claim or {}
    found = world.find(CLAIM, ref.get("namespace") or "", ref.get("name") or "")
    matches = isinstance(found, PersistentVolumeClaim) and found.uid == ref.get("uid")
    return found if matches and isinstance(found, PersistentVolumeClaim) else None


def _reclaim(turn: Turn, volume: PersistentVolume) -> None:
    """Delete a released volume whose policy is Delete, if that can be done."""
    if volume.manifest["spec"].get("persistentVolumeReclaimPolicy") != "Delete":
        return
    refusal = binding.reclaim_refusal(volume)
    if refusal:
        wanted = binding.in_phase(volume.manifest, "Failed", turn.now, refusal)
        _tell(turn, volume, ("Warning", "VolumeFailedDelete", refusal))
        _write(turn, volume, wanted, Reason.VOLUME_PHASE)
    else:
        actor = PersistentVolumes.name
        turn.decide(delete_object(volume, turn.now, actor=actor, reason=Reason.VOLUME_RECLAIMED))


def _lose(turn: Turn, claim: PersistentVolumeClaim, why: str) -> None:
    """Say once that a claim has its volume no longer."""
    if claim.phase == "Lost":
        return
    lost = {**claim.manifest, "status": {**(claim.manifest.get("status") or {}), "phase": "Lost"}}
    _tell(turn, claim, ("Warning", "ClaimMisbound" if why == "taken" else "ClaimLost", LOST[why]))
    _write(turn, claim, lost, Reason.VOLUME_LOST)


def _bind_wanted(turn: Turn, claim: PersistentVolumeClaim) -> None:
    """Bind a claim to the volume that its author named, if that is there, free and will do."""
    volume = turn.world.find(VOLUME, "", claim.volume)
    if not isinstance(volume, PersistentVolume):
        return
    if volume.claim and not is_meant_for(volume, claim):
        said = f'volume "{volume.name}" already bound to a different claim.'
        _tell(turn, claim, ("Warning", "FailedBinding", said))
        return
    faults = [] if volume.claim else misfits(claim, volume)
    if faults:
        said = f'Cannot bind to requested volume "{volume.name}": {faults[0]}'
        _tell(turn, claim, ("Warning", "VolumeMismatch", said))
    else:
        _bind(turn, volume, claim)


def _bind(turn: Turn, volume: PersistentVolume, claim: PersistentVolumeClaim) -> None:
    """Bind the two to each other, as far as they are not."""
    wanted = binding.bound_volume(volume, claim, turn.now)
    if wanted != volume.manifest:
        _write(turn, volume, wanted, Reason.VOLUME_BOUND)
    asked = binding.bound_claim(claim, volume)
    if asked != claim.manifest:
        _write(turn, claim, asked, Reason.VOLUME_BOUND)


def _default_class(world: World) -> str:
    """Return the name of the class for claims that name none: the youngest that says so, or ""."""
    marked = [
        view
        for view in world.objects.of(CLASS).values()
        if (view.manifest["metadata"].get("annotations") or {}).get(DEFAULT_CLASS) == "true"
    ]
    found = max(
        marked, key=lambda view: view.manifest["metadata"].get("creationTimestamp") or "", default=None
    )
    return found.key[2] if found else ""


def _provision(turn: Turn, claim: PersistentVolumeClaim, storage_class: Manifest) -> None:
    """Make a volume for a claim."""
    raw = binding.provisioned(claim, storage_class)
    made = admit_create(VOLUME, raw, turn.now, turn.names.uid(), turn.names.suffix())
    turn.decide(Change(Verb.ADDED, VOLUME, made, PersistentVolumes.name, Reason.VOLUME_PROVISIONED))
    said = f"Successfully provisioned volume {made['metadata']['name']}"
    _tell(turn, claim, ("Normal", "ProvisioningSucceeded", said), source=storage_class["provisioner"])


def _protect(turn: Turn, view: PersistentVolume | PersistentVolumeClaim) -> bool:
    """Give an object back the finalizer of its kind; return whether it had none."""
    wanted = with_finalizer(view.manifest, PROTECTION[view.kind])
    if wanted is view.manifest:
        return False
    _write(turn, view, wanted, Reason.PROTECTED)
    return True


def _let_go(turn: Turn, view: PersistentVolume | PersistentVolumeClaim) -> None:
    """Take the finalizer of protection from an object that is being deleted."""
    held: Iterable[str] = view.manifest["metadata"].get("finalizers") or ()
    finalizer = PROTECTION[view.kind]
    if finalizer in held:
        actor = PersistentVolumes.name
        turn.decide(without_finalizer(view, finalizer, actor=actor, reason=Reason.NOT_IN_USE))


def _write(turn: Turn, view: View, manifest: Manifest, reason: Reason) -> None:
    turn.decide(Change(Verb.MODIFIED, view.key[0], manifest, PersistentVolumes.name, reason, view.timers))


def _tell(turn: Turn, view: View, event: tuple[str, str, str], source: str = PersistentVolumes.name) -> None:
    turn.tell(view.key[0], view.manifest, source, event)
