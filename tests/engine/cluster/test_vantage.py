"""What nslookup, getent, curl and wget print in a pod."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from controller.engine.cluster.vantage import SENTENCES, PodVantage
from controller.engine.container.commands import execute
from controller.engine.container.effects import Dial, Out, Pause
from controller.engine.container.environment import Environment, environment_of
from controller.engine.container.sources import ConfigSources
from controller.engine.objects import Pod
from controller.engine.service.network import Network
from controller.engine.service.reach import Source, Why
from controller.engine.views import EndpointSlice, Service
from tests.engine.workloads import QUICK, Workloads

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PODS = """
apiVersion: v1
kind: Pod
metadata: {name: web-0, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: main, image: nginx}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {nodeName: n2, containers: [{name: main, image: busybox}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.96.0.77, selector: {app: web}, ports: [{port: 80}, {name: bad, port: 81}]}
---
apiVersion: v1
kind: Service
metadata: {name: all}
spec: {clusterIP: None, selector: {app: web}}
---
apiVersion: v1
kind: Service
metadata: {name: nobody}
spec: {selector: {app: none}, ports: [{port: 80}]}
""".replace("{port: 80}, ", "{name: http, port: 80}, ")

Shell = Callable[..., tuple[str, str, int]]


def inside(play: Workloads) -> Environment:
    """Return the inside of the client."""
    pod = play.the("Pod", "client").manifest
    return environment_of(pod, pod["spec"]["containers"][0], play.node("n2").manifest, ConfigSources())


@pytest.fixture(scope="module")
def play() -> Workloads:
    """A pod behind two Services, and a client on another machine."""
    made = Workloads("n1", "n2", settings=QUICK)
    made.create(PODS)
    made.settle()
    return made


@pytest.fixture
def run(play: Workloads) -> Shell:
    """Run a line in the client: what it prints, what it complains of, its exit code."""
    world = play.world
    services, slices = world.all_of(Service).values(), world.all_of(EndpointSlice).values()
    network = Network(services, slices, world.nodes.values(), world.pods)
    vantage = PodVantage(network, Source.of(cast("Pod", play.the("Pod", "client"))))

    def ran(line: str) -> tuple[str, str, int]:
        texts, answer = {False: "", True: ""}, cast("Any", None)
        steps = execute(["sh", "-c", line], inside(play), lambda: NOW)
        try:
            while True:
                effect = steps.send(answer)
                answer = vantage if isinstance(effect, Dial) else None
                if isinstance(effect, Out):
                    texts[effect.error] += effect.text
                elif isinstance(effect, Pause):
                    texts[True] += f"<{effect.seconds:g} s>"
        except StopIteration as end:
            return texts[False], texts[True], end.value

    return ran


def ip(play: Workloads) -> str:
    """Return the address of the pod that answers."""
    return str(play.the("Pod", "web-0").manifest["status"]["podIP"])


def test_nslookup(run: Shell, play: Workloads) -> None:
    """It prints the server, and every address of the name, or that there is none and why."""
    server = "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n"
    found = f"{server}Name:\tweb.default.svc.cluster.local\nAddress: 10.96.0.77\n\n"
    assert run("nslookup web") == (found, "", 0)
    assert run("nslookup all")[0].endswith(f"Address: {ip(play)}\n\n")
    missing = f"{server}** server can't find nosuch.default.svc.cluster.local: NXDOMAIN\n\n"
    assert run("nslookup nosuch") == (missing, f"(Everynode: {SENTENCES[Why.NO_NAME]})\n", 1)
    assert run("nslookup") == ("", "Usage: nslookup HOST [DNS_SERVER]\n", 1)


def test_getent(run: Shell) -> None:
    """It prints what names stand for, a line each."""
    assert run("getent hosts web") == ("10.96.0.77      web.default.svc.cluster.local\n", "", 0)
    out, error, code = run("getent hosts nosuch web")
    assert (out, code) == ("10.96.0.77      web.default.svc.cluster.local\n", 2)
    assert SENTENCES[Why.NO_NAME] in error
    assert run("getent passwd") == ("", "usage: getent hosts NAME...\n", 1)


def test_curl_says_who_answered(run: Shell, play: Workloads) -> None:
    """The pod, its machine, its address, and the Service that led there."""
    answer = f"web-0 answers on n1: {ip(play)}:80, by Service default/web\n"
    assert run("curl http://web/some/path") == (answer, "", 0)
    assert run("curl -s web.default") == (answer, "", 0)
    assert run(f"curl {ip(play)}:80") == (answer.replace(", by Service default/web", ""), "", 0)
    assert run("curl -so /dev/null -w '%{http_code} %{remote_port}\\n' web") == ("200 80\n", "", 0)
    assert run("curl --output=/dev/null --silent web web") == ("", "", 0)


def test_curl_shows_headers(run: Shell) -> None:
    """Before the answer, alone, or on the side."""
    assert run("curl -i web")[0].startswith("HTTP/1.1 200 OK\r\n")
    assert run("curl -I web")[0].endswith("\r\n\r\n")
    out, error, _ = run("curl -v web")
    assert out.startswith("web-0 answers")
    assert "*   Trying 10.96.0.77...\n> GET / HTTP/1.1\n> Host: web\n>\n< HTTP/1.1 200 OK\n" in error


@pytest.mark.parametrize(
    ("line", "said", "why", "code"),
    [
        ("curl nosuch", "curl: (6) Could not resolve host: nosuch", Why.NO_NAME, 6),
        (
            "curl all:81",
            "curl: (7) Failed to connect to all port 81 after 0 ms: Could not connect to server",
            "the pod web-0 does not listen on port 81",
            7,
        ),
        (
            "curl nobody",
            "curl: (7) Failed to connect to nobody port 80 after 0 ms: Could not connect to server",
            "no pod with this port is behind the Service default/nobody",
            7,
        ),
        (
            "curl -m 2 10.1.2.3",
            "<2 s>curl: (28) Failed to connect to 10.1.2.3 port 80 after 2000 ms: Timeout was reached",
            Why.NO_ADDRESS,
            28,
        ),
        (
            "curl -m x web:99",
            "<3 s>curl: (28) Failed to connect to web port 99 after 3000 ms: Timeout was reached",
            "the Service default/web has no port 99",
            28,
        ),
        ("wget -qO- nosuch", "wget: bad address 'nosuch'", Why.NO_NAME, 1),
        (
            "wget -q -O - web:81",
            "wget: can't connect to remote host (10.96.0.77): Connection refused",
            "the pod web-0 does not listen on port 81",
            1,
        ),
        ("wget -T 1 -qO- 10.1.2.3", "<1 s>wget: download timed out", Why.NO_ADDRESS, 1),
    ],
)
def test_nobody_answers(run: Shell, line: str, said: str, why: str, code: int) -> None:
    """The program says it in its own words, with its own exit code; a line beside it says why."""
    sentence = SENTENCES[why] if isinstance(why, Why) else why
    assert run(line) == ("", f"{said}\n(Everynode: {sentence})\n", code)


def test_silence(run: Shell) -> None:
    """A silent curl says nothing, unless errors are to be shown."""
    assert run("curl -s nosuch") == ("", "", 6)
    assert "(6)" in run("curl -sS nosuch")[1]
    assert run("curl -s -o /dev/null -w '%{http_code}' nosuch") == ("000", "", 6)


def test_wget(run: Shell) -> None:
    """It prints to the standard output or nowhere: nothing is stored here."""
    out, error, code = run("wget -O- http://web")
    assert out.startswith("web-0 answers")
    assert (error, code) == ("Connecting to web (10.96.0.77:80)\n", 0)
    assert run("wget -q -O /dev/null web") == ("", "", 0)
    assert run("wget -q --spider web") == ("remote file exists\n", "", 0)
    assert run("wget -q web") == (
        "",
        "wget: can't open 'index.html': Read-only file system (write to -O -)\n",
        1,
    )


@pytest.mark.parametrize("url", ["http://web:x", "ftp://web", "http://", "web:99999"])
def test_what_is_no_url(run: Shell, url: str) -> None:
    """It is refused before anybody is asked."""
    malformed = "curl: (3) URL rejected: Malformed input to a URL function\n"
    assert run(f"curl {url}") == ("", malformed, 3)
    assert run(f"wget {url}") == ("", "Usage: wget [-q] [-O FILE] [-T SEC] URL\n", 1)


def test_nothing_to_ask(run: Shell) -> None:
    """Without a URL both say how they are used; an option may lack its value."""
    assert run("curl")[2] == 2
    assert run("wget -q")[2] == 1
    assert run("curl web -o")[2] == 0


def test_every_reason_has_a_sentence() -> None:
    """No answer stays without a word."""
    assert set(SENTENCES) == set(Why)
