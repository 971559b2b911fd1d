"""Real kubectl on the demo's pods: logs, and programs in containers."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers import Everynode, missing, wait_until

Done = subprocess.CompletedProcess[str]
MOST = 30


class Kubectl:
    """kubectl of this machine, with a kubeconfig and a cache of its own."""

    def __init__(self, kubeconfig: str, folder: Path) -> None:
        (folder / "kubeconfig").write_text(kubeconfig)
        self.env = {**os.environ, "KUBECONFIG": str(folder / "kubeconfig")}
        self.words = [shutil.which("kubectl") or missing("kubectl"), "--cache-dir", str(folder / "cache")]

    def __call__(self, *words: str, given: str = "") -> Done:
        """Run a command to its end."""
        command = [*self.words, *words]
        return subprocess.run(
            command, env=self.env, input=given, capture_output=True, text=True, timeout=MOST, check=False
        )

    @contextmanager
    def running(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """Run a command for the length of a block."""
        command = [*self.words, *words]
        with subprocess.Popen(command, env=self.env, stdout=subprocess.PIPE, text=True) as process:
            try:
                yield process
            finally:
                process.kill()


@pytest.fixture(name="kubectl", scope="module")
def _kubectl(everynode: Everynode, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    return Kubectl(everynode.manage("kubeconfig", "demo"), tmp_path_factory.mktemp("kubectl"))


@pytest.fixture(name="pod")
def _pod(kubectl: Kubectl) -> str:
    """Return a running pod of the demo's monitor."""
    ask = ("get", "pods", "-l", "app=ssd-monitor", "-o", "jsonpath={.items[0].metadata.name}")
    kubectl("rollout", "status", "ds/ssd-monitor")
    return kubectl(*ask).stdout


def printed(kubectl: Kubectl, *words: str) -> str:
    """Return what ``kubectl logs`` prints."""
    return kubectl("logs", *words).stdout


def test_logs_of_the_monitor(kubectl: Kubectl, pod: str) -> None:
    """It says that the disk is well."""
    wait_until(lambda: "SSD OK" in printed(kubectl, pod), what="a line")
    assert printed(kubectl, pod, "--tail", "1") == "SSD OK\n"
    assert printed(kubectl, pod, "--tail", "1", "--timestamps").endswith("Z SSD OK\n")
    assert "SSD OK" in printed(kubectl, "ds/ssd-monitor", "--since", "1h")


def test_logs_go_on_until_the_pod_is_gone(kubectl: Kubectl, pod: str) -> None:
    """Then kubectl ends by itself."""
    with kubectl.running("logs", "-f", pod) as following:
        assert following.stdout is not None
        assert following.stdout.readline() == "SSD OK\n"
        kubectl("delete", "pod", pod)
        assert following.wait(timeout=MOST) == 0


def test_exit_codes_and_streams_come_through(kubectl: Kubectl, pod: str) -> None:
    """Output, errors and code are those of the program."""
    done = kubectl("exec", pod, "--", "sh", "-c", "hostname; echo oops >&2; exit 3")

    assert (done.stdout, done.returncode) == (f"{pod}\n", 3)
    assert done.stderr == "oops\ncommand terminated with exit code 3\n"


def test_what_is_typed_is_read_to_its_end(kubectl: Kubectl, pod: str) -> None:
    """A file goes through a program."""
    assert kubectl("exec", "-i", pod, "--", "cat", given="a\nb").stdout == "a\nb"


def test_a_person_has_a_prompt(kubectl: Kubectl, pod: str) -> None:
    """At a terminal, key by key."""
    ours, theirs = pty.openpty()
    command = [*kubectl.words, "exec", "-it", pod, "--", "sh"]
    heard = b""

    def hear(text: bytes) -> Callable[[], bool]:
        def heard_it() -> bool:
            nonlocal heard
            heard += os.read(ours, 1000)
            return text in heard

        return heard_it

    with subprocess.Popen(command, env=kubectl.env, stdin=theirs, stdout=theirs, stderr=theirs) as shell:
        wait_until(hear(b"/ # "), what="the prompt")
        os.write(ours, b"whoami\r")
        wait_until(hear(b"root\r\n/ # "), what="the answer")
        os.write(ours, b"exit 4\r")
        assert shell.wait(timeout=MOST) == 4


