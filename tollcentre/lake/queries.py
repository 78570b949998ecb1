"""Every read of the lake's catalogue, its laws, and the tuned embedded engine."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db.models import Count

from tollcentre.core.law import Law
from tollcentre.core.refusal import Refusal

from .arrays import Columns, arrays_of, blocks_of, empty_columns, in_parts, in_turn
from .engines import DuckEngine, Engine, SparkEngine, run_checks
from .models import LakeFile
from .relations import load_folder
from .terms import ENGINE_MISSING, Relation, StoredFile

__all__ = [
    "Columns",
    "DuckEngine",
    "Engine",
    "SparkEngine",
    "blocks_of",
    "arrays_of",
    "empty_columns",
    "in_parts",
    "in_turn",
    "run_checks",
]

LAWS = ("lake_files_present", "lake_files_unchanged", "lake_files_row_counts")
"""The laws in the order in which they are told."""


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with this home's limits; it spills inside the home."""
    spill = Path(settings.HOME) / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect()
    con.execute(f"SET threads = {int(settings.LAKE_THREADS)}")
    con.execute(f"SET memory_limit = '{settings.LAKE_MEMORY_LIMIT}'")
    con.execute(f"SET temp_directory = '{spill}'")
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET enable_progress_bar = false")
    return con


def files(
    relation: str | None = None,
    *,
    partitions: list[str] | None = None,
    run_key: str | None = None,
) -> list[StoredFile]:
    """Registered files, in order of relation, partition and run."""
    found = LakeFile.objects.order_by("relation", "partition", "run_key")
    if relation is not None:
        found = found.filter(relation=relation)
    if partitions is not None:
        found = found.filter(partition__in=partitions)
    if run_key is not None:
        found = found.filter(run_key=run_key)
    return [
        StoredFile(
            row.relation,
            row.partition,
            row.run_key,
            row.path,
            row.rows,
            row.sha256,
            row.control_sums,
            row.schema_version,
        )  # fmt: skip
        for row in found
    ]


def paths(
    relation: str,
    *,
    partitions: list[str] | None = None,
    run_key: str | None = None,
) -> list[str]:
    """Absolute paths of the registered files of one relation, sorted."""
    return [
        str(Path(settings.LAKE_ROOT) / stored.path)
        for stored in files(relation, partitions=partitions, run_key=run_key)
    ]


def paths_of_runs(relation: str, run_keys: list[str]) -> list[str]:
    """Absolute paths of one relation's files of several runs, sorted."""
    found = LakeFile.objects.filter(relation=relation, run_key__in=run_keys).order_by("path")
    return [str(Path(settings.LAKE_ROOT) / path) for path in found.values_list("path", flat=True)]


def partitions_of(relation: str) -> list[str]:
    """The partitions that hold registered files of the relation, sorted."""
    found = LakeFile.objects.filter(relation=relation).values_list("partition", flat=True)
    return sorted(set(found))


def verify_files(progress: Callable[[int], None] | None = None) -> Iterator[Law]:
    """Every registered file exists, has its SHA-256, and holds its number of rows.

    `progress` is called with 1 for each file that was read.
    """
    registered = files()
    faults: dict[str, str] = {}
    for stored in registered:
        law = _fault_of(stored)
        if law is not None:
            faults.setdefault(law, stored.path)
        if progress is not None:
            progress(1)
    for name in LAWS:
        yield Law(name, name not in faults, faults.get(name, f"{len(registered)} 个文件 / files"))


def _fault_of(stored: StoredFile) -> str | None:
    """The law that one file breaks."""
    path = Path(settings.LAKE_ROOT) / stored.path
    try:
        with path.open("rb") as handle:
            if hashlib.file_digest(handle, "sha256").hexdigest() != stored.sha256:
                return "lake_files_unchanged"
        if pq.read_metadata(path).num_rows != stored.rows:
            return "lake_files_row_counts"
    except FileNotFoundError:
        return "lake_files_present"
    except (OSError, pa.ArrowException):
        return "lake_files_unchanged"
    return None


def file_counts(relations: list[str], partitions: list[str]) -> dict[tuple[str, str], int]:
    """(relation, partition) → how many registered files it has; those without are left out."""
    found = LakeFile.objects.filter(relation__in=relations, partition__in=partitions)
    rows = found.values_list("relation", "partition").annotate(n=Count("pk")).order_by()
    return {(relation, partition): n for relation, partition, n in rows}


def read_sql(paths_: list[str], columns: str = "*") -> str:
    """SQL that reads these Parquet files by column name; older schemas give NULL."""
    listed = ", ".join(f"'{path}'" for path in paths_)
    return f"SELECT {columns} FROM read_parquet([{listed}], union_by_name = true)"


def duck_engine(*, compiled: bool = True) -> DuckEngine:
    """The embedded engine over a fresh tuned connection; without kernels it runs SQL alone."""
    return DuckEngine(connect(), compiled=compiled)


def threads() -> int:
    """How many threads work at once in this home."""
    return int(settings.LAKE_THREADS)


def relations_of(folder: Path) -> dict[str, Relation]:
    """The relations declared in a domain's `relations/` folder, by name."""
    return load_folder(folder)


def spark_engine() -> SparkEngine:
    """A Spark engine in this process; Refusal where PySpark or a Java machine is absent."""
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra, not a base dependency

        session = (
            SparkSession.builder.master("local[2]")
            .appName("tollcentre")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.ansi.enabled", "true")
            .config("spark.driver.memory", "6g")
            .config("spark.sql.shuffle.partitions", "2")
            .getOrCreate()
        )
    except (ImportError, RuntimeError, OSError) as error:
        raise Refusal(ENGINE_MISSING, "--engine", engine="spark", why=error) from error
    session.sparkContext.setLogLevel("ERROR")
    return SparkEngine(session, connect())
