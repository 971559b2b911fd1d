"""Logs of containers: whole, in part, as they come, and why there are none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any, cast

import pytest
import pytest_asyncio
from django.http import StreamingHttpResponse

from controller.engine.edits.objects import Patch, PatchType
from controller.live import feed as feeds
from controller.services import clock, nodes, objects, pods
from controller.services.edits import submit
from tests.apiserver.asking import Asker, AsyncDoorClient
from tests.apiserver.talking import TALKER, status_of, talking_cluster
from tests.clusters import PERSON, settle
from tests.live.listening import do, running_hub

pytestmark = pytest.mark.django_db(transaction=True)


@pytest_asyncio.fixture(autouse=True)
async def _hub() -> AsyncIterator[None]:
    """Let the process hear of changes, as a server does."""
    async with running_hub():
        yield
        feeds.feed().end()


WHERE = {"actor": PERSON, "namespace": "default", "name": TALKER}


class Log:
    """A log that is open; it is read line by line."""

    def __init__(self, response: StreamingHttpResponse) -> None:
        self.pieces = cast("AsyncGenerator[bytes]", aiter(response))
        self._held = b""

    @classmethod
    async def open(cls, asker: Asker, name: str = TALKER, **query: Any) -> Log:
        """Ask for a log."""
        path = f"{asker.base}/api/v1/namespaces/default/pods/{name}/log"
        response = await AsyncDoorClient().get(path, query)
        assert response.status_code == 200, response.content
        assert response.headers["Content-Type"] == "text/plain"
        return cls(cast("StreamingHttpResponse", response))

    async def next(self) -> str | None:
        """Return the next line, or None at the end."""
        while b"\n" not in self._held:
            try:
                async with asyncio.timeout(30):
                    self._held += await anext(self.pieces)
            except StopAsyncIteration:
                return self._held.decode() or None
        line, _, self._held = self._held.partition(b"\n")
        return line.decode()

    async def rest(self) -> list[str]:
        """Return all lines to the end."""
        lines = []
        while (line := await self.next()) is not None:
            lines.append(line)
            if b"\n" not in self._held and self._held:
                break
        return lines


async def talking(**facts: Any) -> tuple[int, Asker]:
    """Return a cluster with a pod that prints, and somebody who asks."""
    tried = await do(talking_cluster, **facts)
    return tried, await do(Asker, tried)


async def printed(asker: Asker, **query: Any) -> list[str]:
    """Return the lines of a log as it is now."""
    return await (await Log.open(asker, **query)).rest()


async def refused(asker: Asker, code: int, name: str = TALKER, **query: Any) -> str:
    """Return why there is no log."""
    path = f"/api/v1/namespaces/default/pods/{name}/log"
    answer: Mapping[str, Any] = await do(asker.ask, path, code=code, **query)
    return str(answer["message"])


async def wait_for(asker: Asker, count: int) -> list[str]:
    """Return the log as soon as it has so many lines."""
    async with asyncio.timeout(30):
        while len(lines := await printed(asker)) < count:  # noqa: ASYNC110 - it is another's log
            await asyncio.sleep(0.05)
    return lines


async def test_a_log_only_grows() -> None:
    """Whatever part of it is asked for is a part of the same lines."""
    _, asker = await talking()
    lines = await wait_for(asker, 5)

    assert lines[:3] == ["beat 1", "beat 2", "beat 3"]
    stamped = await printed(asker, timestamps="true")
    assert [line.split(" ", 1)[1] for line in stamped][: len(lines)] == lines
    tail = await printed(asker, tailLines="2", timestamps="true")
    assert len(tail) == 2
    since = await printed(asker, sinceTime=stamped[2].split(" ")[0], timestamps="true")
    assert since[: len(stamped) - 2] == stamped[2:]
    assert (await printed(asker, sinceSeconds="3600"))[: len(lines)] == lines
    assert await printed(asker, tailLines="0") == []


async def test_a_log_is_cut_off_after_so_many_bytes() -> None:
    """In the middle of a line, if need be."""
    _, asker = await talking()
    await wait_for(asker, 3)

    response = await Log.open(asker, limitBytes="10")

    assert b"".join([piece async for piece in response.pieces]) == b"beat 1\nbea"


async def test_a_followed_log_goes_on_until_the_pod_is_gone() -> None:
    """No line is missing, and none comes twice."""
    tried, asker = await talking()
    log = await Log.open(asker, follow="true")

    lines = [await log.next() for _ in range(6)]
    assert lines == [f"beat {number}" for number in range(1, 7)]
    await do(pods.pod_delete, **WHERE, cluster=tried, force=True)
    rest = await log.rest()
    assert rest == [f"beat {number}" for number in range(7, 7 + len(rest))]


async def test_a_followed_log_ends_with_the_last_words_of_its_run() -> None:
    """A container that is started anew has a new log; the old one is the previous."""
    tried, asker = await talking()
    log = await Log.open(asker, follow="true", tailLines="1")
    await log.next()
    await do(pods.pod_kill, **WHERE, cluster=tried, container="main", signal=15)

    assert (await log.rest())[-1] == "received signal 15, terminating"
    previous = await printed(asker, previous="true")
    assert (previous[0], previous[-1]) == ("beat 1", "received signal 15, terminating")
    assert await printed(asker, previous="1") == previous
    assert (await wait_for(asker, 1))[0] == "beat 1"


async def test_a_pod_of_the_same_name_is_another() -> None:
    """A followed log does not go on in it."""
    tried, asker = await talking()
    log = await Log.open(asker, follow="true")
    await log.next()
    born_again = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": TALKER},
        "spec": {"containers": [{"name": "main", "image": "b"}]},
    }

    def again() -> None:
        pods.pod_delete(**WHERE, cluster=tried, force=True)
        objects.object_create(cluster=tried, actor=PERSON, kind="Pod", manifest=born_again)
        settle(tried)

    await do(again)
    assert all(line.startswith("beat ") for line in await log.rest())


async def test_a_run_that_is_two_runs_ago_is_over() -> None:
    """Its end is not known any more."""
    tried, asker = await talking()
    log = await Log.open(asker, follow="true")
    await log.next()

    def twice() -> None:
        for _ in range(2):
            pods.pod_kill(**WHERE, cluster=tried, container="main", signal=9)

    await do(twice)
    assert all(line.startswith("beat ") for line in await log.rest())


async def test_a_paused_clock_stops_the_log() -> None:
    """When it goes on so does the log, and what was printed keeps its times."""
    tried, asker = await talking()
    await wait_for(asker, 2)
    await do(clock.clock_pause, cluster=tried, actor=PERSON)
    before = await printed(asker, timestamps="true")
    await asyncio.sleep(0.3)
    assert await printed(asker, timestamps="true") == before

    await do(clock.clock_resume, cluster=tried, actor=PERSON)
    await wait_for(asker, len(before) + 2)
    assert (await printed(asker, timestamps="true"))[: len(before)] == before


async def test_a_machine_that_is_down_tells_nothing() -> None:
    """A log that is followed goes on, with all of its lines, when the machine is back."""
    tried, asker = await talking()
    log = await Log.open(asker, follow="true")
    await log.next()
    await do(nodes.node_power, cluster=tried, actor=PERSON, nodes=["node-1"], up=False)
    assert "the machine node-1 does not answer" in await refused(asker, 503)

    await do(nodes.node_power, cluster=tried, actor=PERSON, nodes=["node-1"], up=True)
    assert [await log.next() for _ in range(5)] == [f"beat {number}" for number in range(2, 7)]
    await log.pieces.aclose()


async def test_a_pod_without_a_machine_has_an_empty_log() -> None:
    """As in Kubernetes."""
    _, asker = await talking(nodes=0)
    path = f"{asker.base}/api/v1/namespaces/default/pods/{TALKER}/log"

    response = await AsyncDoorClient().get(path)

    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize(
    ("annotations", "words"),
    [
        (
            {"behaviour": "image-pull-error"},
            # The second after half a second, which is soon over on a busy machine.
            {"ErrImagePull": "image can't be pulled", "ImagePullBackOff": "trying and failing to pull image"},
        ),
        ({"start-delay": "3600"}, {"ContainerCreating": "ContainerCreating"}),
    ],
)
async def test_a_container_that_did_not_start_has_no_log(
    annotations: dict[str, str], words: dict[str, str]
) -> None:
    """Its kubelet says why."""
    tried, asker = await talking(annotations=annotations)
    reason = (await do(status_of, tried))["state"]["waiting"]["reason"]

    told = await refused(asker, 400)
    assert told == f'container "main" in pod "{TALKER}" is waiting to start: {words[reason]}'


async def test_a_crash_loop_shows_last_words() -> None:
    """Now and before; to follow them ends at once."""
    _, asker = await talking(annotations={"behaviour": "crash-loop"})

    lines = await printed(asker, follow="true")

    assert lines[-1] == "exit status 1"
    assert await printed(asker, previous="true") == lines


@pytest.mark.parametrize(
    ("code", "query", "words"),
    [
        (400, {"container": "x"}, "container x is not valid for pod talker"),
        (400, {"previous": "true"}, 'previous terminated container "main" in pod "talker" not found'),
        (400, {"tailLines": "many"}, 'strconv.ParseInt: parsing "many": invalid syntax'),
        (400, {"sinceTime": "today"}, 'parsing time "today" as "2006-01-02T15:04:05Z07:00": cannot parse'),
        (
            422,
            {"tailLines": "-1", "limitBytes": "0", "sinceSeconds": "0"},
            (
                'PodLogOptions "talker" is invalid: '
                "[tailLines: Invalid value: -1: must be greater than or equal to 0, "
                "limitBytes: Invalid value: 0: must be greater than 0, "
                "sinceSeconds: Invalid value: 0: must be greater than 0]"
            ),
        ),
        (
            422,
            {"sinceTime": "2026-01-01T00:00:00Z", "sinceSeconds": "1"},
            (
                'PodLogOptions "talker" is invalid: Forbidden: at most one of `sinceTime` or `sinceSeconds` '
                "may be specified"
            ),
        ),
    ],
)
async def test_what_cannot_be_asked_for_is_refused(code: int, query: dict[str, str], words: str) -> None:
    """In Kubernetes' words."""
    _, asker = await talking()

    assert await refused(asker, code, **query) == words


