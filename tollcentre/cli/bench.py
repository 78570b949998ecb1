"""`tollcentre bench …`: measure speed and quality; figures are ratios within one run."""

import json
import os
import subprocess
import sys
import time
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from django.conf import settings
from rich.console import Console
from rich.table import Table

from tollcentre.bench.clear_day import bench_clear_day, prove_clear_day
from tollcentre.bench.intake import bench_intake
from tollcentre.bench.issuing import bench_issuing
from tollcentre.bench.judge import judge_day
from tollcentre.bench.ledger import SERVER, bench_ledger
from tollcentre.bench.on_postgres import bench_postgres
from tollcentre.bench.postgres_engine import own_server
from tollcentre.bench.refunds import judge_refunds
from tollcentre.bench.restore import bench_restore
from tollcentre.bench.uploads import bench_uploads
from tollcentre.network.queries import version_at
from tollcentre.simulation.customers import write_customers

from .arguments import DAY
from .demo import DEMO_DAY
from .progress import shown_progress
from .refunds import run_of

SEED = 7
JSON = click.option("--json", "as_json", is_flag=True, help="以 JSON 报告 / report as JSON")


@click.group()
def bench() -> None:
    """基准：measure speed and quality; machines are noisy, read the ratios."""


@bench.command("clear-day")
@click.option("--passages", default=450_000, show_default=True, help="通行量 / passages")
@click.option("--sql", is_flag=True, help="不用编译核 / by relations alone, no compiled kernels")
@click.option("--prove", is_flag=True, help="比对编译核与关系 / compare kernels and relations")
@click.option("--here", is_flag=True, hidden=True)
@JSON
def clear_day(passages: int, sql: bool, prove: bool, here: bool, as_json: bool) -> None:
    """清分日热路径：the hot path of a simulated day over a bare scan and sort of its files.

    The day is made once in a home of its own under this one, and kept for the next time.
    """
    if not here:
        home = Path(settings.HOME) / f"bench-{passages}"
        _prepare(home, passages)
        words = [*_json(as_json), *["--sql"][:sql], *["--prove"][:prove]]
        _again(home, "clear-day", "--passages", str(passages), "--here", *words)
        return
    version = version_at(DEMO_DAY)
    if prove:
        _show(prove_clear_day(DEMO_DAY, version), as_json)
    else:
        _show(bench_clear_day(DEMO_DAY, version, compiled=not sql), as_json)


@bench.command("restore")
@click.option("--passages", default=60_000, show_default=True, help="通行量 / passages")
@click.option("--day", type=DAY, default=DEMO_DAY.isoformat(), show_default=True)
@click.option("--network-version", help="路网版本 / instead of the one valid on the day")
@JSON
def restore(passages: int, day: date, network_version: str | None, as_json: bool) -> None:
    """还原质量：restored against simulated truth; needs an imported network."""
    version = network_version or version_at(day)
    rows = bench_restore(version=version, day=day, passages=passages, seed=SEED)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    Console(width=200).print(table)


