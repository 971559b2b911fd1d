"""How lists and maps of each type are merged, as Kubernetes v1.36.0 publishes it.

Written by tools/fields.py; not edited by hand. A line is ``Type.field`` and what differs from the rule
(lists are replaced, maps are merged): ``patch=key`` for a list that a strategic merge patch merges by a
key (``patch=`` for one of scalars), ``retain`` for a map whose other keys go, ``map=key,...`` or
``set`` for a list that server-side apply merges, ``atomic`` for a map or type that it does not.
"""

from __future__ import annotations

MERGES = """\
ConfigMapKeySelector atomic
Container.env patch=name map=name
Container.ports patch=containerPort map=containerPort,protocol
Container.volumeDevices patch=devicePath map=devicePath
Container.volumeMounts patch=mountPath map=mountPath
ContainerRestartRuleOnExitCodes.values set
ContainerStatus.allocatedResourcesStatus patch=name map=name
ContainerStatus.volumeMounts patch=mountPath map=mountPath
DaemonSetStatus.conditions patch=type map=type
EndpointAddress atomic
EndpointPort atomic
EphemeralContainer.env patch=name map=name
EphemeralContainer.ports patch=containerPort map=containerPort,protocol
EphemeralContainer.volumeDevices patch=devicePath map=devicePath
EphemeralContainer.volumeMounts patch=mountPath map=mountPath
FileKeySelector atomic
LabelSelector atomic
LocalObjectReference atomic
NamespaceStatus.conditions patch=type map=type
NodeAllocatableResourceClaimStatus.containers set
NodeSelector atomic
NodeSelectorTerm atomic
NodeSpec.podCIDRs patch= set
NodeStatus.addresses patch=type map=type
NodeStatus.conditions patch=type map=type
ObjectFieldSelector atomic
ObjectMeta.finalizers patch= set
ObjectMeta.ownerReferences patch=uid map=uid
ObjectReference atomic
OwnerReference atomic
PersistentVolumeClaimStatus.conditions patch=type map=type
PodSpec.containers patch=name map=name
PodSpec.ephemeralContainers patch=name map=name
PodSpec.hostAliases patch=ip map=ip
PodSpec.imagePullSecrets patch=name map=name
PodSpec.initContainers patch=name map=name
PodSpec.nodeSelector atomic
PodSpec.resourceClaims patch=name retain map=name
PodSpec.schedulingGates patch=name map=name
PodSpec.topologySpreadConstraints patch=topologyKey map=topologyKey,whenUnsatisfiable
PodSpec.volumes patch=name retain map=name
PodStatus.conditions patch=type map=type
PodStatus.hostIPs patch=ip
PodStatus.podIPs patch=ip map=ip
PodStatus.resourceClaimStatuses patch=name retain map=name
ResourceFieldSelector atomic
ResourceRequirements.claims map=name
ResourceStatus.resources map=resourceID
ScopeSelector atomic
SecretKeySelector atomic
SecretReference atomic
ServiceAccount.secrets patch=name map=name
ServiceSpec.ports patch=port map=port,protocol
ServiceSpec.selector atomic
ServiceStatus.conditions patch=type map=type
TypedLocalObjectReference atomic
"""
