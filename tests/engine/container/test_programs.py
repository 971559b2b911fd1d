"""What containers run, by image, command and annotation."""

from __future__ import annotations

import pytest

from controller.engine.container.programs import Program, fill, program_of
from tests.builders import container
from tests.engine.container.printing import pod


def of(image: str = "beat:1", annotations: dict[str, str] | None = None, **parts: object) -> Program:
    """Return the program of a container."""
    return program_of(pod(annotations=annotations), container(image, **parts))


@pytest.mark.parametrize(
    ("image", "beat", "every"),
    [
        ("luksa/ssd-monitor", "SSD OK", 5),
        ("registry.example:5000/nginx-slim@sha256:0", "kube-probe", 10),
        ("k8s.gcr.io/fluentd-elasticsearch:1.20", "flushed chunk", 30),
        ("example/agent:2", "{image} runs in {pod}", 10),
    ],
)
def test_the_name_of_the_image_says_what_it_prints(image: str, beat: str, every: float) -> None:
    """Registry, tag and digest do not matter."""
    assert beat in of(image).beat
    assert of(image).every == every


def test_an_annotation_sets_the_line_and_the_pace() -> None:
    """Then there is nothing else."""
    assert of(annotations={"log-line": "disk {number}", "log-every": "0.5"}) == Program(
        (), "disk {number}", 0.5, "/beat"
    )


@pytest.mark.parametrize(
    ("text", "every"), [("soon", 10), ("nan", 10), ("inf", 10), ("", 10), ("0", 0.01), ("1e9", 86_400)]
)
def test_a_pace_that_makes_no_sense_is_bounded_or_passed_over(text: str, every: float) -> None:
    """No pod can print without end."""
    assert of(annotations={"log-every": text}).every == every


def test_a_command_is_what_ps_shows() -> None:
    """With its arguments; arguments alone belong to a command that nobody knows."""
    assert of(command=["agent", "-v"], args=["run"]).command == "agent -v run"
    assert of("nginx", args=["run"]).command == "nginx: master process nginx -g daemon off;"


def test_words_in_braces_are_filled_in() -> None:
    """Words that nobody knows stay."""
    text = "{number} {container} {image} of {namespace}/{pod} on {node} at {time} {else}"

    assert fill(text, pod(), container("beat:1"), 7, 0) == (
        "7 main beat:1 of default/talker on n at 1970-01-01T00:00:00Z {else}"
    )
