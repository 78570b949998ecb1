"""A bank's folders over SFTP, one step after the other; host key pinned, our key shown."""

import asyncio
import stat
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import asyncssh

from tollcentre.core.refusal import Refusal

from .terms import KEY_UNREADABLE

IN, OUT = "in", "out"
PART = ".part"
CONNECT_S = 10.0
STEP_S = 60.0
BROKEN = (asyncssh.Error, OSError, EOFError)
"""What a silent or broken server comes to; a step that takes too long is an OSError."""
T = TypeVar("T")


def new_key() -> bytes:
    """A private key of ours, as its file holds it."""
    return asyncssh.generate_private_key("ssh-ed25519", comment="tollcentre").export_private_key()


def public_text(private: bytes) -> str:
    """The public half of a private key, as a bank is to be given it."""
    key = _read("client key", asyncssh.import_private_key, private)
    return key.export_public_key().decode().strip()


def host_key(text: bytes) -> Any:
    """The public key that a bank's host shows; Refusal where the text is none."""
    return _read("host key", asyncssh.import_public_key, text)


def _read(what: str, read: Any, content: bytes) -> Any:
    try:
        return read(content)
    except (asyncssh.KeyImportError, ValueError) as error:
        raise Refusal(KEY_UNREADABLE, what.replace(" ", "_"), what=what, why=error) from error


class Folders:
    """The folders of a bank that we are logged in at."""

    def __init__(self, runner: asyncio.Runner, sftp: asyncssh.SFTPClient) -> None:
        self._runner, self._sftp = runner, sftp

    def put(self, name: str, body: bytes) -> None:
        """Lay a file into the bank's folder, whole or not at all; once, while it lies there."""
        self._do(self._put(name, body))

    def waiting(self, most: int) -> list[str]:
        """Names of whole files that lie there for us, no more than that many, in order."""
        return self._do(self._waiting(most))

    def read(self, name: str, most: int) -> bytes:
        """A file that lies there for us, no more than that many bytes of it."""
        return self._do(self._read(name, most))

    def remove(self, name: str) -> None:
        """Take a file away that lies there for us."""
        self._do(self._sftp.remove(f"{OUT}/{name}"))

    def _do(self, step: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(asyncio.wait_for(step, STEP_S))

    async def _put(self, name: str, body: bytes) -> None:
        if await self._sftp.exists(f"{IN}/{name}"):
            return
        async with self._sftp.open(f"{IN}/{name}{PART}", "wb") as file:
            await file.write(body)
        await self._sftp.rename(f"{IN}/{name}{PART}", f"{IN}/{name}")

    async def _waiting(self, most: int) -> list[str]:
        found: list[str] = []
        async for entry in self._sftp.scandir(OUT):
            name = str(entry.filename)
            mode = entry.attrs.permissions
            if not name.endswith(PART) and mode is not None and stat.S_ISREG(mode):
                found.append(name)
            if len(found) == most:
                break
        return sorted(found)

    async def _read(self, name: str, most: int) -> bytes:
        async with self._sftp.open(f"{OUT}/{name}", "rb") as file:
            content = await file.read(most)
        return content if isinstance(content, bytes) else content.encode()


@contextmanager
def folders(*, address: str, user: str, host: Any, private: bytes) -> Iterator[Folders]:
    """Log in at `host:port` and out again; any of BROKEN where that cannot be done.

    The database is spoken to between the steps, outside the loop in which each of them runs.
    """
    with asyncio.Runner() as runner:
        connection, sftp = runner.run(_log_in(address, user, host, private))
        try:
            yield Folders(runner, sftp)
        finally:
            connection.abort()
            runner.run(asyncio.wait_for(connection.wait_closed(), CONNECT_S))


async def _log_in(
    address: str, user: str, host: Any, private: bytes
) -> tuple[asyncssh.SSHClientConnection, asyncssh.SFTPClient]:
    """A connection by these keys alone, whatever the machine's user has set up for ssh."""
    name, _, port = address.rpartition(":")
    connection = await asyncssh.connect(
        name.strip("[]"), int(port), username=user, known_hosts=([host], [], []),
        client_keys=[private], preferred_auth="publickey", agent_path=None, config=[],
        connect_timeout=CONNECT_S, login_timeout=CONNECT_S,
    )  # fmt: skip
    try:
        starting = connection.start_sftp_client(path_errors="surrogateescape")
        return connection, await asyncio.wait_for(starting, CONNECT_S)
    except BaseException:
        connection.abort()
        raise
