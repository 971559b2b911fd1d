"""Services: what is filled in, what is refused, and which addresses and node ports they are given."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.admission.addresses import GIVEN, NODE_PORTS, RESERVED, Taken
from controller.engine.admission.admit import admit_create, admit_update
from controller.engine.errors import Invalid
from controller.engine.objects import Manifest, Moment
from tests.engine.play import BORN

NOW = Moment(BORN, 0)
EIGHTY = [{"port": 80}]


def made(taken: Taken | None = None, name: str = "web", **spec: Any) -> Manifest:
    """Return a new Service."""
    raw = {"metadata": {"name": name}, "spec": spec}
    return admit_create("Service", raw, NOW, "uid", "abcde", taken=lambda: taken or Taken())


def changed(old: Manifest, taken: Taken | None = None, **spec: Any) -> Manifest:
    """Return the spec of a Service whose spec was patched; None takes a field away."""
    wanted = {field: value for field, value in {**old["spec"], **spec}.items() if value is not None}
    new = {**old, "spec": wanted}
    result: Manifest = admit_update("Service", old, new, taken=lambda: taken or Taken())["spec"]
    return result


def refused(**spec: Any) -> str:
    """Return what is said of a Service that is refused."""
    with pytest.raises(Invalid) as error:
        made(**spec)
    return error.value.sentence.removeprefix('Service "web" is invalid: ')


def test_a_service_gets_an_address_and_its_ports_a_protocol() -> None:
    """The address is always the same for a name."""
    spec = made(ports=EIGHTY)["spec"]

    assert spec.pop("clusterIPs") == [spec["clusterIP"]]
    assert spec.pop("clusterIP").startswith("10.96.")
    assert spec == {
        "type": "ClusterIP",
        "sessionAffinity": "None",
        "internalTrafficPolicy": "Cluster",
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}],
    }
    assert made(ports=EIGHTY) == made(ports=EIGHTY)
    assert made(ports=EIGHTY)["status"] == {"loadBalancer": {}}


def test_one_without_an_address() -> None:
    """Headless ones keep None; a name for something outside has nothing of the kind."""
    headless = made(clusterIP="None", selector={"a": "b"})["spec"]
    assert (headless["clusterIPs"], headless["ipFamilies"]) == (["None"], ["IPv4"])
    assert made(clusterIP="None")["spec"]["ipFamilyPolicy"] == "RequireDualStack"
    outside = made(type="ExternalName", externalName="example.org")["spec"]
    assert outside == {"type": "ExternalName", "externalName": "example.org", "sessionAffinity": "None"}


def test_no_two_have_the_same_address() -> None:
    """The next free one is taken; the name server's is never given, and a full range is refused."""
    first = made(ports=EIGHTY)["spec"]
    second = made(Taken.by([made(ports=EIGHTY)]), ports=EIGHTY)["spec"]
    assert first["clusterIP"] != second["clusterIP"]

    every = frozenset(map(str, GIVEN)) - RESERVED
    last = next(iter(every))
    assert made(Taken(every - {last}), ports=EIGHTY)["spec"]["clusterIP"] == last
    with pytest.raises(Invalid, match="range is full"):
        made(Taken(every), ports=EIGHTY)


def test_an_address_that_is_asked_for() -> None:
    """It has to be free and in the range."""
    assert made(ports=EIGHTY, clusterIP="10.97.0.7")["spec"]["clusterIPs"] == ["10.97.0.7"]
    assert made(ports=EIGHTY, clusterIPs=["10.97.0.7"])["spec"]["clusterIP"] == "10.97.0.7"
    with pytest.raises(Invalid) as error:
        made(Taken(frozenset({"10.97.0.7"})), ports=EIGHTY, clusterIP="10.97.0.7")
    with pytest.raises(Invalid, match=r"10\.1\.2\.3: the provided network does not match the current range"):
        made(ports=EIGHTY, clusterIP="10.1.2.3")
    with pytest.raises(Invalid, match=r"80: provided port is not in the valid range\. The range of valid"):
        made(type="NodePort", ports=[{"port": 1, "nodePort": 80}])
    assert error.value.sentence == (
        'Service "web" is invalid: spec.clusterIPs: Invalid value: ["10.97.0.7"]: '
        "failed to allocate IP 10.97.0.7: provided IP is already allocated"
    )


def test_node_ports() -> None:
    """Each port gets one, protocols of a port share theirs; taken ones are refused."""
    ports = [
        {"name": "a", "port": 53, "protocol": "UDP"},
        {"name": "b", "port": 53, "nodePort": 30053},
        {"name": "c", "port": 80},
    ]
    spec = made(type="NodePort", ports=ports)["spec"]
    numbers = [port["nodePort"] for port in spec["ports"]]
    assert numbers[:2] == [30053, 30053]
    assert numbers[2] in NODE_PORTS
    assert spec["externalTrafficPolicy"] == "Cluster"

    held = Taken.by([made(type="NodePort", ports=ports)])
    assert held.ports == frozenset(numbers)
    with pytest.raises(Invalid, match=r"spec.ports\[0\].nodePort: .*: 30053: provided port is already alloc"):
        made(held, type="NodePort", ports=[{"port": 1, "nodePort": 30053}])
    assert made(held, type="NodePort", ports=EIGHTY)["spec"]["ports"][0]["nodePort"] not in numbers
    with pytest.raises(Invalid, match="failed to allocate a nodePort: range is full"):
        made(Taken(ports=frozenset(NODE_PORTS)), type="NodePort", ports=EIGHTY)


