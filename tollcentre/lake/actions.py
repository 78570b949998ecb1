"""Every write to the lake: a file is whole and registered, or it is not there."""

import hashlib
import os
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import transaction

from .models import LakeFile
from .terms import StoredFile


def write_parquet(
    *,
    relation: str,
    partition: str,
    run_key: str,
    con: duckdb.DuckDBPyConnection,
    select: str,
    control_sums: dict[str, str] | None = None,
    schema_version: int = 1,
) -> StoredFile:
    """Write the rows of `select` as one immutable Parquet file and register it.

    `control_sums` names SQL aggregates over the written rows (`{"fee": "sum(fee)"}`); their
    values are kept with the file. Doing it twice with one key leaves the later identical copy.
    """
    target = _target(relation, partition, run_key)
    temporary = target.with_suffix(f".{os.getpid()}.tmp")
    con.execute(f"COPY ({select}) TO '{temporary}' (FORMAT parquet, COMPRESSION zstd)")
    sums = ", ".join(f"({sql})::VARCHAR" for sql in (control_sums or {}).values())
    columns = f"count(*){', ' + sums if sums else ''}"
    counted = con.execute(f"SELECT {columns} FROM read_parquet('{temporary}')").fetchall()[0]
    values = dict(zip(control_sums or {}, map(str, counted[1:]), strict=True))
    return _publish(temporary, target, relation, partition, run_key, counted[0], values,
                    schema_version)  # fmt: skip


def write_table(
    *,
    relation: str,
    partition: str,
    run_key: str,
    table: pa.Table,
    schema_version: int = 1,
) -> StoredFile:
    """Write an Arrow table as one immutable Parquet file and register it."""
    target = _target(relation, partition, run_key)
    temporary = target.with_suffix(f".{os.getpid()}.tmp")
    pq.write_table(table, temporary, compression="zstd")
    return _publish(temporary, target, relation, partition, run_key, table.num_rows, {},
                    schema_version)  # fmt: skip


def _target(relation: str, partition: str, run_key: str) -> Path:
    folder = Path(settings.LAKE_ROOT) / relation / partition
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{run_key}.parquet"


def _publish(
    temporary: Path,
    target: Path,
    relation: str,
    partition: str,
    run_key: str,
    rows: int,
    control_sums: dict[str, str],
    schema_version: int,
) -> StoredFile:
    """Make the file durable under its name, then register it."""
    with temporary.open("rb") as handle:
        sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
        os.fsync(handle.fileno())
    os.replace(temporary, target)
    path = str(target.relative_to(settings.LAKE_ROOT))
    with transaction.atomic():
        LakeFile.objects.update_or_create(
            relation=relation,
            partition=partition,
            run_key=run_key,
            defaults={
                "path": path,
                "rows": rows,
                "size_bytes": target.stat().st_size,
                "control_sums": control_sums,
                "sha256": sha256,
                "schema_version": schema_version,
            },
        )
    return StoredFile(relation, partition, run_key, path, rows, sha256, control_sums,
                      schema_version)  # fmt: skip


def adopt_parquet(
    *,
    relation: str,
    partition: str,
    run_key: str,
    source: Path,
    rows: int,
    control_sums: dict[str, str],
    schema_version: int = 1,
) -> StoredFile:
    """Move a finished Parquet file of this home into the lake and register it.

    Inside a caller's transaction several files become visible together. `source` must lie on
    the lake's own file system.
    """
    target = _target(relation, partition, run_key)
    return _publish(source, target, relation, partition, run_key, rows, control_sums,
                    schema_version)  # fmt: skip
