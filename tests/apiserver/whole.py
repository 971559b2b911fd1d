"""A manifest of every kind that is served, with something in most of its places; without its name."""

from __future__ import annotations

from typing import Any

LABELS = {"app": "near"}
REQUIREMENT = {"key": "disk", "operator": "In", "values": ["ssd"]}
PROBE = {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 5, "initialDelaySeconds": 1}
CONTAINER: dict[str, Any] = {
    "name": "main",
    "image": "near:1",
    "command": ["sh", "-c", "echo $(A)"],
    "env": [
        {"name": "A", "value": "1"},
        {"name": "N", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
    ],
    "ports": [{"containerPort": 80, "hostPort": 8080, "protocol": "TCP", "name": "web"}],
    "resources": {"requests": {"cpu": "100m", "memory": "1Mi"}, "limits": {"cpu": 1, "memory": "2Mi"}},
    "volumeMounts": [{"name": "host", "mountPath": "/host", "readOnly": True}],
    "livenessProbe": PROBE,
    "readinessProbe": PROBE,
    "lifecycle": {"preStop": {"sleep": {"seconds": 1}}},
}
POD: dict[str, Any] = {
    "containers": [CONTAINER],
    "initContainers": [{"name": "first", "image": "near:1", "restartPolicy": "Always"}],
    "volumes": [{"name": "host", "hostPath": {"path": "/"}}, {"name": "map", "configMap": {"name": "near"}}],
    "nodeSelector": {"disk": "ssd"},
    "tolerations": [{"key": "spot", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}],
    "affinity": {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{"matchExpressions": [REQUIREMENT]}]
            },
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {"weight": 1, "preference": {"matchExpressions": [REQUIREMENT]}}
            ],
        }
    },
    "topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
    ],
    "terminationGracePeriodSeconds": 1,
    "priorityClassName": "system-node-critical",
    "securityContext": {"runAsUser": 0},
    "hostNetwork": False,
}
TEMPLATE = {"metadata": {"labels": LABELS, "annotations": {"a": "b"}}, "spec": POD}
LASTING = {**POD, "restartPolicy": "OnFailure"}
JOB = {"completions": 2, "parallelism": 1, "backoffLimit": 1, "template": {"spec": LASTING}}
BACKEND = {"service": {"name": "near", "port": {"number": 80}}}
RULE = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
TIME = "2026-01-01T00:00:00Z"
CONDITION = {"type": "Ready", "status": "True", "lastTransitionTime": TIME, "reason": "R", "message": "m"}
OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "near", "uid": "x", "controller": True}
BEHAVIOUR = {"sim.everynode.dev/behaviour": "crash-loop", "sim.everynode.dev/start-delay": "1"}

