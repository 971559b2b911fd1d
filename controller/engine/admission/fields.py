"""Which fields each kind has, and of which types, as Kubernetes v1.36.0 publishes them.

Written by tools/fields.py; not edited by hand. A line is a type and its fields, ``name`` for a string,
else ``name:type``: ``bool``, ``int32``, ``int64``, another type of the table, ``[]type`` for a list of
it and ``{}type`` for a map of it. It is text because text costs nothing until a type is asked for.
"""

from __future__ import annotations

FIELDS = """\
AWSElasticBlockStoreVolumeSource fsType partition:int32 readOnly:bool volumeID
Affinity nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity
AppArmorProfile localhostProfile type
AttachedVolume devicePath name
AzureDiskVolumeSource cachingMode diskName diskURI fsType kind readOnly:bool
AzureFilePersistentVolumeSource readOnly:bool secretName secretNamespace shareName
AzureFileVolumeSource readOnly:bool secretName shareName
CSIPersistentVolumeSource controllerExpandSecretRef:SecretReference
  controllerPublishSecretRef:SecretReference driver fsType nodeExpandSecretRef:SecretReference
  nodePublishSecretRef:SecretReference nodeStageSecretRef:SecretReference readOnly:bool volumeAttributes:{}
  volumeHandle
CSIVolumeSource driver fsType nodePublishSecretRef:LocalObjectReference readOnly:bool volumeAttributes:{}
Capabilities add:[] drop:[]
CephFSPersistentVolumeSource monitors:[] path readOnly:bool secretFile secretRef:SecretReference user
CephFSVolumeSource monitors:[] path readOnly:bool secretFile secretRef:LocalObjectReference user
CinderPersistentVolumeSource fsType readOnly:bool secretRef:SecretReference volumeID
CinderVolumeSource fsType readOnly:bool secretRef:LocalObjectReference volumeID
ClientIPConfig timeoutSeconds:int32
ClusterTrustBundleProjection labelSelector:LabelSelector name optional:bool path signerName
Condition lastTransitionTime:Time message observedGeneration:int64 reason status type
ConfigMap apiVersion binaryData:{} data:{} immutable:bool kind metadata:ObjectMeta
ConfigMapEnvSource name optional:bool
ConfigMapKeySelector key name optional:bool
ConfigMapNodeConfigSource kubeletConfigKey name namespace resourceVersion uid
ConfigMapProjection items:[]KeyToPath name optional:bool
ConfigMapVolumeSource defaultMode:int32 items:[]KeyToPath name optional:bool
Container args:[] command:[] env:[]EnvVar envFrom:[]EnvFromSource image imagePullPolicy lifecycle:Lifecycle
  livenessProbe:Probe name ports:[]ContainerPort readinessProbe:Probe resizePolicy:[]ContainerResizePolicy
  resources:ResourceRequirements restartPolicy restartPolicyRules:[]ContainerRestartRule
  securityContext:SecurityContext startupProbe:Probe stdin:bool stdinOnce:bool terminationMessagePath
  terminationMessagePolicy tty:bool volumeDevices:[]VolumeDevice volumeMounts:[]VolumeMount workingDir
ContainerExtendedResourceRequest containerName requestName resourceName
ContainerImage names:[] sizeBytes:int64
ContainerPort containerPort:int32 hostIP hostPort:int32 name protocol
ContainerResizePolicy resourceName restartPolicy
ContainerRestartRule action exitCodes:ContainerRestartRuleOnExitCodes
ContainerRestartRuleOnExitCodes operator values:[]int32
ContainerState running:ContainerStateRunning terminated:ContainerStateTerminated
  waiting:ContainerStateWaiting
ContainerStateRunning startedAt:Time
ContainerStateTerminated containerID exitCode:int32 finishedAt:Time message reason signal:int32
  startedAt:Time
ContainerStateWaiting message reason
ContainerStatus allocatedResources:{}Quantity allocatedResourcesStatus:[]ResourceStatus containerID image
  imageID lastState:ContainerState name ready:bool resources:ResourceRequirements restartCount:int32
  started:bool state:ContainerState stopSignal user:ContainerUser volumeMounts:[]VolumeMountStatus
ContainerUser linux:LinuxContainerUser
ControllerRevision apiVersion data:RawExtension kind metadata:ObjectMeta revision:int64
DaemonEndpoint Port:int32
DaemonSet apiVersion kind metadata:ObjectMeta spec:DaemonSetSpec status:DaemonSetStatus
DaemonSetCondition lastTransitionTime:Time message reason status type
DaemonSetSpec minReadySeconds:int32 revisionHistoryLimit:int32 selector:LabelSelector
  template:PodTemplateSpec updateStrategy:DaemonSetUpdateStrategy
DaemonSetStatus collisionCount:int32 conditions:[]DaemonSetCondition currentNumberScheduled:int32
  desiredNumberScheduled:int32 numberAvailable:int32 numberMisscheduled:int32 numberReady:int32
  numberUnavailable:int32 observedGeneration:int64 updatedNumberScheduled:int32
DaemonSetUpdateStrategy rollingUpdate:RollingUpdateDaemonSet type
DownwardAPIProjection items:[]DownwardAPIVolumeFile
DownwardAPIVolumeFile fieldRef:ObjectFieldSelector mode:int32 path resourceFieldRef:ResourceFieldSelector
DownwardAPIVolumeSource defaultMode:int32 items:[]DownwardAPIVolumeFile
EmptyDirVolumeSource medium sizeLimit:Quantity
EndpointAddress hostname ip nodeName targetRef:ObjectReference
EndpointPort appProtocol name port:int32 protocol
EndpointSubset addresses:[]EndpointAddress notReadyAddresses:[]EndpointAddress ports:[]EndpointPort
Endpoints apiVersion kind metadata:ObjectMeta subsets:[]EndpointSubset
EnvFromSource configMapRef:ConfigMapEnvSource prefix secretRef:SecretEnvSource
EnvVar name value valueFrom:EnvVarSource
EnvVarSource configMapKeyRef:ConfigMapKeySelector fieldRef:ObjectFieldSelector fileKeyRef:FileKeySelector
  resourceFieldRef:ResourceFieldSelector secretKeyRef:SecretKeySelector
EphemeralContainer args:[] command:[] env:[]EnvVar envFrom:[]EnvFromSource image imagePullPolicy
  lifecycle:Lifecycle livenessProbe:Probe name ports:[]ContainerPort readinessProbe:Probe
  resizePolicy:[]ContainerResizePolicy resources:ResourceRequirements restartPolicy
  restartPolicyRules:[]ContainerRestartRule securityContext:SecurityContext startupProbe:Probe stdin:bool
  stdinOnce:bool targetContainerName terminationMessagePath terminationMessagePolicy tty:bool
  volumeDevices:[]VolumeDevice volumeMounts:[]VolumeMount workingDir
EphemeralVolumeSource volumeClaimTemplate:PersistentVolumeClaimTemplate
Event action apiVersion count:int32 eventTime:MicroTime firstTimestamp:Time involvedObject:ObjectReference
  kind lastTimestamp:Time message metadata:ObjectMeta reason related:ObjectReference reportingComponent
  reportingInstance series:EventSeries source:EventSource type
EventSeries count:int32 lastObservedTime:MicroTime
EventSource component host
ExecAction command:[]
FCVolumeSource fsType lun:int32 readOnly:bool targetWWNs:[] wwids:[]
FileKeySelector key optional:bool path volumeName
FlexPersistentVolumeSource driver fsType options:{} readOnly:bool secretRef:SecretReference
FlexVolumeSource driver fsType options:{} readOnly:bool secretRef:LocalObjectReference
FlockerVolumeSource datasetName datasetUUID
GCEPersistentDiskVolumeSource fsType partition:int32 pdName readOnly:bool
GRPCAction port:int32 service
GitRepoVolumeSource directory repository revision
GlusterfsPersistentVolumeSource endpoints endpointsNamespace path readOnly:bool
GlusterfsVolumeSource endpoints path readOnly:bool
HTTPGetAction host httpHeaders:[]HTTPHeader path port:IntOrString scheme
HTTPHeader name value
HostAlias hostnames:[] ip
HostIP ip
HostPathVolumeSource path type
ISCSIPersistentVolumeSource chapAuthDiscovery:bool chapAuthSession:bool fsType initiatorName iqn
  iscsiInterface lun:int32 portals:[] readOnly:bool secretRef:SecretReference targetPortal
ISCSIVolumeSource chapAuthDiscovery:bool chapAuthSession:bool fsType initiatorName iqn iscsiInterface
  lun:int32 portals:[] readOnly:bool secretRef:LocalObjectReference targetPortal
ImageVolumeSource pullPolicy reference
ImageVolumeStatus imageRef
KeyToPath key mode:int32 path
LabelSelector matchExpressions:[]LabelSelectorRequirement matchLabels:{}
LabelSelectorRequirement key operator values:[]
Lease apiVersion kind metadata:ObjectMeta spec:LeaseSpec
LeaseSpec acquireTime:MicroTime holderIdentity leaseDurationSeconds:int32 leaseTransitions:int32
  preferredHolder renewTime:MicroTime strategy
Lifecycle postStart:LifecycleHandler preStop:LifecycleHandler stopSignal
LifecycleHandler exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction tcpSocket:TCPSocketAction
LimitRange apiVersion kind metadata:ObjectMeta spec:LimitRangeSpec
LimitRangeItem default:{}Quantity defaultRequest:{}Quantity max:{}Quantity maxLimitRequestRatio:{}Quantity
  min:{}Quantity type
LimitRangeSpec limits:[]LimitRangeItem
LinuxContainerUser gid:int64 supplementalGroups:[]int64 uid:int64
LoadBalancerIngress hostname ip ipMode ports:[]PortStatus
LoadBalancerStatus ingress:[]LoadBalancerIngress
LocalObjectReference name
LocalVolumeSource fsType path
ManagedFieldsEntry apiVersion fieldsType fieldsV1:FieldsV1 manager operation subresource time:Time
ModifyVolumeStatus status targetVolumeAttributesClassName
NFSVolumeSource path readOnly:bool server
Namespace apiVersion kind metadata:ObjectMeta spec:NamespaceSpec status:NamespaceStatus
NamespaceCondition lastTransitionTime:Time message reason status type
NamespaceSpec finalizers:[]
NamespaceStatus conditions:[]NamespaceCondition phase
Node apiVersion kind metadata:ObjectMeta spec:NodeSpec status:NodeStatus
NodeAddress address type
NodeAffinity preferredDuringSchedulingIgnoredDuringExecution:[]PreferredSchedulingTerm
  requiredDuringSchedulingIgnoredDuringExecution:NodeSelector
NodeAllocatableResourceClaimStatus containers:[] resourceClaimName resources:{}Quantity
NodeCondition lastHeartbeatTime:Time lastTransitionTime:Time message reason status type
NodeConfigSource configMap:ConfigMapNodeConfigSource
NodeConfigStatus active:NodeConfigSource assigned:NodeConfigSource error lastKnownGood:NodeConfigSource
NodeDaemonEndpoints kubeletEndpoint:DaemonEndpoint
NodeFeatures supplementalGroupsPolicy:bool
NodeRuntimeHandler features:NodeRuntimeHandlerFeatures name
NodeRuntimeHandlerFeatures recursiveReadOnlyMounts:bool userNamespaces:bool
NodeSelector nodeSelectorTerms:[]NodeSelectorTerm
NodeSelectorRequirement key operator values:[]
NodeSelectorTerm matchExpressions:[]NodeSelectorRequirement matchFields:[]NodeSelectorRequirement
NodeSpec configSource:NodeConfigSource externalID podCIDR podCIDRs:[] providerID taints:[]Taint
  unschedulable:bool
NodeStatus addresses:[]NodeAddress allocatable:{}Quantity capacity:{}Quantity conditions:[]NodeCondition
  config:NodeConfigStatus daemonEndpoints:NodeDaemonEndpoints declaredFeatures:[] features:NodeFeatures
  images:[]ContainerImage nodeInfo:NodeSystemInfo phase runtimeHandlers:[]NodeRuntimeHandler
  volumesAttached:[]AttachedVolume volumesInUse:[]
NodeSwapStatus capacity:int64
NodeSystemInfo architecture bootID containerRuntimeVersion kernelVersion kubeProxyVersion kubeletVersion
  machineID operatingSystem osImage swap:NodeSwapStatus systemUUID
ObjectFieldSelector apiVersion fieldPath
ObjectMeta annotations:{} creationTimestamp:Time deletionGracePeriodSeconds:int64 deletionTimestamp:Time
  finalizers:[] generateName generation:int64 labels:{} managedFields:[]ManagedFieldsEntry name namespace
  ownerReferences:[]OwnerReference resourceVersion selfLink uid
ObjectReference apiVersion fieldPath kind name namespace resourceVersion uid
OwnerReference apiVersion blockOwnerDeletion:bool controller:bool kind name uid
PersistentVolume apiVersion kind metadata:ObjectMeta spec:PersistentVolumeSpec status:PersistentVolumeStatus
PersistentVolumeClaim apiVersion kind metadata:ObjectMeta spec:PersistentVolumeClaimSpec
  status:PersistentVolumeClaimStatus
PersistentVolumeClaimCondition lastProbeTime:Time lastTransitionTime:Time message reason status type
PersistentVolumeClaimSpec accessModes:[] dataSource:TypedLocalObjectReference
  dataSourceRef:TypedObjectReference resources:VolumeResourceRequirements selector:LabelSelector
  storageClassName volumeAttributesClassName volumeMode volumeName
PersistentVolumeClaimStatus accessModes:[] allocatedResourceStatuses:{} allocatedResources:{}Quantity
  capacity:{}Quantity conditions:[]PersistentVolumeClaimCondition currentVolumeAttributesClassName
  modifyVolumeStatus:ModifyVolumeStatus phase
PersistentVolumeClaimTemplate metadata:ObjectMeta spec:PersistentVolumeClaimSpec
PersistentVolumeClaimVolumeSource claimName readOnly:bool
PersistentVolumeSpec accessModes:[] awsElasticBlockStore:AWSElasticBlockStoreVolumeSource
  azureDisk:AzureDiskVolumeSource azureFile:AzureFilePersistentVolumeSource capacity:{}Quantity
  cephfs:CephFSPersistentVolumeSource cinder:CinderPersistentVolumeSource claimRef:ObjectReference
  csi:CSIPersistentVolumeSource fc:FCVolumeSource flexVolume:FlexPersistentVolumeSource
  flocker:FlockerVolumeSource gcePersistentDisk:GCEPersistentDiskVolumeSource
  glusterfs:GlusterfsPersistentVolumeSource hostPath:HostPathVolumeSource iscsi:ISCSIPersistentVolumeSource
  local:LocalVolumeSource mountOptions:[] nfs:NFSVolumeSource nodeAffinity:VolumeNodeAffinity
  persistentVolumeReclaimPolicy photonPersistentDisk:PhotonPersistentDiskVolumeSource
  portworxVolume:PortworxVolumeSource quobyte:QuobyteVolumeSource rbd:RBDPersistentVolumeSource
  scaleIO:ScaleIOPersistentVolumeSource storageClassName storageos:StorageOSPersistentVolumeSource
  volumeAttributesClassName volumeMode vsphereVolume:VsphereVirtualDiskVolumeSource
PersistentVolumeStatus lastPhaseTransitionTime:Time message phase reason
PhotonPersistentDiskVolumeSource fsType pdID
Pod apiVersion kind metadata:ObjectMeta spec:PodSpec status:PodStatus
PodAffinity preferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm
  requiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm
PodAffinityTerm labelSelector:LabelSelector matchLabelKeys:[] mismatchLabelKeys:[]
  namespaceSelector:LabelSelector namespaces:[] topologyKey
PodAntiAffinity preferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm
  requiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm
PodCertificateProjection certificateChainPath credentialBundlePath keyPath keyType
  maxExpirationSeconds:int32 signerName userAnnotations:{}
PodCondition lastProbeTime:Time lastTransitionTime:Time message observedGeneration:int64 reason status type
PodDNSConfig nameservers:[] options:[]PodDNSConfigOption searches:[]
PodDNSConfigOption name value
PodExtendedResourceClaimStatus requestMappings:[]ContainerExtendedResourceRequest resourceClaimName
PodIP ip
PodOS name
PodReadinessGate conditionType
PodResourceClaim name resourceClaimName resourceClaimTemplateName
PodResourceClaimStatus name resourceClaimName
PodSchedulingGate name
PodSchedulingGroup podGroupName
PodSecurityContext appArmorProfile:AppArmorProfile fsGroup:int64 fsGroupChangePolicy runAsGroup:int64
  runAsNonRoot:bool runAsUser:int64 seLinuxChangePolicy seLinuxOptions:SELinuxOptions
  seccompProfile:SeccompProfile supplementalGroups:[]int64 supplementalGroupsPolicy sysctls:[]Sysctl
  windowsOptions:WindowsSecurityContextOptions
PodSpec activeDeadlineSeconds:int64 affinity:Affinity automountServiceAccountToken:bool
  containers:[]Container dnsConfig:PodDNSConfig dnsPolicy enableServiceLinks:bool
  ephemeralContainers:[]EphemeralContainer hostAliases:[]HostAlias hostIPC:bool hostNetwork:bool
  hostPID:bool hostUsers:bool hostname hostnameOverride imagePullSecrets:[]LocalObjectReference
  initContainers:[]Container nodeName nodeSelector:{} os:PodOS overhead:{}Quantity preemptionPolicy
  priority:int32 priorityClassName readinessGates:[]PodReadinessGate resourceClaims:[]PodResourceClaim
  resources:ResourceRequirements restartPolicy runtimeClassName schedulerName
  schedulingGates:[]PodSchedulingGate schedulingGroup:PodSchedulingGroup securityContext:PodSecurityContext
  serviceAccount serviceAccountName setHostnameAsFQDN:bool shareProcessNamespace:bool subdomain
  terminationGracePeriodSeconds:int64 tolerations:[]Toleration
  topologySpreadConstraints:[]TopologySpreadConstraint volumes:[]Volume
PodStatus allocatedResources:{}Quantity conditions:[]PodCondition containerStatuses:[]ContainerStatus
  ephemeralContainerStatuses:[]ContainerStatus extendedResourceClaimStatus:PodExtendedResourceClaimStatus
  hostIP hostIPs:[]HostIP initContainerStatuses:[]ContainerStatus message
  nodeAllocatableResourceClaimStatuses:[]NodeAllocatableResourceClaimStatus nominatedNodeName
  observedGeneration:int64 phase podIP podIPs:[]PodIP qosClass reason resize
  resourceClaimStatuses:[]PodResourceClaimStatus resources:ResourceRequirements startTime:Time
PodTemplateSpec metadata:ObjectMeta spec:PodSpec
PortStatus error port:int32 protocol
PortworxVolumeSource fsType readOnly:bool volumeID
PreferredSchedulingTerm preference:NodeSelectorTerm weight:int32
Probe exec:ExecAction failureThreshold:int32 grpc:GRPCAction httpGet:HTTPGetAction initialDelaySeconds:int32
  periodSeconds:int32 successThreshold:int32 tcpSocket:TCPSocketAction terminationGracePeriodSeconds:int64
  timeoutSeconds:int32
ProjectedVolumeSource defaultMode:int32 sources:[]VolumeProjection
QuobyteVolumeSource group readOnly:bool registry tenant user volume
RBDPersistentVolumeSource fsType image keyring monitors:[] pool readOnly:bool secretRef:SecretReference user
RBDVolumeSource fsType image keyring monitors:[] pool readOnly:bool secretRef:LocalObjectReference user
ResourceClaim name request
ResourceFieldSelector containerName divisor:Quantity resource
ResourceHealth health message resourceID
ResourceQuota apiVersion kind metadata:ObjectMeta spec:ResourceQuotaSpec status:ResourceQuotaStatus
ResourceQuotaSpec hard:{}Quantity scopeSelector:ScopeSelector scopes:[]
ResourceQuotaStatus hard:{}Quantity used:{}Quantity
ResourceRequirements claims:[]ResourceClaim limits:{}Quantity requests:{}Quantity
ResourceStatus name resources:[]ResourceHealth
RollingUpdateDaemonSet maxSurge:IntOrString maxUnavailable:IntOrString
SELinuxOptions level role type user
ScaleIOPersistentVolumeSource fsType gateway protectionDomain readOnly:bool secretRef:SecretReference
  sslEnabled:bool storageMode storagePool system volumeName
ScaleIOVolumeSource fsType gateway protectionDomain readOnly:bool secretRef:LocalObjectReference
  sslEnabled:bool storageMode storagePool system volumeName
ScopeSelector matchExpressions:[]ScopedResourceSelectorRequirement
ScopedResourceSelectorRequirement operator scopeName values:[]
SeccompProfile localhostProfile type
Secret apiVersion data:{} immutable:bool kind metadata:ObjectMeta stringData:{} type
SecretEnvSource name optional:bool
SecretKeySelector key name optional:bool
SecretProjection items:[]KeyToPath name optional:bool
SecretReference name namespace
SecretVolumeSource defaultMode:int32 items:[]KeyToPath optional:bool secretName
SecurityContext allowPrivilegeEscalation:bool appArmorProfile:AppArmorProfile capabilities:Capabilities
  privileged:bool procMount readOnlyRootFilesystem:bool runAsGroup:int64 runAsNonRoot:bool runAsUser:int64
  seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile windowsOptions:WindowsSecurityContextOptions
Service apiVersion kind metadata:ObjectMeta spec:ServiceSpec status:ServiceStatus
ServiceAccount apiVersion automountServiceAccountToken:bool imagePullSecrets:[]LocalObjectReference kind
  metadata:ObjectMeta secrets:[]ObjectReference
ServiceAccountTokenProjection audience expirationSeconds:int64 path
ServicePort appProtocol name nodePort:int32 port:int32 protocol targetPort:IntOrString
ServiceSpec allocateLoadBalancerNodePorts:bool clusterIP clusterIPs:[] externalIPs:[] externalName
  externalTrafficPolicy healthCheckNodePort:int32 internalTrafficPolicy ipFamilies:[] ipFamilyPolicy
  loadBalancerClass loadBalancerIP loadBalancerSourceRanges:[] ports:[]ServicePort
  publishNotReadyAddresses:bool selector:{} sessionAffinity sessionAffinityConfig:SessionAffinityConfig
  trafficDistribution type
ServiceStatus conditions:[]Condition loadBalancer:LoadBalancerStatus
SessionAffinityConfig clientIP:ClientIPConfig
SleepAction seconds:int64
StorageOSPersistentVolumeSource fsType readOnly:bool secretRef:ObjectReference volumeName volumeNamespace
StorageOSVolumeSource fsType readOnly:bool secretRef:LocalObjectReference volumeName volumeNamespace
Sysctl name value
TCPSocketAction host port:IntOrString
Taint effect key timeAdded:Time value
Toleration effect key operator tolerationSeconds:int64 value
TopologySpreadConstraint labelSelector:LabelSelector matchLabelKeys:[] maxSkew:int32 minDomains:int32
  nodeAffinityPolicy nodeTaintsPolicy topologyKey whenUnsatisfiable
TypedLocalObjectReference apiGroup kind name
TypedObjectReference apiGroup kind name namespace
Volume awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource
  azureFile:AzureFileVolumeSource cephfs:CephFSVolumeSource cinder:CinderVolumeSource
  configMap:ConfigMapVolumeSource csi:CSIVolumeSource downwardAPI:DownwardAPIVolumeSource
  emptyDir:EmptyDirVolumeSource ephemeral:EphemeralVolumeSource fc:FCVolumeSource
  flexVolume:FlexVolumeSource flocker:FlockerVolumeSource gcePersistentDisk:GCEPersistentDiskVolumeSource
  gitRepo:GitRepoVolumeSource glusterfs:GlusterfsVolumeSource hostPath:HostPathVolumeSource
  image:ImageVolumeSource iscsi:ISCSIVolumeSource name nfs:NFSVolumeSource
  persistentVolumeClaim:PersistentVolumeClaimVolumeSource
  photonPersistentDisk:PhotonPersistentDiskVolumeSource portworxVolume:PortworxVolumeSource
  projected:ProjectedVolumeSource quobyte:QuobyteVolumeSource rbd:RBDVolumeSource
  scaleIO:ScaleIOVolumeSource secret:SecretVolumeSource storageos:StorageOSVolumeSource
  vsphereVolume:VsphereVirtualDiskVolumeSource
VolumeDevice devicePath name
VolumeMount mountPath mountPropagation name readOnly:bool recursiveReadOnly subPath subPathExpr
VolumeMountStatus mountPath name readOnly:bool recursiveReadOnly volumeStatus:VolumeStatus
VolumeNodeAffinity required:NodeSelector
VolumeProjection clusterTrustBundle:ClusterTrustBundleProjection configMap:ConfigMapProjection
  downwardAPI:DownwardAPIProjection podCertificate:PodCertificateProjection secret:SecretProjection
  serviceAccountToken:ServiceAccountTokenProjection
VolumeResourceRequirements limits:{}Quantity requests:{}Quantity
VolumeStatus image:ImageVolumeStatus
VsphereVirtualDiskVolumeSource fsType storagePolicyID storagePolicyName volumePath
WeightedPodAffinityTerm podAffinityTerm:PodAffinityTerm weight:int32
WindowsSecurityContextOptions gmsaCredentialSpec gmsaCredentialSpecName hostProcess:bool runAsUserName
"""