def test_a_load_balancer() -> None:
    """It has node ports unless it wants none, and one to ask for its health if it stays on a node."""
    spec = made(type="LoadBalancer", ports=EIGHTY, externalTrafficPolicy="Local")["spec"]
    assert spec["allocateLoadBalancerNodePorts"]
    assert {spec["healthCheckNodePort"], spec["ports"][0]["nodePort"]} <= set(NODE_PORTS)
    bare = made(type="LoadBalancer", ports=EIGHTY, allocateLoadBalancerNodePorts=False)["spec"]
    assert "nodePort" not in bare["ports"][0]

    old = made(type="LoadBalancer", ports=EIGHTY, externalTrafficPolicy="Local")
    assert changed(old)["healthCheckNodePort"] == old["spec"]["healthCheckNodePort"]
    assert "healthCheckNodePort" not in changed(old, type="NodePort")


def test_what_was_given_stays_and_is_freed_with_the_type() -> None:
    """Who leaves out the address or a node port keeps it; another type frees it."""
    old = made(type="NodePort", ports=EIGHTY)
    number = old["spec"]["ports"][0]["nodePort"]

    assert changed(old, ports=EIGHTY, clusterIP=None, clusterIPs=None)["ports"][0]["nodePort"] == number
    assert changed(old, clusterIP=None, clusterIPs=None)["clusterIP"] == old["spec"]["clusterIP"]
    assert changed(old, clusterIPs=None)["clusterIPs"] == [old["spec"]["clusterIP"]]
    assert changed(old, ipFamilies=None)["ipFamilies"] == ["IPv4"]
    freed = changed(old, type="ClusterIP")
    assert ("nodePort" in freed["ports"][0], "externalTrafficPolicy" in freed) == (False, False)
    named = changed(old, type="ExternalName", externalName="example.org")
    assert {"clusterIP", "clusterIPs", "ipFamilies"}.isdisjoint(named)
    again = {**old, "spec": named}
    assert changed(again, type="ClusterIP", ports=EIGHTY)["clusterIP"].startswith("10.96.")


def test_what_somebody_asks_for_with_another_type_is_not_dropped() -> None:
    """A node port that is new and has no place is refused, a changed policy too."""
    old = made(type="NodePort", ports=EIGHTY)
    with pytest.raises(Invalid, match="may not be used when `type` is 'ClusterIP'"):
        changed(old, type="ClusterIP", ports=[{"port": 80, "nodePort": 30001}])
    with pytest.raises(Invalid, match="may only be set for externally-accessible services"):
        changed(old, type="ClusterIP", externalTrafficPolicy="Local")


def test_an_address_does_not_change() -> None:
    """Neither to another one, nor to none, nor from none to one."""
    old, headless = made(ports=EIGHTY), made(ports=EIGHTY, clusterIP="None")
    said = r'spec.clusterIPs\[0\]: Invalid value: \["10.96.77.77"\]: may not change once set'
    with pytest.raises(Invalid, match=said):
        changed(headless, clusterIP="10.96.77.77")
    with pytest.raises(Invalid, match=said):
        changed(old, clusterIP="10.96.77.77")
    two = {**old, "spec": {**old["spec"], "clusterIPs": [old["spec"]["clusterIP"], "fd00::1"]}}
    with pytest.raises(Invalid, match="primary clusterIP can not be unset"):
        changed(two, clusterIPs=[old["spec"]["clusterIP"]])
    assert changed(headless, selector={"a": "b"})["clusterIP"] == "None"


