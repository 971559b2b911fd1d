"""The rules of a pod's rarer settings: identities, name servers, gates and spread."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from controller.engine.admission import grammar
from controller.engine.admission.field_errors import (
    duplicate,
    each_invalid,
    invalid,
    required,
    unsupported,
)
from controller.engine.admission.metadata import key_faults
from controller.engine.errors import Cause
from controller.engine.objects import Manifest

HIGHEST_ID = 2**31 - 1
LONGEST_SYSCTL = 253
SYSCTL = r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
SYSTEMS = ("linux", "windows")
MOST_SERVERS = 3
MOST_SEARCHES = 32
WHEN_UNSATISFIABLE = ("DoNotSchedule", "ScheduleAnyway")
SECCOMP_TYPES = ("Localhost", "RuntimeDefault", "Unconfined")


def identity_faults(context: Manifest, path: str) -> Iterator[Cause]:
    """Yield user and group numbers that are out of range, in a pod or in a container."""
    for field in ("fsGroup", "runAsUser", "runAsGroup"):
        number = context.get(field, 0)
        if not 0 <= number <= HIGHEST_ID:
            yield invalid(f"{path}.{field}", number, grammar.outside(0, HIGHEST_ID))
    for index, number in enumerate(context.get("supplementalGroups") or ()):
        if not 0 <= number <= HIGHEST_ID:
            yield invalid(f"{path}.supplementalGroups[{index}]", number, grammar.outside(0, HIGHEST_ID))
    kind = (context.get("seccompProfile") or {}).get("type")
    if kind and kind not in SECCOMP_TYPES:
        yield unsupported(f"{path}.seccompProfile.type", kind, SECCOMP_TYPES)
    elif "seccompProfile" in context and not kind:
        yield required(f"{path}.seccompProfile.type", "type is required when seccompProfile is set")


def escalation_faults(context: Manifest, path: str) -> Iterator[Cause]:
    """Yield what makes a container privileged that may not gain privileges."""
    if context.get("allowPrivilegeEscalation", True):
        return
    added = (context.get("capabilities") or {}).get("add") or ()
    if context.get("privileged"):
        yield invalid(path, _internal(context), f"{ESCALATION} and `privileged` to true")
    if "CAP_SYS_ADMIN" in added:
        yield invalid(path, _internal(context), f"{ESCALATION} and `capabilities.Add` CAP_SYS_ADMIN")


def _internal(context: Manifest) -> Manifest:
    """Return the context of a container as the server holds it inside: that is what it shows."""
    held = {name[0].upper() + name[1:]: value for name, value in context.items()}
    if "Capabilities" in held:
        given = held["Capabilities"]
        held["Capabilities"] = {"Add": given.get("add"), "Drop": given.get("drop")}
    return {name: held.get(INTERNAL.get(name, name)) for name in CONTEXT}


ESCALATION = "cannot set `allowPrivilegeEscalation` to false"
CONTEXT = (
    "Capabilities",
    "Privileged",
    "SELinuxOptions",
    "WindowsOptions",
    "RunAsUser",
    "RunAsGroup",
    "RunAsNonRoot",
    "ReadOnlyRootFilesystem",
    "AllowPrivilegeEscalation",
    "ProcMount",
    "SeccompProfile",
    "AppArmorProfile",
)
INTERNAL = {"SELinuxOptions": "SeLinuxOptions"}


def host_faults(spec: Manifest, path: str) -> Iterator[Cause]:
    """Yield what is wrong with entries for /etc/hosts, kernel settings and the operating system."""
    for index, setting in enumerate((spec.get("securityContext") or {}).get("sysctls") or ()):
        at, name = f"{path}.securityContext.sysctls[{index}].name", setting.get("name", "")
        if not name:
            yield required(at)
        elif len(name) > LONGEST_SYSCTL or not re.fullmatch(SYSCTL, name):
            said = f"must have at most {LONGEST_SYSCTL} characters and match regex ^{SYSCTL}$"
            yield invalid(at, name, said)
    for index, alias in enumerate(spec.get("hostAliases") or ()):
        at = f"{path}.hostAliases[{index}]"
        if not _is_address(alias.get("ip", "")):
            yield invalid(f"{at}.ip", alias.get("ip", ""), NO_ADDRESS)
        for number, name in enumerate(alias.get("hostnames") or ()):
            yield from each_invalid(f"{at}.hostnames[{number}]", name, grammar.subdomain(name))
    system = (spec.get("os") or {}).get("name", "")
    if "os" in spec and not system:
        yield required(f"{path}.os.name")
    elif system and system not in SYSTEMS:
        yield unsupported(f"{path}.os", system, SYSTEMS)


NO_ADDRESS = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"


def security_faults(spec: Manifest, path: str) -> Iterator[Cause]:
    """Yield what is wrong with a pod's identities, and with namespaces that it shares with the host."""
    yield from identity_faults(spec.get("securityContext") or {}, path)
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        said = "ShareProcessNamespace and HostPID cannot both be enabled"
        yield invalid(f"{path}.shareProcessNamespace", value=True, detail=said)


def dns_faults(spec: Manifest, path: str) -> Iterator[Cause]:
    """Yield what is wrong with ``dnsConfig``, which dnsPolicy None needs."""
    config = spec.get("dnsConfig")
    servers = (config or {}).get("nameservers") or []
    if spec["dnsPolicy"] == "None":
        if config is None:
            yield required(path, "must provide `dnsConfig` when `dnsPolicy` is None")
            return
        if not servers:
            said = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            yield required(f"{path}.nameservers", said)
            return
    if len(servers) > MOST_SERVERS:
        yield invalid(f"{path}.nameservers", servers, f"must not have more than {MOST_SERVERS} nameservers")
    for index, server in enumerate(servers):
        if not _is_address(server):
            yield invalid(f"{path}.nameservers[{index}]", server, NO_ADDRESS)
    searches = (config or {}).get("searches") or []
    if len(searches) > MOST_SEARCHES:
        yield invalid(f"{path}.searches", searches, f"must not have more than {MOST_SEARCHES} search paths")


def _is_address(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def gates_faults(spec: Manifest, path: str) -> Iterator[Cause]:
    """Yield what is wrong with readiness gates and scheduling gates."""
    for index, gate in enumerate(spec.get("readinessGates") or ()):
        yield from key_faults(gate.get("conditionType", ""), f"{path}.readinessGates[{index}].conditionType")
    seen = set[str]()
    for index, gate in enumerate(spec.get("schedulingGates") or ()):
        at, name = f"{path}.schedulingGates[{index}]", gate.get("name", "")
        yield from key_faults(name, at)
        if name in seen:
            yield duplicate(at, name)
        seen.add(name)


def spread_faults(constraints: list[Manifest], path: str) -> Iterator[Cause]:
    """Yield what is wrong with topology spread constraints."""
    for index, constraint in enumerate(constraints):
        at, skew = f"{path}[{index}]", constraint.get("maxSkew", 0)
        if skew <= 0:
            yield invalid(f"{at}.maxSkew", skew, "must be greater than zero")
        if key := constraint.get("topologyKey"):
            yield from key_faults(key, f"{at}.topologyKey")
        else:
            yield required(f"{at}.topologyKey", "can not be empty")
        if constraint.get("whenUnsatisfiable") not in WHEN_UNSATISFIABLE:
            yield unsupported(
                f"{at}.whenUnsatisfiable", constraint.get("whenUnsatisfiable", ""), WHEN_UNSATISFIABLE
            )