WHOLE: dict[str, dict[str, Any]] = {
    "Node": {
        "metadata": {"labels": {"disk": "ssd"}, "annotations": {"sim.everynode.dev/down": "true"}},
        "spec": {"taints": [{"key": "spot", "value": "x", "effect": "NoExecute"}], "unschedulable": True},
        "status": {
            "capacity": {"cpu": "2", "memory": "1Gi", "pods": "10"},
            "allocatable": {"cpu": "2", "memory": "1Gi", "pods": "10"},
            "conditions": [CONDITION, {**CONDITION, "type": "DiskPressure", "lastHeartbeatTime": TIME}],
        },
    },
    "Pod": {
        "metadata": {"labels": LABELS, "annotations": BEHAVIOUR, "ownerReferences": [OWNER]},
        "spec": {**POD, "nodeName": "node-1", "restartPolicy": "Never"},
        "status": {
            "phase": "Running",
            "conditions": [CONDITION],
            "podIP": "10.0.0.1",
            "containerStatuses": [{"name": "main", "ready": True, "restartCount": 1, "image": "near:1"}],
        },
    },
    "DaemonSet": {
        "metadata": {"labels": LABELS, "annotations": {"a": "b"}, "finalizers": ["example.com/hold"]},
        "spec": {
            "selector": {"matchLabels": LABELS},
            "updateStrategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0},
            },
            "minReadySeconds": 1,
            "revisionHistoryLimit": 2,
            "template": {"metadata": {"labels": LABELS, "annotations": BEHAVIOUR}, "spec": POD},
        },
        "status": {"currentNumberScheduled": 1, "observedGeneration": 1, "collisionCount": 1},
    },
    "Deployment": {
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": LABELS},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": 1}},
            "progressDeadlineSeconds": 60,
            "template": TEMPLATE,
        },
        "status": {"replicas": 1, "conditions": [CONDITION]},
    },
    "ReplicaSet": {
        "metadata": {"labels": LABELS, "ownerReferences": [OWNER]},
        "spec": {"replicas": 2, "selector": {"matchExpressions": [REQUIREMENT]}, "template": TEMPLATE},
        "status": {"readyReplicas": 1, "conditions": [CONDITION]},
    },
    "StatefulSet": {
        "spec": {
            "replicas": 2,
            "serviceName": "near",
            "selector": {"matchLabels": LABELS},
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {}}],
            "template": TEMPLATE,
        },
        "status": {"currentRevision": "x"},
    },
    "ReplicationController": {"spec": {"replicas": 1, "selector": LABELS, "template": TEMPLATE}},
    "Job": {"spec": JOB, "status": {"active": 1, "startTime": TIME}},
    "CronJob": {"spec": {"schedule": "*/5 * * * *", "jobTemplate": {"spec": JOB}, "suspend": False}},
    "PodTemplate": {"template": TEMPLATE},
    "PodDisruptionBudget": {
        "spec": {"minAvailable": "50%", "selector": {"matchLabels": LABELS}},
        "status": {"disruptionsAllowed": 1},
    },
    "EndpointSlice": {
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["10.0.0.1"]}],
        "ports": [{"port": 80}],
    },
    "NetworkPolicy": {"spec": {"podSelector": {"matchLabels": LABELS}, "policyTypes": ["Ingress"]}},
    "Ingress": {"spec": {"rules": [{"host": "x", "http": {"paths": [{"path": "/", "backend": BACKEND}]}}]}},
    "Role": {"rules": [RULE]},
    "ClusterRole": {"rules": [RULE]},
    "ControllerRevision": {"metadata": {"labels": LABELS}, "revision": 1, "data": {"spec": {"template": {}}}},
    "Event": {
        "metadata": {"namespace": "default"},
        "involvedObject": {"kind": "Pod", "name": "near", "namespace": "default", "uid": "x"},
        "reason": "Seen",
        "message": "m",
        "type": "Normal",
        "count": 1,
        "firstTimestamp": TIME,
        "lastTimestamp": TIME,
        "eventTime": "2026-01-01T00:00:00.000000Z",
        "source": {"component": "c"},
        "series": {"count": 2, "lastObservedTime": "2026-01-01T00:00:00.000000Z"},
        "reportingComponent": "c",
        "reportingInstance": "i",
        "action": "a",
    },
    "Namespace": {
        "metadata": {"labels": LABELS},
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    },
    "ServiceAccount": {"secrets": [{"name": "near"}], "automountServiceAccountToken": False},
    "Service": {
        "spec": {
            "selector": LABELS,
            "ports": [{"port": 80, "targetPort": "web", "nodePort": 30080}],
            "type": "NodePort",
            "clusterIP": "10.0.0.2",
        }
    },
    "Endpoints": {"subsets": [{"addresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 80}]}]},
    "ConfigMap": {"data": {"a": "1"}, "binaryData": {"b": "AA=="}, "immutable": True},
    "Secret": {"type": "Opaque", "data": {"a": "AA=="}, "stringData": {"b": "1"}},
    "Lease": {
        "spec": {
            "holderIdentity": "near",
            "leaseDurationSeconds": 40,
            "renewTime": "2026-01-01T00:00:00.000000Z",
            "leaseTransitions": 1,
        }
    },
    "PersistentVolume": {
        "spec": {
            "capacity": {"storage": "1Gi"},
            "accessModes": ["ReadWriteOnce"],
            "hostPath": {"path": "/"},
            "persistentVolumeReclaimPolicy": "Retain",
        }
    },
    "PersistentVolumeClaim": {
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        "status": {"phase": "Bound"},
    },
    "ResourceQuota": {
        "spec": {"hard": {"pods": "10", "requests.cpu": "1"}},
        "status": {"used": {"pods": "1"}},
    },
    "LimitRange": {"spec": {"limits": [{"type": "Container", "default": {"cpu": "1"}, "max": {"cpu": "2"}}]}},
}
