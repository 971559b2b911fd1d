"""The published types, as clients ask for them: documents of OpenAPI 3 and 2."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from controller.apiserver import openapi, swagger
from controller.apiserver.wire import message
from controller.engine.kinds import GROUPS, ROUTES
from tests.apiserver.asking import Asker, DoorClient
from tests.clusters import cluster

PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
GVK = "x-kubernetes-group-version-kind"
CONTAINER = "io.k8s.api.core.v1.Container"


@pytest.fixture(name="asker")
def _asker(db: None) -> Asker:  # noqa: ARG001 - it asks the database
    return Asker(cluster())


def schema(document: bytes) -> Any:
    """Return what gnostic's message says, by name."""
    sent: Any = message("openapi.v2.Document").FromString(document)
    return {each.name: each.value for each in sent.definitions.additional_properties}


def extensions(sent: Any) -> dict[str, Any]:
    """Return the extensions of a message: YAML, as client-go reads them."""
    return {each.name: yaml.safe_load(each.value.yaml) for each in sent.vendor_extension}


def test_client_go_gets_definitions_as_protobuf(asker: Asker) -> None:
    """Its OpenAPISchema() looks a kind up by the extension that names it, and its fields by theirs."""
    response = DoorClient().get(asker.base + "/openapi/v2", headers={"Accept": PROTOBUF})
    assert response["Content-Type"] == "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
    found = schema(response.content)
    kinds = {
        (kind["group"], kind["version"], kind["kind"])
        for sent in found.values()
        for kind in extensions(sent).get(GVK, ())
    }
    assert {(group, version, kind.name) for (group, version, _), kind in ROUTES.items()} <= kinds
    fields = {each.name: each.value for each in found[CONTAINER].properties.additional_properties}
    assert fields["resources"]._ref == "#/definitions/io.k8s.api.core.v1.ResourceRequirements"
    assert extensions(fields["ports"])["x-kubernetes-patch-merge-key"] == "containerPort"
    values = [yaml.safe_load(each.yaml) for each in fields["imagePullPolicy"].enum]
    assert values == ["Always", "IfNotPresent", "Never"]


def test_a_patch_says_that_it_can_be_tried(asker: Asker) -> None:
    """Before a dry run kubectl looks for the parameter at the operation that patches the kind."""
    response = DoorClient().get(asker.base + "/openapi/v2", headers={"Accept": PROTOBUF})
    sent: Any = message("openapi.v2.Document").FromString(response.content)
    patches = [each.value.patch for each in sent.paths.path if each.value.HasField("patch")]
    assert len(patches) == len(ROUTES)
    for patch in patches:
        names = {
            each.parameter.non_body_parameter.query_parameter_sub_schema.name for each in patch.parameters
        }
        assert {"dryRun", "fieldValidation"} <= names
        assert extensions(patch)[GVK]["kind"]


def test_others_get_json(asker: Asker) -> None:
    """References stand beside what is said of them, and every one leads somewhere."""
    told = asker.ask("/openapi/v2")
    assert (told["swagger"], told["info"]["title"]) == ("2.0", "Kubernetes")
    text = json.dumps(told)
    assert "#/components" not in text
    assert "allOf" not in text
    assert "oneOf" not in text
    named = {part.split('"')[0] for part in text.split('"#/definitions/')[1:]}
    assert named <= told["definitions"].keys()
    spec = told["definitions"]["io.k8s.api.core.v1.Pod"]["properties"]["spec"]
    assert spec["$ref"] == "#/definitions/io.k8s.api.core.v1.PodSpec"
    assert spec["description"].startswith("Specification of the desired behavior of the pod")


def test_enumerations_are_listed_and_told() -> None:
    """`kubectl explain` shows both."""
    schemas = json.loads(openapi.document("", "v1"))["components"]["schemas"]
    policy = schemas[CONTAINER]["properties"]["imagePullPolicy"]
    assert policy["enum"] == ["Always", "IfNotPresent", "Never"]
    assert 'Possible enum values:\n - `"Always"` means that kubelet always attempts' in policy["description"]
    modes = schemas["io.k8s.api.core.v1.PersistentVolumeSpec"]["properties"]["accessModes"]["items"]
    assert "ReadWriteOnce" in modes["enum"]


def test_every_operation_has_a_name_of_its_own() -> None:
    """Generators of clients make functions of them."""
    documents = [json.loads(openapi.document(group, version)) for group, version in GROUPS]
    names: list[str] = []
    for document in (*documents, json.loads(swagger.document())):
        names = [
            operation["operationId"]
            for item in document["paths"].values()
            for method, operation in item.items()
            if method != "parameters"
        ]
        assert len(names) == len(set(names))
    assert "listAppsV1DaemonSetForAllNamespaces" in names
