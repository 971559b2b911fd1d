"""The StatefulSet controller: pods with a number, each with its claims, one after the other.

What a pass does is decided in ``controller/engine/statefulset/plan.py``. A name is given again only when
nobody bears it, so the identity of a pod never stands twice.
"""

from __future__ import annotations

from typing import cast

from controller.engine.admission.admit import admit_create
from controller.engine.changes import Change, Verb
from controller.engine.controllers.podcontrol import (
    ACCOUNT,
    ALLOWANCES,
    admitted,
    classes_in,
    is_account_known,
    placed,
    prioritized,
)
from controller.engine.controllers.workload import WorkloadController
from controller.engine.deletion import being_deleted, delete_pod, is_being_deleted
from controller.engine.errors import Forbidden, Refused
from controller.engine.objects import HASH_LABEL, Manifest, Pod, Revision, View
from controller.engine.reasons import Reason
from controller.engine.statefulset.claims import claim_manifest, is_anothers, is_of_pod, with_retention
from controller.engine.statefulset.identity import (
    claim_names,
    is_member,
    member,
    pod_name,
    template_for,
    with_identity,
)
from controller.engine.statefulset.plan import Slots, plan, revision_for
from controller.engine.statefulset.status import Revisions, status_manifest
from controller.engine.views import PersistentVolumeClaim, StatefulSet, Workload
from controller.engine.workloads.ownership import claim
from controller.engine.workloads.pods import (
    PodTemplate,
    account_of,
    forbidden_because,
    pod_manifest,
    pod_spec,
)
from controller.engine.workloads.revisions import Writer, forgotten, history_of
from controller.engine.workloads.slowstart import in_batches
from controller.engine.world import Turn, Update, World

CLAIM = PersistentVolumeClaim.KIND
KEEPER = Writer("statefulset-controller", "controller.kubernetes.io/hash")


class StatefulSets(WorkloadController):
    """Queues sets, also when a claim of theirs goes, or a pod that bears a name of theirs."""

    name = KEEPER.actor
    kinds = ALLOWANCES | {StatefulSet.KIND, Pod.KIND, Revision.KIND, CLAIM, ACCOUNT}

    def take(self, world: World, update: Update) -> None:
        """Queue the sets that the change may concern."""
        kind, namespace, name = update.key
        if not self.sets and kind != StatefulSet.KIND:
            return
        if kind == CLAIM:
            if update.before and (update.after is None or is_being_deleted(update.after)):
                self._take_claim(world, namespace, name)
        elif kind == Revision.KIND:
            readings = (each for each in (update.before, update.after) if isinstance(each, Revision))
            self.queue.update(self.sets[each.owner] for each in readings if each.owner in self.sets)
        else:
            super().take(world, update)
            if kind == StatefulSet.KIND and _is_completed(update):
                self.queue.add(update.key)
            if kind == Pod.KIND and (update.after is None or update.replaced):
                self._take_name(world, namespace, name)

    def _take_name(self, world: World, namespace: str, name: str) -> None:
        found = member(name)
        if found and world.find(StatefulSet.KIND, namespace, found[0]):
            self.queue.add((StatefulSet.KIND, namespace, found[0]))

    def _take_claim(self, world: World, namespace: str, name: str) -> None:
        """Queue the set whose claim has a name that is made as TEMPLATE-SET-NUMBER."""
        for owner in self._in_namespace(world, namespace):
            templates = (each["metadata"]["name"] for each in cast("StatefulSet", owner).claim_templates)
            if any(name.startswith(f"{each}-{owner.name}-") for each in templates):
                self.queue.add(owner.key)

    def sync_one(self, turn: Turn, owner: Workload) -> None:
        """Adopt and release, keep the history of templates, then do what the plan says."""
        owner = cast("StatefulSet", owner)
        _claim(turn, owner)
        if owner.deleting:
            return
        revisions = _keep_history(turn, owner)
        slots = Slots.of(owner, _owned_pods(turn.world, owner), turn.now)
        made = plan(slots, revisions.update, lambda ordinal: _is_blocked(turn.world, owner, ordinal))
        for pod in made.reached:
            if pod.phase == "Pending":
                _complete_claims(turn, owner, pod)
        for pod in made.settled:
            _mend(turn, owner, pod)
        for pod in made.condemned:
            _keep_claims(turn, owner, pod)
        for pod, reason in made.first:
            _delete(turn, owner, pod, reason)
        if not self._create(turn, owner, made.create, revisions):
            for pod, reason in made.then:
                _delete(turn, owner, pod, reason)
        self.look_again(turn, owner, _owned_pods(turn.world, owner))
        _forget(turn, owner, revisions)

    def _create(self, turn: Turn, owner: StatefulSet, ordinals: list[int], revisions: Revisions) -> str:
        """Create pods with their claims; return why that was refused, or ""."""

        def create(ordinal: int) -> str:
            return _create_pod(turn, owner, ordinal, revision_for(owner, ordinal, *revisions))

        _, refusal = in_batches(ordinals, create)
        if refusal:
            self.try_later(turn, owner)
        return refusal

    def status_of(self, turn: Turn, owner: Workload) -> Manifest:
        """Return the status of a set as things stand."""
        owner = cast("StatefulSet", owner)
        return status_manifest(
            owner,
            _owned_pods(turn.world, owner),
            _revisions(turn.world, owner),
            _told(owner).get("collisionCount") or 0,
            turn.now,
        )


