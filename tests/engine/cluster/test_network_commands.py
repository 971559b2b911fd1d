"""What containers whose command asks the network find out, and how they end."""

from __future__ import annotations

from math import inf

import pytest

from controller.engine.cluster.vantage import SENTENCES
from controller.engine.container.filesystem import ACCOUNT
from controller.engine.container.recorded import recorded
from controller.engine.container.scripts import Rounds
from controller.engine.objects import Manifest
from controller.engine.service.reach import Why
from tests.engine.cluster.test_vantage import PODS
from tests.engine.workloads import QUICK, Workloads

SAVED, NO_NAME = "saving to 'index.html'", SENTENCES[Why.NO_NAME]
COMMANDS = """
apiVersion: v1
kind: Pod
metadata: {name: NAME}
spec:
  restartPolicy: POLICY
  containers: [{name: main, image: busybox, command: COMMAND}]
"""


@pytest.fixture
def play() -> Workloads:
    """A pod behind a Service, on one of two machines."""
    made = Workloads("n1", "n2", settings=QUICK)
    made.create(PODS)
    made.settle()
    return made


def command(play: Workloads, name: str, text: str, policy: str = "Never") -> Manifest:
    """Run a pod with a command; return it a while later."""
    made = COMMANDS.replace("NAME", name).replace("POLICY", policy).replace("COMMAND", text)
    play.create(made)
    play.wait(30)
    return play.the("Pod", name).manifest


def printed(pod: Manifest, run: int = 0) -> tuple[int, list[str]]:
    """Return the code with which a run of the pod's container ended, and what it printed."""
    script = recorded(pod, "main", run)
    assert script
    return script.code, [line[1] for line in script.lines if not isinstance(line, Rounds)]


@pytest.mark.parametrize(
    ("text", "phase", "lines"),
    [
        ("[wget, web]", "Succeeded", ["Connecting to web (ADDRESS:80)", SAVED, "'index.html' saved"]),
        ("[sh, -c, 'wget -q web/a && cat /a']", "Succeeded", ["ANSWER"]),
        ("[wget, -qO-, nowhere]", "Failed", ["wget: bad address 'nowhere'", f"(Everynode: {NO_NAME})"]),
        ("[sh, -c, 'nslookup nowhere; exit 7']", "Failed", None),
    ],
)
def test_a_command_that_asks_the_network_is_carried_out(
    play: Workloads, text: str, phase: str, lines: list[str] | None
) -> None:
    """As the network is when it runs: the pod ends with its code, and what it printed is kept."""
    pod = command(play, "caller", text)
    assert pod["status"]["phase"] == phase
    ended = pod["status"]["containerStatuses"][0]["state"]["terminated"]
    code, found = printed(pod)
    assert ended["exitCode"] == code
    if lines is not None:
        address = "10.96.0.77"
        assert [line.replace(address, "ADDRESS") for line in found if "answers on" not in line] == [
            line for line in lines if line != "ANSWER"
        ]
        assert any("answers on" in line for line in found) == ("ANSWER" in lines)
    play.remove("Service", "web")
    play.wait(5)
    assert printed(play.the("Pod", "caller").manifest) == (code, found)
    assert play.differences() == []


def test_each_run_of_a_command_asks_anew(play: Workloads) -> None:
    """What came of the last two is kept."""
    assert command(play, "caller", "[wget, -qO-, late]", "OnFailure")["status"]["phase"] == "Running"
    spec = {"selector": {"app": "web"}, "ports": [{"port": 80}], "clusterIP": "10.96.7.7"}
    play.make("Service", {"metadata": {"name": "late"}, "spec": spec})
    play.wait(60)
    status = play.the("Pod", "caller").manifest["status"]
    assert status["phase"] == "Succeeded"
    runs = status["containerStatuses"][0]["restartCount"]
    pod = play.the("Pod", "caller").manifest
    assert [printed(pod, run)[0] for run in (runs - 1, runs)] == [1, 0]
    assert recorded(pod, "main", runs - 2) is None


def test_what_is_not_simulated_is_not_followed_on_the_network_either(play: Workloads) -> None:
    """It runs as the program of its image does, and nothing is kept of it."""
    pod = command(play, "caller", "[sh, -c, 'wget -qO- web; nginx']")
    assert (pod["status"]["phase"], recorded(pod, "main", 0)) == ("Running", None)


