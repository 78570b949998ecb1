"""Print the map of the house from the import contract, with the size of every room."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def lines_of(folder: Path) -> tuple[int, int]:
    """Modules and relations of a room, and their lines."""
    files = [path for suffix in ("*.py", "*.sql") for path in folder.rglob(suffix)]
    return len(files), sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)


def purpose_of(folder: Path) -> str:
    """The first line of the room's README."""
    readme = folder / "README.md"
    if not readme.exists():
        return ""
    return readme.read_text(encoding="utf-8").splitlines()[0].lstrip("# ")


def main() -> None:
    """One line a room, top of the map first; rooms on one line do not import each other."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = contracts["tool"]["importlinter"]["contracts"][0]["layers"]
    for layer in layers:
        for room in (name.strip() for name in layer.split("|")):
            files, lines = lines_of(ROOT / "tollcentre" / room)
            purpose = purpose_of(ROOT / "tollcentre" / room)
            print(f"{room:14}{files:4} files{lines:7} lines   {purpose}")


if __name__ == "__main__":
    main()
