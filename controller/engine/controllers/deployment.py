"""The Deployment controller: a ReplicaSet for each template, and pods moved from the old to the new.

It looks at its sets only, at what they are asked for and what they have told, never at pods. In a pass
it does the first of these that there is to do: pause or resume, scaling, a step of the rollout.
"""

from __future__ import annotations

from typing import cast

from controller.engine.changes import Change, Verb
from controller.engine.controllers.podcontrol import ALLOWANCES, admitted
from controller.engine.controllers.workload import WorkloadController
from controller.engine.deletion import delete_object
from controller.engine.deployment.revisions import (
    REVISION,
    annotations_of_new,
    forgotten,
    with_bounds,
)
from controller.engine.deployment.rollout import (
    Order,
    are_old_running,
    first_size,
    recreate_step,
    rolling_step,
)
from controller.engine.deployment.scaling import is_scaled, scaled
from controller.engine.deployment.sets import Sets, set_manifest, set_name
from controller.engine.deployment.status import (
    CREATED,
    FOUND,
    PAUSED,
    PROGRESSED,
    PROGRESSING,
    REFUSED,
    RESUMED,
    STUCK,
    Numbers,
    condition,
    conditions_of,
    has_moved_on,
    is_refused,
    status_manifest,
    stuck_at,
    with_condition,
)
from controller.engine.deployment.strategy import deadline_of, is_paused, is_recreated
from controller.engine.errors import Forbidden
from controller.engine.matching.labels import matches
from controller.engine.objects import Key, Manifest, Timers
from controller.engine.reasons import Reason
from controller.engine.views import Deployment, ReplicaSet, Workload
from controller.engine.workloads.conditions import find_condition
from controller.engine.workloads.ownership import claim
from controller.engine.world import Turn, Update, World