def _is_completed(update: Update) -> bool:
    """Whether the set comes from another revision now: an older one may be forgotten."""
    before, after = update.before, update.after
    if not (isinstance(before, StatefulSet) and isinstance(after, StatefulSet)):
        return False
    came, comes = (_told(each).get("currentRevision") for each in (before, after))
    return bool(came != comes)


def _told(owner: StatefulSet) -> Manifest:
    """Return the status as it was last written."""
    return owner.manifest.get("status") or {}


def _owned_pods(world: World, owner: StatefulSet) -> list[Pod]:
    return [pod for pod in world.owned(owner.uid, Pod).values() if pod.owner == owner.uid]


def _owned_revisions(world: World, owner: StatefulSet) -> list[Revision]:
    return [each for each in world.owned(owner.uid, Revision).values() if each.owner == owner.uid]


def _claim(turn: Turn, owner: StatefulSet) -> None:
    """Take in pods with a name of the set, and revisions, that it selects; let go those it no longer does."""
    world, free, loose = turn.world, list[Pod](), list[Revision]()
    if not owner.deleting:
        orphans = world.orphans.of(owner.namespace).values()
        free = [pod for pod in orphans if is_member(owner, pod) and not pod.terminating]
        near = world.all_of(Revision).values()
        loose = [each for each in near if not each.owner and each.namespace == owner.namespace]
    mine = [pod for pod in _owned_pods(world, owner) if not pod.terminating]
    changes = claim(owner, owner.selector, mine, free, actor=KEEPER.actor)
    changes += claim(owner, owner.selector, _owned_revisions(world, owner), loose, actor=KEEPER.actor)
    for change in changes:
        turn.decide(change)


def _keep_history(turn: Turn, owner: StatefulSet) -> Revisions:
    """Have a revision of the present template; return the two that count."""
    world, uid = turn.world, turn.names.uid()
    owned, taken = _owned_revisions(world, owner), world.all_of(Revision).values()
    history = history_of(owner, owned, taken, by=KEEPER, uid=uid, now=turn.now)
    for change in history.changes:
        turn.decide(change)
    if history.collisions != (_told(owner).get("collisionCount") or 0):
        status = {**_told(owner), "collisionCount": history.collisions}
        manifest = {**owner.manifest, "status": status}
        _write(turn, owner, manifest, Reason.HASH_TAKEN)
    return _revisions(world, owner)


