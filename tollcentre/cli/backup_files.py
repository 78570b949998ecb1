"""What a backup is on disk: a folder or a tar file, with the SHA-256 of everything in it."""

import hashlib
import io
import json
import os
import shutil
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from tollcentre.core.refusal import Reason, Refusal

MANIFEST = "manifest.json"
FORMAT = "tollcentre-backup-1"
CHUNK_BYTES = 1 << 20
OUT_EXISTS = Reason(
    "backup_out_exists", "输出位置已有内容：{path}", "there is something at {path} already"
)
NOT_A_BACKUP = Reason("not_a_backup", "{path} 不是备份：{why}", "{path} is not a backup: {why}")
BACKUP_DAMAGED = Reason(
    "backup_damaged",
    "备份中的 {name} 与清单不符",
    "{name} in the backup differs from its manifest",
)


@dataclass(frozen=True)
class Stored:
    """One file of a backup."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds; `taken_at` in epoch seconds."""

    taken_at: int
    program: str
    database: str
    migrations: list[tuple[str, str]]
    tables: dict[str, list[str]]
    keys_included: bool
    files: list[Stored] = field(default_factory=list)

    def text(self) -> str:
        """The manifest as it is written."""
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False, indent=1)


class Out(Protocol):
    """Where a backup is written to."""

    def put(self, name: str, source: IO[bytes], size: int) -> Stored:
        """Copy one file in, giving the digest of what was copied."""


class _Hashed(io.RawIOBase):
    """A reader that digests what is read through it."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source = source
        self.digest = hashlib.sha256()
        self.size = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self.source.read(size)
        self.digest.update(data)
        self.size += len(data)
        return data


def copy_hashed(source: IO[bytes], target: Path, *, name: str) -> Stored:
    """Copy a stream into a new durable file readable by its owner only."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    hashed = _Hashed(source)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        shutil.copyfileobj(hashed, handle, CHUNK_BYTES)
        handle.flush()
        os.fsync(handle.fileno())
    return Stored(name, hashed.size, hashed.digest.hexdigest())


@dataclass(frozen=True)
class _Folder:
    root: Path

    def put(self, name: str, source: IO[bytes], size: int) -> Stored:
        return copy_hashed(source, self.root / name, name=name)


@dataclass(frozen=True)
class _Tar:
    tar: tarfile.TarFile

    def put(self, name: str, source: IO[bytes], size: int) -> Stored:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, int(time.time())
        hashed = _Hashed(source)
        self.tar.addfile(info, hashed)
        return Stored(name, hashed.size, hashed.digest.hexdigest())


def is_tar(path: Path) -> bool:
    """Whether the name asks for one tar file; Parquet is compressed, so the tar is not."""
    return path.suffix == ".tar"


def refuse_existing(out: Path) -> None:
    """Refuse an output that would overwrite something."""
    if out.exists() and (is_tar(out) or not out.is_dir() or any(out.iterdir())):
        raise Refusal(OUT_EXISTS, "--out", path=out)


@contextmanager
def written(out: Path) -> Iterator[Out]:
    """Write a backup beside its name and give it the name when it is whole."""
    partial = out.with_name(out.name + ".partial")
    remove(partial)
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        if is_tar(out):
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as handle:
                with tarfile.open(fileobj=handle, mode="w", format=tarfile.PAX_FORMAT) as tar:
                    yield _Tar(tar)
                handle.flush()
                os.fsync(handle.fileno())
        else:
            partial.mkdir(mode=0o700)
            yield _Folder(partial)
        os.replace(partial, out)
    except BaseException:
        remove(partial)
        raise


def remove(path: Path) -> None:
    """Remove a file or a folder with all in it, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


class Backup:
    """A backup that is read; refuses what is none, and every file that is not as it was written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tar: tarfile.TarFile | None = None
        self._members: dict[str, tarfile.TarInfo] = {}
        try:
            if path.is_file():
                self._tar = tarfile.open(path)  # noqa: SIM115 - lives as long as the backup
                self._members = {member.name: member for member in self._tar.getmembers()}
            with self._open(MANIFEST) as handle:
                self.manifest = _manifest_from(json.load(handle))
        except (OSError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
            raise Refusal(NOT_A_BACKUP, "SRC", path=path, why=error) from error

    def _open(self, name: str) -> IO[bytes]:
        if self._tar is None:
            return (self.path / name).open("rb")
        handle = self._tar.extractfile(self._members[name])
        if handle is None:
            raise KeyError(name)
        return handle

    def bring(self, stored: Stored, target: Path) -> None:
        """Copy one file out; refuses it where it is missing or not as the manifest says."""
        try:
            handle = self._open(stored.name)
        except (OSError, tarfile.TarError, KeyError) as error:
            raise Refusal(BACKUP_DAMAGED, "SRC", name=stored.name) from error
        with handle:
            found = copy_hashed(handle, target, name=stored.name)
        if found != stored:
            raise Refusal(BACKUP_DAMAGED, "SRC", name=stored.name)


def _manifest_from(data: dict) -> Manifest:
    if data.pop("format") != FORMAT:
        raise ValueError(f"its format is not {FORMAT}")
    files = [Stored(**row) for row in data.pop("files")]
    for stored in files:
        name = PurePosixPath(stored.name)
        if name.is_absolute() or ".." in name.parts:
            raise ValueError(f"a file lies outside: {stored.name}")
    data["migrations"] = [(app, name) for app, name in data["migrations"]]
    return Manifest(files=files, **data)