def test_a_killed_container_is_started_anew(kubectl: Kubectl, pod: str) -> None:
    """It is counted, and its last words are kept."""
    ask = ("get", "pod", pod, "-o", "jsonpath={.status.containerStatuses[0].restartCount}")
    before = int(kubectl(*ask).stdout)

    assert kubectl("exec", pod, "--", "kill", "1").returncode == 0

    assert int(kubectl(*ask).stdout) == before + 1
    assert printed(kubectl, pod, "--previous").endswith("received signal 15, terminating\n")


@pytest.mark.parametrize(
    ("command", "given", "code", "said"),
    [
        pytest.param(["echo", "hi"], "", 0, "hi\n", id="it is over before anybody looks"),
        pytest.param(["sh", "-c", "echo a; sleep 2; echo b; exit 3"], "", 3, "a\nb\n", id="one looks on"),
        pytest.param(["sh"], "echo typed\nexit 4\n", 4, "typed\n", id="somebody types"),
    ],
)
def test_a_command_is_run_in_a_pod_of_its_own(
    kubectl: Kubectl, command: list[str], given: str, code: int, said: str
) -> None:
    """With its output and its exit code, and the pod is deleted."""
    words = ["run", "tmp", "--rm", "-i", "--image=busybox", "--restart=Never", "--", *command]
    done = kubectl(*words, given=given)

    assert done.returncode == code, done.stderr
    assert done.stdout == f'{said}pod "tmp" deleted\n'
    assert "couldn't attach" not in done.stderr
    wait_until(lambda: kubectl("get", "pod", "tmp").returncode == 1, what="a pod that is gone")


def test_a_container_is_put_beside_the_others_to_look(kubectl: Kubectl, pod: str) -> None:
    """`kubectl debug`: its command is run, or its shell reads what is typed; it is told in the status."""
    typed = kubectl("debug", "-i", pod, "--image=busybox", "-c", "typed", given="hostname\nexit 4\n")
    assert (typed.returncode, typed.stdout) == (0, f"{pod}\n"), typed.stderr
    kubectl("debug", pod, "--image=busybox", "-c", "said", "--", "sh", "-c", "echo seen; exit 3")
    codes = "jsonpath={.status.ephemeralContainerStatuses[*].state.terminated.exitCode}"
    wait_until(lambda: kubectl("get", "pod", pod, "-o", codes).stdout == "4 3", what="both ends")
    assert printed(kubectl, pod, "-c", "said") == "seen\n"
    kubectl("debug", pod, "--image=nginx", "-c", "stays")
    name = "jsonpath={.status.ephemeralContainerStatuses[2].state.running.startedAt}"
    wait_until(lambda: kubectl("get", "pod", pod, "-o", name).stdout != "", what="its start")
    assert kubectl("exec", pod, "-c", "stays", "--", "hostname").stdout == f"{pod}\n"
    kubectl("delete", "pod", pod)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["exec", "POD", "--", "nope"], 'exec: "nope": executable file not found in $PATH'),
        (["exec", "nobody", "--", "ls"], 'Error from server (NotFound): pods "nobody" not found'),
        (["port-forward", "POD", "8080:80"], "port-forward is not simulated"),
        (["cp", "POD:/etc/hostname", "TMP/hostname"], "files are not copied from or to simulated containers"),
        (["logs", "POD", "-c", "nope"], "container nope is not valid for pod POD"),
        (["logs", "nobody"], 'pods "nobody" not found'),
    ],
)
def test_what_cannot_be_had_is_told_in_a_sentence(
    kubectl: Kubectl, pod: str, tmp_path: Path, words: list[str], said: str
) -> None:
    """And kubectl fails."""
    done = kubectl(*(word.replace("POD", pod).replace("TMP", str(tmp_path)) for word in words))

    assert done.returncode == 1
    assert said.replace("POD", pod) in done.stdout + done.stderr


def test_an_older_kubectl_is_told_to_be_newer(kubectl: Kubectl, pod: str) -> None:
    """One that speaks SPDY; this one does if it is told to."""
    env = {**kubectl.env, "KUBECTL_REMOTE_COMMAND_WEBSOCKETS": "false"}
    command = [*kubectl.words, "exec", pod, "--", "ls"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=MOST, check=False)

    assert done.returncode == 1
    assert "exec is served over WebSockets only, which kubectl 1.30 and newer speak" in done.stderr