A, B = {"name": "a", "port": 80}, {"name": "b", "port": 81}


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        pytest.param({}, "spec.ports: Required value", id="no ports"),
        pytest.param(
            {"ports": [{"port": 70000}]},
            "[spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive, "
            "spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive]",
            id="no such port",
        ),
        pytest.param({"ports": [A, {"port": 81}]}, "spec.ports[1].name: Required value", id="two need names"),
        pytest.param(
            {"ports": [A, {**B, "name": "a"}]}, 'spec.ports[1].name: Duplicate value: "a"', id="name twice"
        ),
        pytest.param(
            {"ports": [A, {**B, "port": 80}]},
            'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP",'
            '"AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
            id="port twice",
        ),
        pytest.param(
            {"ports": [{**A, "targetPort": "a_b"}]},
            'spec.ports[0].targetPort: Invalid value: "a_b": must '
            "contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
            id="target",
        ),
        pytest.param(
            {"ports": [{**A, "protocol": "ICMP"}]},
            'spec.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
            id="protocol",
        ),
        pytest.param(
            {"ports": [{**A, "appProtocol": "kubernetes.io/h2c"}], "clusterIP": "nowhere"},
            'spec.clusterIPs[0]: Invalid value: "nowhere": must be a valid IP address, (e.g. 10.9.8.7 or '
            "2001:db8::ffff)",
            id="no address",
        ),
        pytest.param(
            {"ports": EIGHTY, "externalIPs": ["192.0.2.1", "x"]},
            'spec.externalIPs[1]: Invalid value: "x": must be a '
            "valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
            id="external address",
        ),
        pytest.param({"type": "ExternalName"}, "spec.externalName: Required value", id="no name outside"),
        pytest.param(
            {"type": "ExternalName", "externalName": "a.b", "clusterIP": "10.96.0.9"},
            "spec.clusterIPs: Forbidden: may not be set for ExternalName services",
            id="name with address",
        ),
        pytest.param(
            {"type": "NodePort", "clusterIP": "None", "ports": EIGHTY},
            "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services",
            id="headless node port",
        ),
        pytest.param(
            {"type": "LoadBalancer", "ports": [{"port": 10250}]},
            "spec.ports[0].port: Invalid value: 10250: "
            "may not expose port 10250 externally since it is used by kubelet",
            id="the kubelet's",
        ),
        pytest.param(
            {"type": "NodePort", "ports": [{**A, "nodePort": 30001}, {**B, "nodePort": 30001}]},
            "spec.ports[1].nodePort: Invalid value: 30001: provided port is already allocated",
            id="node port twice",
        ),
        pytest.param(
            {"ports": EIGHTY, "sessionAffinity": "ClientIP", "sessionAffinityConfig": {}},
            "spec.sessionAffinityConfig.clientIP: Required value: when session affinity type is ClientIP",
            id="affinity",
        ),
        pytest.param(
            {
                "ports": EIGHTY,
                "sessionAffinity": "ClientIP",
                "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 0}},
            },
            "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 "
            "and less than 86400",
            id="affinity for no time",
        ),
        pytest.param(
            {"ports": EIGHTY, "ipFamilies": ["IPv6", "IPv4"], "ipFamilyPolicy": "SingleStack"},
            "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or "
            "'PreferDualStack' when multiple IP families are specified",
            id="two families in one",
        ),
        pytest.param(
            {"ports": EIGHTY, "ipFamilyPolicy": "RequireDualStack"},
            'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": '
            "this cluster is not configured for dual-stack services",
            id="both families",
        ),
        pytest.param(
            {"ports": EIGHTY, "ipFamilies": ["IPv6"]},
            'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
            id="another family",
        ),
        pytest.param(
            {"ports": EIGHTY, "ipFamilies": ["IPv4", "IPv6"], "ipFamilyPolicy": "PreferDualStack"},
            'spec.ipFamilies[1]: Invalid value: "IPv6": not configured on this cluster',
            id="one family of two",
        ),
        pytest.param(
            {"ports": EIGHTY, "selector": {"a": "b c"}}, "spec.selector: Invalid value", id="selector"
        ),
    ],
)
def test_faults(spec: dict[str, Any], said: str) -> None:
    """They are said in the words of the API server, all at once."""
    assert refused(**spec).startswith(said)


def test_any_family_without_addresses() -> None:
    """A headless Service whose pods nobody selects is given no address, of whichever family it says it is."""
    assert made(clusterIP="None", ipFamilies=["IPv6"])["spec"]["ipFamilies"] == ["IPv6"]


def test_affinity_lasts_three_hours() -> None:
    """Who stays with a pod does so for a time."""
    spec = made(ports=EIGHTY, sessionAffinity="ClientIP")["spec"]
    assert spec["sessionAffinityConfig"] == {"clientIP": {"timeoutSeconds": 10800}}
    assert "sessionAffinityConfig" not in made(ports=EIGHTY, sessionAffinityConfig={"clientIP": {}})["spec"]


@pytest.mark.parametrize(
    "field", ["externalTrafficPolicy", "internalTrafficPolicy", "sessionAffinity", "type"]
)
def test_words_of_a_closed_set(field: str) -> None:
    """What is none of the words is refused."""
    kind = {} if field == "type" else {"type": "NodePort"}
    assert f'spec.{field}: Unsupported value: "Maybe"' in refused(ports=EIGHTY, **{**kind, field: "Maybe"})


def test_two_ports_of_one_number_on_the_node() -> None:
    """The same node port may serve two protocols, not one protocol twice."""
    twice = [{**A, "nodePort": 30001}, {**A, "name": "b", "nodePort": 30001}]
    assert "spec.ports[1].nodePort: Duplicate value: 30001" in refused(type="NodePort", ports=twice)
    both = [twice[0], {**twice[1], "protocol": "UDP"}]
    assert len(made(type="NodePort", ports=both)["spec"]["ports"]) == 2
