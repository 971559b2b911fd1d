"""Network policies and ingresses: kept and checked, so that charts install; nothing here acts on them."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator

from controller.engine.admission import grammar
from controller.engine.admission.field_errors import (
    each_invalid,
    forbidden,
    invalid,
    required,
    too_long,
    unsupported,
)
from controller.engine.admission.metadata import IMMUTABLE
from controller.engine.admission.selectors import label_selector_faults
from controller.engine.errors import Cause
from controller.engine.objects import Manifest

PROTOCOLS = ("SCTP", "TCP", "UDP")
DIRECTIONS = ("Egress", "Ingress")
NO_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
EXACT, PREFIX = "Exact", "Prefix"
PATH_TYPES = (EXACT, "ImplementationSpecific", PREFIX)
NOT_IN_PATHS = ("//", "/./", "/../", "%2f", "%2F")
NOT_AT_THE_END = ("/..", "/.")
CLASS_ANNOTATION = "kubernetes.io/ingress.class"
LONGEST_CONTROLLER = 250


# -- network policies ------------------------------------------------------------------------------


def _policy(raw: Manifest) -> Manifest:
    spec = {"podSelector": {}, **(raw.get("spec") or {})}
    for direction in ("ingress", "egress"):
        if spec.get(direction):
            spec[direction] = [_rule(rule) for rule in spec[direction]]
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", *(["Egress"] if spec.get("egress") else [])]
    return {**raw, "spec": spec}


def _rule(raw: Manifest) -> Manifest:
    return (
        {**raw, "ports": [{"protocol": "TCP", **port} for port in raw["ports"]]} if raw.get("ports") else raw
    )


def _policy_faults(manifest: Manifest) -> Iterator[Cause]:
    spec = manifest["spec"]
    yield from label_selector_faults(spec["podSelector"], "spec.podSelector")
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(direction) or ()):
            path = f"spec.{direction}[{index}]"
            for number, port in enumerate(rule.get("ports") or ()):
                yield from _policy_port_faults(port, f"{path}.ports[{number}]")
            for number, peer in enumerate(rule.get(peers) or ()):
                yield from _peer_faults(peer, f"{path}.{peers}[{number}]")
    types = spec["policyTypes"]
    if len(types) > len(DIRECTIONS):
        yield invalid("spec.policyTypes", types, "may not specify more than two policyTypes")
        return
    for index, one in enumerate(types):
        if one not in DIRECTIONS:
            yield unsupported(f"spec.policyTypes[{index}]", one, DIRECTIONS)


def _policy_port_faults(port: Manifest, path: str) -> Iterator[Cause]:
    if port["protocol"] not in PROTOCOLS:
        yield unsupported(f"{path}.protocol", port["protocol"], PROTOCOLS)
    number, last = port.get("port"), port.get("endPort")
    if number is not None:
        wrong = grammar.port_name(number) if isinstance(number, str) else grammar.port_number(number)
        yield from each_invalid(f"{path}.port", number, wrong)
    if last is None:
        return
    if number is None:
        yield invalid(f"{path}.endPort", last, "may not be specified when `port` is not specified")
    elif isinstance(number, str):
        yield invalid(f"{path}.endPort", last, "may not be specified when `port` is non-numeric")
    elif last < number:
        yield invalid(f"{path}.endPort", last, "must be greater than or equal to `port`")
    else:
        yield from each_invalid(f"{path}.endPort", last, grammar.port_number(last))


def _peer_faults(peer: Manifest, path: str) -> Iterator[Cause]:
    for field in ("podSelector", "namespaceSelector"):
        yield from label_selector_faults(peer.get(field), f"{path}.{field}")
    if "ipBlock" in peer:
        yield from _block_faults(peer["ipBlock"], f"{path}.ipBlock")
    if not peer:
        yield required(path, "must specify a peer")
    elif "ipBlock" in peer and len(peer) > 1:
        yield forbidden(path, "may not specify both ipBlock and another peer")


def _block_faults(block: Manifest, path: str) -> Iterator[Cause]:
    cidr = block.get("cidr") or ""
    if not cidr:
        yield required(f"{path}.cidr")
        return
    whole = _network(cidr)
    if whole is None:
        yield invalid(f"{path}.cidr", cidr, NO_CIDR)
    for index, text in enumerate(block.get("except") or ()):
        left_out, at = _network(text), f"{path}.except[{index}]"
        if left_out is None:
            yield invalid(at, text, NO_CIDR)
        elif whole and not (_within(left_out, whole) and left_out.prefixlen > whole.prefixlen):
            yield invalid(at, text, "must be a strict subset of `cidr`")


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(text: str) -> Network | None:
    if "/" not in text:
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _within(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner.network_address in outer


# -- ingresses -------------------------------------------------------------------------------------


def _ingress_faults(manifest: Manifest) -> Iterator[Cause]:
    spec = manifest.get("spec") or {}
    rules = spec.get("rules") or []
    if not rules and "defaultBackend" not in spec:
        yield invalid("spec", [], "either `defaultBackend` or `rules` must be specified")
    if "defaultBackend" in spec:
        yield from _backend_faults(spec["defaultBackend"], "spec.defaultBackend")
    for index, rule in enumerate(rules):
        yield from _ingress_rule_faults(rule, f"spec.rules[{index}]")
    for index, tls in enumerate(spec.get("tls") or ()):
        for number, host in enumerate(tls.get("hosts") or ()):
            yield from each_invalid(f"spec.tls[{index}].hosts[{number}]", host, _host(host))
    if name := spec.get("ingressClassName"):
        yield from each_invalid("spec.ingressClassName", name, grammar.subdomain(name))


def _new_ingress_faults(manifest: Manifest) -> Iterator[Cause]:
    yield from _ingress_faults(manifest)
    annotated = (manifest["metadata"].get("annotations") or {}).get(CLASS_ANNOTATION)
    if annotated and (manifest.get("spec") or {}).get("ingressClassName"):
        path = f"metadata.annotations.{CLASS_ANNOTATION}"
        yield invalid(path, annotated, "can not be set when the class field is also set")


def _host(host: str) -> list[str]:
    return grammar.wildcard_subdomain(host) if "*" in host else grammar.subdomain(host)


def _ingress_rule_faults(rule: Manifest, path: str) -> Iterator[Cause]:
    host = rule.get("host") or ""
    if host and _is_address(host):
        yield invalid(f"{path}.host", host, "must be a DNS name, not an IP address")
    elif host:
        yield from each_invalid(f"{path}.host", host, _host(host))
    if "http" not in rule:
        return
    paths = rule["http"].get("paths") or []
    if not paths:
        yield required(f"{path}.http.paths")
    for index, one in enumerate(paths):
        yield from _path_faults(one, f"{path}.http.paths[{index}]")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _path_faults(one: Manifest, path: str) -> Iterator[Cause]:
    kind, text = one.get("pathType"), one.get("path") or ""
    if not kind:
        yield required(f"{path}.pathType", "pathType must be specified")
    elif kind not in PATH_TYPES:
        yield unsupported(f"{path}.pathType", kind, PATH_TYPES)
    elif kind in {EXACT, PREFIX}:
        if not text.startswith("/"):
            yield invalid(f"{path}.path", text, "must be an absolute path")
        for part in NOT_IN_PATHS:
            if part in text:
                yield invalid(f"{path}.path", text, f"must not contain '{part}'")
        for part in NOT_AT_THE_END:
            if text.endswith(part):
                yield invalid(f"{path}.path", text, f"cannot end with '{part}'")
    elif text and not text.startswith("/"):
        yield invalid(f"{path}.path", text, "must be an absolute path")
    yield from _backend_faults(one.get("backend") or {}, f"{path}.backend")


def _backend_faults(backend: Manifest, path: str) -> Iterator[Cause]:
    if "resource" in backend and "service" in backend:
        yield invalid(path, "", "cannot set both resource and service backends")
    elif "resource" in backend:
        for field in ("kind", "name"):
            if not backend["resource"].get(field):
                yield required(f"{path}.resource.{field}")
    elif "service" in backend:
        yield from _service_backend_faults(backend["service"], path)
    else:
        yield required(path, "resource or service backend is required")


def _service_backend_faults(service: Manifest, path: str) -> Iterator[Cause]:
    name, port = service.get("name") or "", service.get("port") or {}
    if name:
        yield from each_invalid(f"{path}.service.name", name, grammar.label(name))
    else:
        yield required(f"{path}.service.name")
    called, number = port.get("name"), port.get("number")
    if called and number:
        yield invalid(path, "", "cannot set both port name & port number")
    elif called:
        yield from each_invalid(f"{path}.service.port.name", called, grammar.port_name(called))
    elif number:
        yield from each_invalid(f"{path}.service.port.number", number, grammar.port_number(number))
    else:
        yield required(path, "port name or number is required")


def _class(raw: Manifest) -> Manifest:
    spec = raw.get("spec") or {}
    if "parameters" not in spec:
        return raw
    return {**raw, "spec": {**spec, "parameters": {"scope": "Cluster", **spec["parameters"]}}}


def _class_faults(manifest: Manifest) -> Iterator[Cause]:
    name, path = (manifest.get("spec") or {}).get("controller") or "", "spec.controller"
    if not name:
        yield required(path)
        return
    if len(name) > LONGEST_CONTROLLER:
        yield too_long(path, LONGEST_CONTROLLER)
    domain, _slash, rest = name.partition("/")
    if not domain or not rest:
        yield invalid(path, name, 'must be a domain-prefixed path (such as "acme.io/foo")')
    else:
        yield from each_invalid(path, domain, grammar.subdomain(domain))


def _class_update_faults(old: Manifest, new: Manifest) -> Iterator[Cause]:
    yield from _class_faults(new)
    before, after = (one.get("spec") or {} for one in (old, new))
    if before.get("controller") != after.get("controller"):
        yield invalid("spec.controller", after.get("controller", ""), IMMUTABLE)


DEFAULTS: dict[str, Callable[[Manifest], Manifest]] = {"IngressClass": _class, "NetworkPolicy": _policy}
CREATE: dict[str, Callable[[Manifest], Iterator[Cause]]] = {
    "Ingress": _new_ingress_faults,
    "IngressClass": _class_faults,
    "NetworkPolicy": _policy_faults,
}
UPDATE: dict[str, Callable[[Manifest, Manifest], Iterator[Cause]]] = {
    "Ingress": lambda _old, new: _ingress_faults(new),
    "IngressClass": _class_update_faults,
    "NetworkPolicy": lambda _old, new: _policy_faults(new),
}
