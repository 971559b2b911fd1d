"""The newest official JavaScript client; what it does is in javascript/behaviours.mjs."""

from __future__ import annotations

from pathlib import Path

from tests.clients.installed import HERE, PLACE, program, run


def test_the_javascript_client(kubeconfig: Path) -> None:
    """It lists, watches, writes, follows and goes into containers, as against a real cluster."""
    done = run(
        program("node"),
        "--test",
        str(HERE / "javascript" / "behaviours.mjs"),
        kubeconfig=kubeconfig,
        more={"CLIENT": str(PLACE / "javascript")},
    )
    assert done.returncode == 0, done.stdout