def _revisions(world: World, owner: StatefulSet) -> Revisions:
    """Return the revision of the present template, and that which the set comes from, by name."""
    kept, told = _owned_revisions(world, owner), _told(owner)
    same = [each for each in kept if each.template == owner.template]
    update = max(same, key=lambda each: each.number).name if same else told.get("updateRevision", "")
    current = told.get("currentRevision", "")
    return Revisions(current if any(each.name == current for each in kept) else update, update)


def _forget(turn: Turn, owner: StatefulSet, revisions: Revisions) -> None:
    """Drop the oldest revisions beyond the limit, of those that nothing bears."""
    kept = _owned_revisions(turn.world, owner)
    if len(kept) <= owner.history_limit:
        return
    live = {*revisions, *(pod.labels.get(HASH_LABEL, "") for pod in _owned_pods(turn.world, owner))}
    free = sorted((each for each in kept if each.name not in live), key=lambda each: each.number)
    for change in forgotten(free, len(free) - owner.history_limit, KEEPER.actor):
        turn.decide(change)


def _is_blocked(world: World, owner: StatefulSet, ordinal: int) -> bool:
    """Whether the pod of a number has to wait: its name is taken, or a claim goes with its predecessor."""
    name = pod_name(owner, ordinal)
    if world.find(Pod.KIND, owner.namespace, name):
        return True
    claims = (world.find(CLAIM, owner.namespace, each) for each in claim_names(owner, name).values())
    return owner.drops_claims("whenScaled") and any(each and is_of_pod(each, name) for each in claims)


def _template_of(world: World, owner: StatefulSet, revision: str) -> PodTemplate:
    """Return what pods of a revision, by name, have in common."""
    template = next(each.template for each in _owned_revisions(world, owner) if each.name == revision)
    return PodTemplate.of(owner, template, pod_spec(template, owner.uid))


def _create_pod(turn: Turn, owner: StatefulSet, ordinal: int, revision: str) -> str:
    """Create the claims and the pod of a number; return why that was refused, or ""."""
    name, world = pod_name(owner, ordinal), turn.world
    if world.is_leaving(owner.namespace):
        return ""
    if refusal := _create_claims(turn, owner, name):
        return _tell_refused(turn, owner, name, refusal)
    template = template_for(owner, _template_of(world, owner, revision), ordinal, revision)
    made = pod_manifest(owner, template, name=name, uid=turn.names.uid(), now=turn.now)
    try:
        made = _admitted(turn, owner, made)
    except Forbidden as refused:
        return _tell_refused(turn, owner, name, str(refused))
    born = {"born": turn.now.cluster}
    turn.decide(Change(Verb.ADDED, Pod.KIND, made, KEEPER.actor, Reason.TOO_FEW, born))
    _keep_claims(turn, owner, world.pods[Pod.KIND, owner.namespace, name])
    said = f"Create Pod {name} in StatefulSet {owner.name} successful"
    _tell(turn, owner, ("Normal", "SuccessfulCreate", said))
    return ""


def _tell_refused(turn: Turn, owner: StatefulSet, pod: str, refusal: str) -> str:
    said = f"Create Pod {pod} in StatefulSet {owner.name} failed error: {refusal}"
    _tell(turn, owner, ("Warning", "FailedCreate", said))
    return refusal


def _admitted(turn: Turn, owner: StatefulSet, pod: Manifest) -> Manifest:
    """Return a pod as the API server lets it in. Raises Forbidden."""
    known, classes = is_account_known(turn, owner.namespace, account_of(pod)), classes_in(turn.world)
    name = pod["metadata"]["name"]
    if refusal := forbidden_because(owner, pod, name, account_known=known, classes=classes):
        raise Forbidden(refusal)
    return admitted(turn, Pod.KIND, placed(prioritized(pod, turn.world), turn.world))


