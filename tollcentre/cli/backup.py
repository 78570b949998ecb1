"""`tollcentre backup --out FILE_OR_DIR` and `tollcentre restore-backup SRC [--into HOME]`."""

import io
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import click
from django.conf import settings
from django.db import transaction

from tollcentre import __version__
from tollcentre.core.formats import count_text
from tollcentre.core.refusal import Reason, Refusal
from tollcentre.lake.queries import files
from tollcentre.lake.terms import LAKE_FILE_CHANGED, StoredFile

from .backup_database import (
    SQLITE_NAME,
    applied_migrations,
    dump,
    load_tables,
    place_sqlite,
    refuse_newer,
    refuse_nonempty,
    snapshot,
    vendor,
)
from .backup_files import MANIFEST, Backup, Manifest, Out, Stored, refuse_existing, remove, written
from .progress import Advance, shown_progress
from .serve import require_set_up

ATTEMPTS = 3
STAGING = ".restoring"
REPORTS, KEYS = "reports", "keys"
"""Folders of a home that are taken along: reports of refused rows always, secrets when asked."""
OTHER_DATABASE = Reason(
    "backup_of_other_database",
    "备份来自 {taken}，而当前设置的数据库是 {here}",
    "the backup is of {taken}, but the settings name {here}",
)
STORAGE_FAILED = Reason(
    "storage_failed",
    "读写失败：{why}",
    "reading or writing failed: {why}",
)


class _LakeFileMoved(Exception):
    """A lake file is no longer what the snapshot says: the snapshot is taken anew."""


@click.command("backup")
@click.option("--out", type=click.Path(path_type=Path), required=True,
              help="文件夹，或 .tar 文件 / a folder, or a file ending in .tar")  # fmt: skip
@click.option("--with-keys", is_flag=True, help="含密钥目录 / include the keys folder (secrets)")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 报告 / report as JSON")
def backup(out: Path, with_keys: bool, as_json: bool) -> None:
    """备份：database and lake as one consistent point, while work goes on.

    Passwords' hashes are in it, open sessions are not; the keys folder only with --with-keys
    (without it the home that is brought back needs the old keys/privacy.json put beside it where
    customers are registered; the other keys are made anew, and people sign in again).
    """
    require_set_up()
    refuse_existing(out)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            manifest = take(out, with_keys=with_keys)
            break
        except OSError as error:
            raise Refusal(STORAGE_FAILED, "--out", why=error) from error
        except _LakeFileMoved as moved:
            if attempt == ATTEMPTS:
                raise Refusal(
                    LAKE_FILE_CHANGED, "path", path=moved, what="not as registered / 与登记不符"
                ) from moved
    size = sum(stored.size for stored in manifest.files)
    if as_json:
        answer = {
            "out": str(out),
            "database": manifest.database,
            "files": len(manifest.files),
            "bytes": size,
            "keys_included": manifest.keys_included,
        }
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    click.echo(
        f"备份完成 / backed up: {out}  "
        f"{count_text(len(manifest.files))} 个文件 / files, {count_text(size)} bytes"
    )


def take(out: Path, *, with_keys: bool) -> Manifest:
    """Write one backup: the database of one moment and the lake files which it registers."""
    folder = out.with_name(out.name + ".snapshot")
    remove(folder)
    folder.mkdir(parents=True, mode=0o700)
    try:
        with snapshot():
            lake_files = files()
            migrations = applied_migrations()
            tables = dump(folder)
        manifest = Manifest(
            taken_at=int(time.time()),
            program=__version__,
            database=vendor(),
            migrations=migrations,
            tables=tables,
            keys_included=with_keys,
        )
        named = {f"database/{path.name}": path for path in sorted(folder.iterdir())}
        for taken in (REPORTS, KEYS) if with_keys else (REPORTS,):
            named |= _files_in(Path(settings.HOME), taken)
        count = len(named) + len(lake_files)
        with shown_progress("备份 / backup", count) as advance, written(out) as target:
            for name, path in named.items():
                manifest.files.append(_put(target, name, path, advance))
            for lake_file in lake_files:
                manifest.files.append(_put_lake_file(target, lake_file, advance))
            text = manifest.text().encode()
            target.put(MANIFEST, io.BytesIO(text), len(text))
    finally:
        remove(folder)
    return manifest