class Deployments(WorkloadController):
    """Queues Deployments. ``loose`` are the keys of ReplicaSets that no controller owns."""

    name = "deployment-controller"
    kinds = ALLOWANCES | {Deployment.KIND, ReplicaSet.KIND}

    def __init__(self) -> None:
        super().__init__()
        self.loose: set[Key] = set()

    # -- whom to look at ---------------------------------------------------------------------

    def take(self, world: World, update: Update) -> None:
        """Queue the Deployments that the change may concern."""
        if update.key[0] == ReplicaSet.KIND:
            self._take_set(world, update)
            return
        if update.key[0] in ALLOWANCES:
            self._take_allowance(update)
            return
        self._take_owner(update)
        due = stuck_at(update.after) if isinstance(update.after, Deployment) else None
        if due is not None:
            world.schedule(due, self.name, update.key)

    def _take_set(self, world: World, update: Update) -> None:
        for each in (update.before, update.after):
            if isinstance(each, ReplicaSet) and each.owner in self.sets:
                self.queue.add(self.sets[each.owner])
        after = update.after
        if isinstance(after, ReplicaSet) and not after.owner:
            self.loose.add(update.key)
            near = self._in_namespace(world, after.namespace)
            self.queue.update(each.key for each in near if matches(each.selector, after.labels))
        else:
            self.loose.discard(update.key)

    def awaits(self, world: World, at: float, item: Key) -> bool:
        """Whether a rollout still counts as stuck at that moment, or its set is to be made then."""
        deployment = world.all_of(Deployment).get(item)
        return deployment is not None and (stuck_at(deployment) == at or is_refused(deployment))

    # -- what to do --------------------------------------------------------------------------

    def sync_one(self, turn: Turn, owner: Workload) -> None:
        """Claim sets; then scale, or take a step of the rollout; at its end forget old revisions."""
        deployment = _standing(turn, owner)
        if deployment.deleting:
            return
        self._claim(turn, deployment)
        deployment = self._pause_or_resume(turn, deployment)
        sets = self._number(turn, deployment)
        if is_paused(deployment) or is_scaled(deployment, sets):
            self._carry_out(turn, deployment, scaled(deployment, sets), Reason.DEPLOYMENT_SCALED)
        else:
            self._roll_out(turn, deployment, sets)
        self._forget(turn, _standing(turn, deployment))

    def _claim(self, turn: Turn, deployment: Deployment) -> None:
        known = turn.world.all_of(ReplicaSet)
        near = (known[key] for key in sorted(self.loose) if key[1] == deployment.namespace)
        free = [each for each in near if not each.deleting]
        mine = owned_sets(turn.world, deployment)
        for change in claim(deployment, deployment.selector, mine, free, actor=self.name):
            turn.decide(change)

    def _pause_or_resume(self, turn: Turn, deployment: Deployment) -> Deployment:
        """Tell that the rollout was paused or goes on; one that is stuck stays so."""
        standing = find_condition(conditions_of(deployment), PROGRESSING)
        reason = standing["reason"] if standing else ""
        paused = is_paused(deployment)
        if deadline_of(deployment) is None or reason == STUCK or paused == (reason == PAUSED):
            return deployment
        word, said = (PAUSED, "Deployment is paused") if paused else (RESUMED, "Deployment is resumed")
        return self._mark(turn, deployment, condition(PROGRESSING, "Unknown", word, said))

    def _number(self, turn: Turn, deployment: Deployment) -> Sets:
        """Bring the new set's number, annotations and patience up to date, and tell of its number."""
        sets = sets_of(turn.world, deployment)
        if not sets.new:
            return sets
        manifest = sets.new.manifest
        annotations = annotations_of_new(deployment, sets.new.annotations, sets.old)
        is_patient = sets.new.min_ready_seconds == deployment.min_ready_seconds
        if annotations != sets.new.annotations or not is_patient:
            spec = {**manifest["spec"], "minReadySeconds": deployment.min_ready_seconds}
            changed = _rewritten(sets.new, annotations, manifest["spec"] if is_patient else spec)
            self._write(turn, sets.new, changed, Reason.ANNOTATIONS_FOLLOW)
        found = None
        if find_condition(conditions_of(deployment), PROGRESSING) is None:
            found = condition(PROGRESSING, "True", FOUND, f'Found new replica set "{sets.new.name}"')
        self._mark(turn, deployment, found, revision=annotations[REVISION])
        return sets_of(turn.world, deployment)

    def _roll_out(self, turn: Turn, deployment: Deployment, sets: Sets) -> None:
        """Take the next step towards today's template."""
        if is_recreated(deployment):
            orders = recreate_step(deployment, sets)
            if not sets.new and not are_old_running(sets):
                self._create(turn, deployment, sets)
        else:
            if not sets.new:
                sets = self._create(turn, deployment, sets)
                if not sets.new:
                    return  # nothing is taken from the old before there is a new one
            orders = rolling_step(deployment, sets)
        self._carry_out(turn, deployment, orders, Reason.ROLLOUT_STEP)

    def _create(self, turn: Turn, deployment: Deployment, sets: Sets) -> Sets:
        """Make the set of today's template, unless a quota has no room for it."""
        collisions = deployment.counted("collisionCount")
        while turn.world.find(ReplicaSet.KIND, deployment.namespace, set_name(deployment, collisions)[0]):
            collisions += 1
        size = first_size(deployment, sets)
        annotations = with_bounds(deployment, annotations_of_new(deployment, {}, sets.old))
        made = set_manifest(
            deployment,
            collisions,
            replicas=size,
            annotations=annotations,
            uid=turn.names.uid(),
            now=turn.now,
        )
        name, born = made["metadata"]["name"], {"born": turn.now.cluster}
        try:
            made = admitted(turn, ReplicaSet.KIND, made)
        except Forbidden as refused:
            said = f'Failed to create new replica set "{name}": {refused}'
            self._mark(turn, deployment, condition(PROGRESSING, "False", REFUSED, said))
            turn.tell(Deployment.KIND, deployment.manifest, self.name, ("Warning", REFUSED, said))
            self.try_later(turn, deployment)
            return sets
        turn.decide(Change(Verb.ADDED, ReplicaSet.KIND, made, self.name, Reason.NEW_TEMPLATE, born))
        if size:
            self._tell(turn, deployment, f"Scaled up replica set {name} from 0 to {size}")
        told = condition(PROGRESSING, "True", CREATED, f'Created new replica set "{name}"')
        self._mark(turn, deployment, told, revision=annotations[REVISION], collisions=collisions)
        return sets_of(turn.world, deployment)

    def _carry_out(self, turn: Turn, deployment: Deployment, orders: list[Order], reason: Reason) -> None:
        """Ask the sets for as many pods, and note at each for how many in all that was."""
        for each, replicas in orders:
            annotations = with_bounds(deployment, each.annotations)
            if replicas == each.replicas and annotations == each.annotations:
                continue
            spec = {**each.manifest["spec"], "replicas": replicas}
            self._write(turn, each, _rewritten(each, annotations, spec), reason)
            if replicas != each.replicas:
                way = "up" if replicas > each.replicas else "down"
                said = f"Scaled {way} replica set {each.name} from {each.replicas} to {replicas}"
                self._tell(turn, deployment, said)

    def _forget(self, turn: Turn, deployment: Deployment) -> None:
        """Delete old sets beyond the limit, when the rollout is complete or waits."""
        sets = sets_of(turn.world, deployment)
        if not is_paused(deployment) and not Numbers.of(sets).is_complete(deployment):
            return
        for each in forgotten(deployment, sets.old):
            turn.decide(delete_object(each, turn.now, actor=self.name, reason=Reason.HISTORY_LIMIT))

    # -- what is told ------------------------------------------------------------------------

    def _mark(
        self,
        turn: Turn,
        deployment: Deployment,
        told: Manifest | None,
        *,
        revision: str = "",
        collisions: int = 0,
    ) -> Deployment:
        """Note at a Deployment how its rollout goes, its number, and collisions; return it as it is then."""
        manifest, timers = deployment.manifest, deployment.timers
        meta, status = manifest["metadata"], manifest.get("status") or {}
        if told and deadline_of(deployment) is not None:
            before = conditions_of(deployment)
            conditions = with_condition(before, told, turn.now)
            if conditions != before:
                status = {**status, "conditions": conditions}
                timers = {**timers, PROGRESSED: turn.now.cluster}
        if collisions:
            status = {**status, "collisionCount": collisions}
        if revision and revision != deployment.annotations.get(REVISION):
            meta = {**meta, "annotations": {**deployment.annotations, REVISION: revision}}
        if (meta, status) != (manifest["metadata"], manifest.get("status") or {}):
            marked = {**manifest, "metadata": meta, "status": status}
            change = Change(Verb.MODIFIED, Deployment.KIND, marked, self.name, Reason.ROLLOUT_MOVES, timers)
            turn.decide(change)
        return _standing(turn, deployment)

    def _write(self, turn: Turn, each: ReplicaSet, manifest: Manifest, reason: Reason) -> None:
        turn.decide(Change(Verb.MODIFIED, ReplicaSet.KIND, manifest, self.name, reason, each.timers))

    def _tell(self, turn: Turn, deployment: Deployment, said: str) -> None:
        turn.tell(Deployment.KIND, deployment.manifest, self.name, ("Normal", "ScalingReplicaSet", said))

    def status_of(self, turn: Turn, owner: Workload) -> Manifest:
        """Return the status of a Deployment as its sets have told."""
        deployment = _standing(turn, owner)
        return status_manifest(deployment, sets_of(turn.world, deployment), turn.now)

    def timers_of(self, turn: Turn, owner: Workload) -> Timers:
        """Return its timers, with the moment of its last progress."""
        deployment = _standing(turn, owner)
        if not has_moved_on(deployment, sets_of(turn.world, deployment), turn.now):
            return deployment.timers
        return {**deployment.timers, PROGRESSED: turn.now.cluster}


def owned_sets(world: World, deployment: Deployment) -> list[ReplicaSet]:
    """Return the sets that a Deployment controls."""
    found = world.owned(deployment.uid, ReplicaSet).values()
    return [each for each in found if each.owner == deployment.uid]


def sets_of(world: World, deployment: Deployment) -> Sets:
    """Return them by what they are to it."""
    return Sets.of(deployment, owned_sets(world, deployment))


def _standing(turn: Turn, view: Workload) -> Deployment:
    """Return a Deployment as it is now: earlier in a pass it was told something."""
    return cast("Deployment", turn.world.objects[Deployment.KIND][view.key])


def _rewritten(each: ReplicaSet, annotations: dict[str, str], spec: Manifest) -> Manifest:
    """Return a set with other annotations and another spec; its generation counts the latter."""
    manifest = each.manifest
    meta = {**manifest["metadata"], "annotations": annotations}
    if spec != manifest["spec"]:
        meta["generation"] = each.generation + 1
    return {**manifest, "metadata": meta, "spec": spec}