def _create_claims(turn: Turn, owner: StatefulSet, pod: str) -> str:
    """Create those claims of a pod, by its name, that there are not; return why it cannot have all, or ""."""
    names, refusals = claim_names(owner, pod), list[str]()
    for template in owner.claim_templates:
        name = names[template["metadata"]["name"]]
        found = turn.world.find(CLAIM, owner.namespace, name)
        if found:
            refusals += [f"pvc {name} is being deleted"] if is_being_deleted(found) else []
            continue
        raw = claim_manifest(owner, template, name)
        try:
            made = admit_create(CLAIM, raw, turn.now, turn.names.uid(), turn.names.suffix())
            made = admitted(turn, CLAIM, made)
        except Refused as refused:
            about = f"Create Claim {name} for Pod {pod} in StatefulSet {owner.name}"
            _tell(turn, owner, ("Warning", "FailedCreate", f"{about} failed error: {refused.sentence}"))
            refusals.append(f"failed to create PVC {name}: {refused.sentence}")
            continue
        turn.decide(Change(Verb.ADDED, CLAIM, made, KEEPER.actor, Reason.POD_NEEDS_IT))
        said = f"Create Claim {name} Pod {pod} in StatefulSet {owner.name} success"
        _tell(turn, owner, ("Normal", "SuccessfulCreate", said))
    return refusals[0] if len(refusals) == 1 else f"[{', '.join(refusals)}]" if refusals else ""


def _complete_claims(turn: Turn, owner: StatefulSet, pod: Pod) -> None:
    """See that a pod that waits has its claims, and that these go with whom they should."""
    if not _create_claims(turn, owner, pod.name):
        _keep_claims(turn, owner, pod)


def _mend(turn: Turn, owner: StatefulSet, pod: Pod) -> None:
    """See that a pod bears its labels, and that its claims go with whom they should."""
    wanted = with_identity(pod)
    if wanted:
        _write(turn, pod, wanted, Reason.IDENTITY)
    if _keep_claims(turn, owner, pod) or wanted:
        said = f"Update Pod {pod.name} in StatefulSet {owner.name} successful"
        _tell(turn, owner, ("Normal", "SuccessfulUpdate", said))


def _keep_claims(turn: Turn, owner: StatefulSet, pod: Pod) -> bool:
    """Have the claims of a pod owned by whom they should go with; return whether any was not."""
    names = claim_names(owner, pod.name).values()
    claims = [found for name in names if (found := turn.world.find(CLAIM, owner.namespace, name))]
    changed = [(each, wanted) for each in claims if (wanted := with_retention(each, owner, pod))]
    for each, wanted in changed:
        if is_anothers(each, owner, pod):
            said = (
                f"PersistentVolumeClaim {each.name} has a conflicting OwnerReference that acts as a manging "
                "controller, the retention policy is ignored for this claim"
            )
            _tell(turn, owner, ("Warning", "ConflictingController", said))
        _write(turn, each, wanted, Reason.RETENTION)
    return bool(changed)


def _delete(turn: Turn, owner: StatefulSet, pod: Pod, reason: Reason) -> None:
    """Delete a pod. One that no kubelet stops is marked first: whoever watches sees it go, then gone."""
    change = delete_pod(pod, turn.now, turn.world.settings, actor=KEEPER.actor, reason=reason)
    if change.verb is Verb.DELETED:
        _write(turn, pod, being_deleted(pod.manifest, turn.now, grace=0), reason)
    turn.decide(change)
    said = f"Delete Pod {pod.name} in StatefulSet {owner.name} successful"
    _tell(turn, owner, ("Normal", "SuccessfulDelete", said))


def _write(turn: Turn, view: View, manifest: Manifest, reason: Reason) -> None:
    turn.decide(Change(Verb.MODIFIED, view.key[0], manifest, KEEPER.actor, reason, view.timers))


def _tell(turn: Turn, owner: StatefulSet, event: tuple[str, str, str]) -> None:
    turn.tell(StatefulSet.KIND, owner.manifest, KEEPER.actor, event)
