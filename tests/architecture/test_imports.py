"""Imports point down the map; a domain is reached only through its terms, actions and queries."""

import tomllib
from functools import cache
from pathlib import Path

import grimp
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tollcentre.cli.main import VERBS

ROOT = Path(__file__).resolve().parents[2]
PUBLIC_PARTS = {"terms", "actions", "queries"}
PUBLIC_MORE = {
    "daily_run": {"jobs": "a page starts a run by putting its job in the queue"},
    "lake": {"relations": "the runner of relation files is what the lake is for"},
    "messages": {"codecs": "simulation writes the national formats with them"},
    "reporting": {"statements": "faces set the statements that reporting computed"},
}
"""Parts of a domain that others may import besides, each with the reason."""
OPEN_ROOMS = {"core"}
FACES = {"config", "cli", "bench", "console", "gateway", "simulation"}
SIMULATION_MAY_IMPORT = {"core", "hsm", "messages", "network", "participants", "simulation"}
STARTED_BY_NAME = ("apps", "models", "migrations", "templatetags", "tasks", "jobs")
"""Modules that Django finds by their names."""
ENTRIES = {
    "tollcentre.config.settings": "named by DJANGO_SETTINGS_MODULE",
    "tollcentre.config.urls": "named by the settings",
    "tollcentre.config.wsgi": "named by the settings",
    "tollcentre.config.catalogue": "run as a program when texts change",
    "tollcentre.console.middleware": "named by the settings",
    "tollcentre.console.shell": "named by the settings",
    "tollcentre.cli.main": "the program",
    "tollcentre.dispute.actions": "the port of booking, for the exchange with the ministry",
    "tollcentre.cli.worker": "run by serve as a process of its own",
}


@cache
def graph() -> grimp.ImportGraph:
    """Every import of the package."""
    return grimp.build_graph("tollcentre", cache_dir=None)


def room(module: str) -> str:
    """The folder of the map that the module lies in."""
    return module.split(".")[1] if "." in module else ""


def edges() -> list[tuple[str, str]]:
    """Importer and imported, where they lie in different rooms."""
    found = []
    for importer in sorted(graph().modules):
        for imported in sorted(graph().find_modules_directly_imported_by(importer)):
            if room(importer) != room(imported) and room(imported):
                found.append((importer, imported))
    return found


def test_import_contracts_hold() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml")) == EXIT_STATUS_SUCCESS


def test_every_folder_is_on_the_map() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    on_map = {name.strip() for layer in layers for name in layer.split("|")}
    folders = {path.parent.name for path in (ROOT / "tollcentre").glob("*/__init__.py")}
    assert folders == on_map


def test_a_domain_is_reached_only_through_its_public_parts() -> None:
    wrong = []
    for importer, imported in edges():
        parts = imported.split(".")
        if parts[1] in OPEN_ROOMS or (parts[1] in FACES and room(importer) in FACES):
            continue
        allowed = PUBLIC_PARTS | set(PUBLIC_MORE.get(parts[1], ()))
        if len(parts) < 3 or parts[2] not in allowed:
            wrong.append(f"{importer} imports {imported}, private to {parts[1]}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_simulated_province_imports_only_what_the_road_knows() -> None:
    wrong = [
        f"{importer} imports {imported}"
        for importer, imported in edges()
        if room(importer) == "simulation" and room(imported) not in SIMULATION_MAY_IMPORT
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_no_module_is_dead() -> None:
    verbs = {f"tollcentre.cli.{place.split(':')[0]}" for place, _ in VERBS.values()}
    dead = []
    for module in sorted(graph().modules):
        parts = module.split(".")
        if module in verbs or module in ENTRIES or graph().find_children(module):
            continue
        if any(part in STARTED_BY_NAME for part in parts) or (ROOT / Path(*parts)).is_dir():
            continue
        if not graph().find_modules_that_directly_import(module):
            dead.append(f"{module}: nothing imports it: remove it, or name who starts it")
    assert not dead, "\n" + "\n".join(dead)


def test_every_verb_exists() -> None:
    modules = {f"tollcentre.cli.{place.split(':')[0]}" for place, _ in VERBS.values()}
    assert modules <= set(graph().modules), sorted(modules - set(graph().modules))
