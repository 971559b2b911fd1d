"""A person at a terminal: kubectl commands against a cluster of their own, and what they print."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.servers import wait_until

TIMEOUT = 60.0


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[list[str]]:
        """Return the words of every line."""
        return [line.split() for line in self.out.splitlines()]


@dataclass(frozen=True)
class Terminal:
    """A folder, a kubeconfig and a kubectl."""

    folder: Path
    program: str

    def kubectl(
        self, *words: str, code: int | None = 0, text: str = "", more: Mapping[str, str] | None = None
    ) -> Said:
        """Run a command; fail if its exit code is another. ``text`` is its standard input."""
        env = {**os.environ, "KUBECONFIG": str(self.folder / "kubeconfig"), **(more or {})}
        done = subprocess.run(
            [self.program, "--cache-dir", str(self.folder / "cache"), *words],
            cwd=self.folder,
            env=env,
            input=text,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        assert code in {None, done.returncode}, (words, done.stdout, done.stderr)
        return Said(done.returncode, done.stdout, done.stderr)

    def says(self, *words: str) -> str:
        """Return what a command that succeeds prints, without the last line's end."""
        return self.kubectl(*words).out.rstrip("\n")

    def refuses(self, *words: str) -> str:
        """Return the complaint of a command that fails."""
        return self.kubectl(*words, code=1).err.rstrip("\n")

    def write(self, name: str, text: str) -> str:
        """Write a file; return its name."""
        (self.folder / name).write_text(text)
        return name

    def column(self, kind: str, number: int, *words: str) -> Sequence[str]:
        """Return one column of a table without its head."""
        return [row[number] for row in self.kubectl("get", kind, "--no-headers", *words).rows]

    def rolled_out(self, name: str) -> None:
        """Wait for a rollout as a person would."""
        assert f'daemon set "{name}" successfully rolled out' in self.says("rollout", "status", f"ds/{name}")

    def until(self, wanted: str, *words: str) -> None:
        """Wait until a command prints ``wanted``."""
        wait_until(lambda: self.kubectl(*words, code=None).out.strip() == wanted, within=30, what=wanted)