async def test_a_pod_that_is_not_there_has_no_log() -> None:
    """It is not found."""
    _, asker = await talking()

    assert await refused(asker, 404, name="nobody") == 'pods "nobody" not found'


async def test_a_viewer_reads_logs() -> None:
    """To read is what that role is for."""
    tried, _ = await talking()
    viewer = await do(Asker, tried, "viewer")

    assert await wait_for(viewer, 1)


async def test_another_line_shows_at_once() -> None:
    """A followed log goes on with it, whatever came before."""
    tried, asker = await talking()
    await wait_for(asker, 3)
    log = await Log.open(asker, follow="true")

    def change() -> None:
        words = {"sim.everynode.dev/log-line": "other", "sim.everynode.dev/log-every": "0.5"}
        patch = Patch(("Pod", "default", TALKER), PatchType.MERGE, {"metadata": {"annotations": words}})
        submit(patch, cluster=tried, actor=PERSON)

    await do(change)
    async with asyncio.timeout(30):
        while (line := await log.next()) != "other":
            assert line is not None
    await log.pieces.aclose()


async def test_a_log_ends_with_the_server() -> None:
    """As one does whose pod is gone."""
    _, asker = await talking()
    log = await Log.open(asker, follow="true")
    assert await log.next() == "beat 1"

    feeds.feed().end()

    assert all(line.startswith("beat ") for line in await log.rest())
