"""Lock files: pinned, hashed, without addresses; THIRD_PARTY.md names the same packages."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))
REFUSED = re.compile(r"AGPL|Affero|SSPL|Server Side Public|BUSL|Business Source|Elastic|unknown")
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)


def pins() -> set[tuple[str, str]]:
    """Name and version of every package of every lock."""
    found = {pin for lock in LOCKS for pin in PIN.findall((ROOT / lock).read_text("utf-8"))}
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    return found | {
        (path.removeprefix("node_modules/"), entry["version"])
        for path, entry in packages.items()
        if path
    }


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_pinned_and_hashed_and_names_no_address(lock: str) -> None:
    for entry in re.split(r"^(?=[a-z0-9])", (ROOT / lock).read_text("utf-8"), flags=re.MULTILINE):
        if entry.strip():
            assert PIN.match(entry), entry
            assert "--hash=sha256:" in entry, entry
            assert "/" not in entry, entry


def test_the_front_end_lock_has_digests_and_no_address() -> None:
    text = (ROOT / "package-lock.json").read_text("utf-8")
    packages = {path: entry for path, entry in json.loads(text)["packages"].items() if path}
    assert "://" not in text
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert not any("resolved" in entry for entry in packages.values())


def test_direct_dependencies_are_pinned_as_the_locks_have_them() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [*project["dependencies"], *sum(project["optional-dependencies"].values(), [])]
    wanted = {tuple(re.sub(r"\[.*?\]", "", line).lower().split("==")) for line in asked}
    assert wanted <= pins(), sorted(wanted - pins())


def test_third_party_names_every_package_and_no_refused_licence() -> None:
    text = (ROOT / "THIRD_PARTY.md").read_text("utf-8")
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| ")][1:]
    assert {(name.strip(), version.strip()) for name, version, _, _ in rows} == pins()
    assert not [name for name, _, licence, _ in rows if REFUSED.search(licence)]
    assert all(licence.strip() for _, _, licence, _ in rows)
