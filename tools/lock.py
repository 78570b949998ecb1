"""Write the lock files from pyproject.toml: every package pinned, with hashes, without addresses.

`python tools/lock.py` makes a scratch environment for pip-tools, so the product never carries it.
`requirements.lock` is what the product runs on; each other lock holds only what it adds.
"""

import os
import re
import subprocess
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIP_TOOLS = "pip-tools==7.6.2"
LOCKS: tuple[tuple[str, list[str]], ...] = (
    ("requirements.lock", ["--build-deps-for", "editable"]),
    ("requirements-test.lock", ["--extra", "test"]),
    ("requirements-spark.lock", ["--extra", "spark"]),
    ("requirements-node.lock", ["--extra", "node"]),
)
FLAGS = (
    "--quiet",
    "--strip-extras",
    "--allow-unsafe",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--no-emit-options",
)


def main() -> None:
    """Resolve each set afresh; later sets take the pins of the first."""
    with tempfile.TemporaryDirectory() as scratch:
        venv.create(scratch, with_pip=True)
        binaries = Path(scratch) / "bin"
        subprocess.run([binaries / "pip", "install", "--quiet", PIP_TOOLS], check=True)
        environment = os.environ | {"PIP_FIND_LINKS": ""}
        for name, options in LOCKS:
            pins = [] if name == "requirements.lock" else ["--constraint", "requirements.lock"]
            print(f"locking {name}", flush=True)
            command: list[str | Path] = [binaries / "pip-compile", *FLAGS, *pins, *options]
            command += ["--output-file", name, "pyproject.toml"]
            subprocess.run(command, cwd=ROOT, env=environment, check=True)
            if pins:
                keep_additions(ROOT / name, ROOT / "requirements.lock")


def entries(lock: Path) -> list[str]:
    """The lock's entries: a pin and its hash lines."""
    return re.split(r"^(?=[a-z0-9])", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)


def keep_additions(lock: Path, base: Path) -> None:
    """Drop from a lock what the base lock already pins, at the same version."""
    known = {entry.split()[0] for entry in entries(base) if entry}
    added = [entry for entry in entries(lock) if entry and entry.split()[0] not in known]
    lock.write_text("".join(added), encoding="utf-8")


if __name__ == "__main__":
    main()