@bench.command("judge")
@click.argument("truth", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--day", type=DAY, default=DEMO_DAY.isoformat(), show_default=True)
@click.option("--network-version", help="路网版本 / instead of the one valid on the day")
@JSON
def judge(truth: Path, day: date, network_version: str | None, as_json: bool) -> None:
    """清分日还原质量：the paths of a day taken in, against truth.csv of its simulation."""
    _show(judge_day(day, network_version or version_at(day), truth), as_json)


@bench.command("refunds")
@click.argument("truth", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--day", type=DAY, default=DEMO_DAY.isoformat(), show_default=True)
@JSON
def refunds(truth: Path, day: date, as_json: bool) -> None:
    """未诉先办：overcharges found on a cleared day, against the truth files of its simulation."""
    _show(judge_refunds(run_of(day).run_key, day, truth), as_json)


@bench.command("intake")
@click.option("--rows", default=200_000, show_default=True, help="行数 / records")
@JSON
def intake(rows: int, as_json: bool) -> None:
    """接收：records a second, fully validated, against a bare copy of the same file."""
    _show(bench_intake(rows=rows), as_json)


@bench.command("postgres")
@click.option("--passages", default=60_000, show_default=True, help="通行量 / passages")
@click.option(
    "--database-url", help="已有服务器（16 版起） / a server of 16 or later, not one of its own"
)
@click.option("--here", is_flag=True, hidden=True)
@JSON
def postgres(passages: int, database_url: str | None, here: bool, as_json: bool) -> None:
    """同一 SQL 在 PostgreSQL 上：how much slower the day's relations are there than on DuckDB.

    The day is made once in a home of its own, as for clear-day; on a given server a schema of its
    own is made and dropped.
    """
    if not here:
        home = Path(settings.HOME) / f"bench-{passages}"
        _prepare(home, passages)
        server = ("--database-url", database_url) if database_url else ()
        _again(home, "postgres", "--passages", str(passages), "--here", *server, *_json(as_json))
        return
    _show(bench_postgres(DEMO_DAY, version_at(DEMO_DAY), database_url), as_json)


@bench.command("uploads")
@click.option("--passages", default=450_000, show_default=True, help="通行量 / passages")
@click.option("--hand-over", is_flag=True, help="并交付 / deliver them to a simulated ministry too")
@click.option("--here", is_flag=True, hidden=True)
@JSON
def uploads(passages: int, hand_over: bool, here: bool, as_json: bool) -> None:
    """上报：all that a cleared day hands up to the ministry, made into its messages.

    The day is made once, as for clear-day, and cleared; the messages are taken back at the end.
    """
    if here:
        _show(bench_uploads(DEMO_DAY, hand_over=hand_over), as_json)
        return
    home = Path(settings.HOME) / f"bench-{passages}"
    _prepare(home, passages)
    _run(home, "clear-day", DEMO_DAY.isoformat(), quiet=True)
    more = ("--hand-over",) if hand_over else ()
    _again(home, "uploads", "--passages", str(passages), *more, "--here", *_json(as_json))


@bench.command("ledger")
@click.option("--entries", default=200_000, show_default=True, help="分录数 / entries")
@click.option("--sqlite", is_flag=True, help="在 SQLite 上 / on SQLite instead of PostgreSQL")
@click.option("--here", is_flag=True, hidden=True)
@JSON
def ledger(entries: int, sqlite: bool, here: bool, as_json: bool) -> None:
    """账务：single entries a second, posted in bulk, against a plain COPY of the same rows.

    In a home and on a PostgreSQL server of its own, both removed at the end.
    """
    if here:
        _show(bench_ledger(entries), as_json)
        return
    with (
        TemporaryDirectory(prefix="tollcentre-bench-") as folder,
        nullcontext("") if sqlite else own_server(SERVER) as address,
    ):
        home = Path(folder)
        _run(home, "setup", quiet=True, database_url=address)
        words = ("bench", "ledger", "--entries", str(entries), "--here", *_json(as_json))
        _run(home, *words, database_url=address)


@bench.command("issuing")
@click.option("--vehicles", default=2_930_000, show_default=True, help="车辆 / vehicles")
@click.option("--postgres", is_flag=True, help="在 PostgreSQL 上 / on PostgreSQL, not SQLite")
@click.option("--here", type=click.Path(path_type=Path), hidden=True)
@JSON
def issuing(vehicles: int, postgres: bool, here: Path | None, as_json: bool) -> None:
    """发行：a province's vehicles generated, taken over, then searched and listed on pages.

    In a home and, where asked, on a PostgreSQL server of its own, both removed at the end.
    """
    if here is not None:
        with shown_progress("接管 / taking over", vehicles) as advance:
            _show(bench_issuing(here, advance), as_json)
        return
    with (
        TemporaryDirectory(prefix="tollcentre-bench-") as folder,
        own_server(SERVER) if postgres else nullcontext("") as address,
    ):
        home, register = Path(folder), Path(folder) / "register.csv"
        _run(home, "setup", quiet=True, database_url=address)
        began = time.perf_counter()
        with shown_progress("模拟客户 / customers", vehicles) as advance:
            write_customers(register, count=vehicles, seed=1, progress=advance)
        click.echo(f"{'generate_seconds':24} {time.perf_counter() - began:.1f}", err=as_json)
        words = ("bench", "issuing", "--vehicles", str(vehicles), "--here", str(register))
        _run(home, *words, *_json(as_json), database_url=address)


def _show(figures: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False))
        return
    for name, value in figures.items():
        click.echo(f"{name:24} {value}")


def _json(as_json: bool) -> tuple[str, ...]:
    return ("--json",) if as_json else ()


def _prepare(home: Path, passages: int) -> None:
    """Make the bench's own home: network, records, intake; each step only where it lacks."""
    done = home / "prepared"
    if done.exists():
        _run(home, "setup", quiet=True)
        return
    click.echo(f"准备 / preparing {passages} passages in {home}", err=True)
    _run(home, "demo", "--no-serve", "--passages", str(passages), "--intake-only")
    done.touch()


def _again(home: Path, *arguments: str) -> None:
    """Run the verb in a process of its own, so that peak memory is the measured work's alone."""
    _run(home, "bench", *arguments)


def _run(home: Path, *arguments: str, quiet: bool = False, database_url: str = "") -> None:
    named = {"TOLLCENTRE_HOME": str(home), "TOLLCENTRE_DATABASE_URL": database_url}
    environment = {**os.environ, **named}
    command = [sys.executable, "-m", "tollcentre.cli.main", *arguments]
    out = subprocess.DEVNULL if quiet else None
    finished = subprocess.run(command, env=environment, check=False, stdout=out)
    if finished.returncode:
        sys.exit(finished.returncode)
