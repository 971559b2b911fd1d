"""The newest official Python client; what it does is in python/behaviours.py."""

from __future__ import annotations

from pathlib import Path

from tests.clients.installed import HERE, program, run


def test_the_python_client(kubeconfig: Path) -> None:
    """It lists, watches, writes, follows and goes into containers, as against a real cluster."""
    folder = HERE / "python"
    # Clear of this run's own settings and fixtures: they want libraries that are not there.
    apart = ("-c", "/dev/null", "--rootdir", str(folder), "--confcutdir", str(folder))
    done = run(
        program("python"),
        *("-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", *apart),
        str(folder / "behaviours.py"),
        kubeconfig=kubeconfig,
    )
    assert done.returncode == 0, done.stdout