def _files_in(home: Path, folder: str) -> dict[str, Path]:
    """The files of one of the home's folders, by their names in the backup."""
    found = sorted(path for path in (home / folder).rglob("*") if path.is_file())
    return {path.relative_to(home).as_posix(): path for path in found}


def _put(target: Out, name: str, path: Path, advance: Advance) -> Stored:
    with path.open("rb") as handle:
        stored = target.put(name, handle, os.fstat(handle.fileno()).st_size)
    advance(1)
    return stored


def _put_lake_file(target: Out, lake_file: StoredFile, advance: Advance) -> Stored:
    """Copy one registered file, whose bytes must be those that were registered."""
    path = Path(settings.LAKE_ROOT) / lake_file.path
    try:
        stored = _put(target, f"lake/{lake_file.path}", path, advance)
    except FileNotFoundError as error:
        raise _LakeFileMoved(lake_file.path) from error
    if stored.sha256 != lake_file.sha256:
        raise _LakeFileMoved(lake_file.path)
    return stored


@click.command("restore-backup")
@click.argument("source", metavar="SRC", type=click.Path(exists=True, path_type=Path))
@click.option("--into", "home", type=click.Path(file_okay=False, path_type=Path),
              help="目标目录（空） / empty home, instead of TOLLCENTRE_HOME")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="以 JSON 报告 / report as JSON")
def restore_backup(source: Path, home: Path | None, as_json: bool) -> None:
    """恢复备份：bring a backup back into an empty home, check every digest, then verify.

    With TOLLCENTRE_DATABASE_URL the database it names must be empty too. Exits 1 where the home
    that was brought back breaks a law.
    """
    home = (home or Path(settings.HOME)).resolve()
    found = Backup(source)
    manifest = found.manifest
    if manifest.database != vendor():
        raise Refusal(OTHER_DATABASE, "SRC", taken=manifest.database, here=vendor())
    refuse_newer(manifest.migrations)
    refuse_nonempty(home)
    try:
        bring(found, home)
    except OSError as error:
        raise Refusal(STORAGE_FAILED, "SRC", why=error) from error
    status = in_home(home, "django", "migrate", "--noinput", "--verbosity", "0")
    status = status or in_home(home, "tollcentre.cli.main", "verify", quiet=True)
    if as_json:
        answer = {"home": str(home), "files": len(manifest.files), "holds": status == 0}
        click.echo(json.dumps(answer, ensure_ascii=False))
    elif status == 0:
        click.echo(f"恢复完成，全部定律成立 / brought back, every law holds: {home}")
    if status != 0:
        sys.exit(1)


def bring(found: Backup, home: Path) -> None:
    """Copy everything out beside its place, checking each digest, then put it in place."""
    staging = home / STAGING
    shutil.rmtree(staging, ignore_errors=True)
    home.mkdir(parents=True, exist_ok=True)
    try:
        with shown_progress("恢复 / bring back", len(found.manifest.files)) as advance:
            for stored in found.manifest.files:
                found.bring(stored, staging / stored.name)
                advance(1)
        if found.manifest.database == "postgresql":
            # One transaction with the lake's renaming inside: the database is whole or empty.
            with transaction.atomic(durable=True):
                load_tables(staging / "database", found.manifest.tables, found.manifest.migrations)
                _place_files(staging, home)
        else:
            _place_files(staging, home)
            place_sqlite(staging / "database" / SQLITE_NAME, home)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _place_files(staging: Path, home: Path) -> None:
    """Put the lake, the reports and, where the backup has them, the keys in place."""
    if (staging / "lake").is_dir():
        shutil.rmtree(home / "lake", ignore_errors=True)
        os.replace(staging / "lake", home / "lake")
    for folder in (REPORTS, KEYS):
        for name, path in _files_in(staging, folder).items():
            (home / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.replace(path, home / name)


def in_home(home: Path, module: str, *words: str, quiet: bool = False) -> int:
    """Run a module in a process whose home is the one brought back; its exit status."""
    environment = os.environ | {
        "TOLLCENTRE_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "tollcentre.config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        env=environment,
        stdout=subprocess.DEVNULL if quiet else None,
        check=False,
    )
    return done.returncode