WAITS = """
apiVersion: v1
kind: Pod
metadata: {name: waiting}
spec:
  initContainers:
  - {name: first, image: busybox, command: [sh, -c, 'COMMAND']}
  containers: [{name: main, image: nginx}]
"""
IDIOM = "until nslookup mydb; do echo waiting for mydb; sleep 2; done; echo found"


def state(play: Workloads, name: str = "waiting") -> tuple[str, str]:
    """Return the phase of the pod, and what its init container does."""
    status = play.the("Pod", name).manifest["status"]
    (doing,) = status["initContainerStatuses"][0]["state"]
    return status["phase"], doing


@pytest.mark.parametrize(
    "command", [IDIOM, IDIOM.replace("mydb", "mydb.$(cat ACCOUNT/namespace).svc.cluster.local")]
)
def test_an_init_container_waits_for_a_service(play: Workloads, command: str) -> None:
    """It asks again and again, and goes on with the first round in which the name is known."""
    play.create(WAITS.replace("COMMAND", command.replace("ACCOUNT", ACCOUNT)))
    play.wait(60)
    assert state(play) == ("Pending", "running")
    assert play.world.due(play.now.cluster) is None  # it rests until the network changes
    spec = {"selector": {"app": "web"}, "ports": [{"port": 80}], "clusterIP": "10.96.7.7"}
    play.make("Service", {"metadata": {"name": "other"}, "spec": {**spec, "clusterIP": "10.96.7.8"}})
    play.wait(5)
    assert state(play) == ("Pending", "running")
    play.make("Service", {"metadata": {"name": "mydb"}, "spec": spec})
    play.wait(4)
    assert state(play) == ("Running", "terminated")
    script = recorded(play.the("Pod", "waiting").manifest, "first", 0)
    assert script
    (rounds,) = [one for one in script.lines if isinstance(one, Rounds)]
    assert (rounds.at, rounds.period) == (4, 2)
    assert rounds.times >= 29
    texts = [one[1] for one in script.lines if not isinstance(one, Rounds)]
    assert sum(text.startswith("waiting for mydb") for text in texts) >= 2
    assert texts[-1] == "found"
    assert 60 <= script.seconds <= 66
    assert play.differences() == []


def test_a_loop_on_the_network_without_an_end(play: Workloads) -> None:
    """A container that calls for ever runs for ever, whatever changes."""
    command(play, "caller", "[sh, -c, 'while true; do wget -qO- web; sleep 5; done']")
    play.remove("Service", "web")
    play.wait(30)
    pod = play.the("Pod", "caller").manifest
    assert pod["status"]["phase"] == "Running"
    kept = recorded(pod, "main", 0)
    assert kept
    assert kept.seconds == inf
    assert kept.answers
    assert play.differences() == []


@pytest.mark.parametrize("probed", [{}, {"readinessProbe": {"httpGet": {"port": 80}}}])
def test_a_debug_container_asks_the_network(play: Workloads, probed: Manifest) -> None:
    """As any other container does, and its loop goes on when what it waits for is there."""
    spec = {"containers": [{"name": "main", "image": "nginx", **probed}]}
    play.make("Pod", {"metadata": {"name": "caller"}, "spec": spec})
    play.wait(30)
    pod = play.the("Pod", "caller")
    debug = [
        {"name": "once", "image": "busybox", "command": ["wget", "-qO-", "web"]},
        {"name": "waits", "image": "busybox", "command": ["sh", "-c", IDIOM]},
    ]
    changed = {**pod.manifest, "spec": {**pod.manifest["spec"], "ephemeralContainers": debug}}
    play.edit("Pod", changed, timers=pod.timers)
    play.wait(20)
    assert debugged(play) == {"once": "terminated", "waits": "running"}
    found = recorded(play.the("Pod", "caller").manifest, "once", 0)
    assert found
    assert (found.code, "answers on" in str(found.lines)) == (0, True)
    ports = {"selector": {"app": "web"}, "ports": [{"port": 80}], "clusterIP": "10.96.7.7"}
    play.make("Service", {"metadata": {"name": "mydb"}, "spec": ports})
    play.wait(4)
    assert debugged(play) == {"once": "terminated", "waits": "terminated"}
    assert play.differences() == []


def debugged(play: Workloads) -> dict[str, str]:
    """Return what each container does that was put into the pod while it ran."""
    entries = play.the("Pod", "caller").manifest["status"]["ephemeralContainerStatuses"]
    return {entry["name"]: next(iter(entry["state"])) for entry in entries}
