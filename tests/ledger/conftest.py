"""Homes of their own, each with its own database, driven from outside as a script would."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

WORK = Path(__file__).parent / "work_in_home.py"


@dataclass(frozen=True)
class Home:
    """One home: its folder, its database, and the environment that names them."""

    path: Path
    environment: dict[str, str]

    def start(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, *words], env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def tollcentre(self, *words: str | Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "tollcentre.cli.main", *map(str, words)],
            env=self.environment, text=True, capture_output=True, check=False,
        )  # fmt: skip

    def work(self, *words: str) -> Any:
        """Run `work_in_home.py`; its answer."""
        done = subprocess.run(
            [sys.executable, str(WORK), *words],
            env=self.environment, text=True, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "null")


NewHome = Callable[..., Home]


@pytest.fixture
def new_home(tmp_path: Path) -> Generator[NewHome]:
    """Make homes; on PostgreSQL each has a database of its own, dropped at the end."""
    server = os.environ.get("TOLLCENTRE_DATABASE_URL", "")
    databases: list[str] = []

    def make(name: str, *, set_up: bool = True) -> Home:
        url = ""
        if server:
            databases.append(f"home_{uuid.uuid4().hex[:12]}")
            url = urlunsplit(urlsplit(server)._replace(path=f"/{databases[-1]}"))
            with psycopg.connect(server, autocommit=True) as con:
                con.execute(f'CREATE DATABASE "{databases[-1]}"')
        environment = os.environ | {
            "TOLLCENTRE_HOME": str(tmp_path / name),
            "TOLLCENTRE_DATABASE_URL": url,
        }
        home = Home(tmp_path / name, environment)
        if set_up:
            done = home.tollcentre("setup")
            assert done.returncode == 0, done.stderr
        return home

    yield make
    if server:
        with psycopg.connect(server, autocommit=True) as con:
            for database in databases:
                con.execute(f'DROP DATABASE "{database}" WITH (FORCE)')
