"""The words of a real control plane, played against admission: recordings seed-003."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from controller.engine.admission.shape import strictly_typed
from controller.engine.errors import BadRequest
from tests.engine.admission.parts import created, daemonset, node, said

FOLDER = Path(__file__).parents[2] / "conformance"
STORY = "seed-003-no-template-no-life"
FILES: dict[str, str] = yaml.safe_load((FOLDER / "scenarios" / f"{STORY}.yaml").read_text())["files"]
STEPS: list[dict[str, Any]] = json.loads((FOLDER / "recorded" / f"{STORY}.json").read_text())
ANSWERS: dict[str, list[str]] = {
    step["run"]: step.get("stderr", []) for step in STEPS if step["exit"] or "stderr" in step
}
REFUSED = [
    file
    for file in FILES
    if f"kubectl create -f {file}" in ANSWERS and file not in {"ok.yaml", "unknown-field.yaml"}
]


def recorded(command: str) -> list[str]:
    """Return the causes in an answer of the form ``The KIND "NAME" is invalid: ...``."""
    first, *more = ANSWERS[command]
    return [line.removeprefix("* ") for line in more] or [first.partition(" is invalid: ")[2]]


@pytest.mark.parametrize("file", REFUSED)
def test_a_refused_creation_names_every_fault_in_the_servers_words_and_order(file: str) -> None:
    """A DaemonSet that the server refused is refused here with the same causes in the same order."""
    assert said(yaml.safe_load(FILES[file])) == recorded(f"kubectl create -f {file}")


def test_eleven_refusals_are_recorded() -> None:
    """The table above is not empty by accident."""
    assert len(REFUSED) == 11


def test_an_unknown_field_is_refused_in_the_servers_words() -> None:
    """A field that the kind does not have is named, with its path."""
    with pytest.raises(BadRequest) as refused:
        strictly_typed("DaemonSet", yaml.safe_load(FILES["unknown-field.yaml"]))

    assert ANSWERS["kubectl create -f unknown-field.yaml"][0].endswith(refused.value.sentence)


def plain(sentences: list[str]) -> list[str]:
    """Return sentences with one space between words, as recordings are kept."""
    return [" ".join(sentence.split()) for sentence in sentences]


def test_a_sound_set_is_taken() -> None:
    """What the server takes is taken."""
    assert said(yaml.safe_load(FILES["ok.yaml"])) == []


def test_a_changed_selector_is_refused_in_the_servers_words() -> None:
    """The selector is immutable, and one that misses the template's labels is told as well."""
    old = created(yaml.safe_load(FILES["ok.yaml"]))
    patched = daemonset(selector={"matchLabels": {"app": "zzz"}})
    command = 'kubectl patch ds a --type=merge -p \'{"spec":{"selector":{"matchLabels":{"app":"zzz"}}}}\''

    assert said(patched, old) == recorded(command)


def test_a_malformed_label_key_on_a_node_is_refused_in_the_servers_words() -> None:
    """A key out of its grammar is told with the pattern that it breaks."""
    old, new = created(node("n1")), node("n1")
    new["metadata"]["labels"] = {"bad key": "1"}

    assert plain(said(new, old)) == recorded('kubectl label node n1 "bad key=1"')


def test_a_malformed_label_value_is_explained_in_the_servers_words() -> None:
    """Kubectl refuses this one by itself, in the sentence that the server has for it too."""
    old, new = created(node("n1")), node("n1")
    new["metadata"]["labels"] = {"disk": "not/allowed"}
    sentence = ANSWERS["kubectl label node n1 disk=not/allowed"][0].partition('"disk=not/allowed": ')[2]

    assert plain(said(new, old)) == [f'metadata.labels: Invalid value: "not/allowed": {sentence}']
