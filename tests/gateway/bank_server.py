"""A bank's SFTP server on loopback, in a thread of its own, that can be made to break."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh


class Folder(asyncssh.SFTPServer):
    """The bank's folders; a write beyond `die_after` bytes ends the connection."""

    root = b""
    die_after = 1 << 40

    def __init__(self, channel: Any) -> None:
        super().__init__(channel, chroot=self.root)

    def write(self, file_obj: Any, offset: int, data: bytes) -> Any:
        if offset + len(data) > self.die_after:
            super().write(file_obj, offset, data[: len(data) // 2])
            self.channel.get_connection().abort()
        return super().write(file_obj, offset, data)


class Bank:
    """A running server: its folders, its host key, and whom it lets in."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        for name in ("in", "out"):
            (folder / name).mkdir(parents=True)
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.let_in = folder.parent / "authorized_keys"
        self.let_in.write_text("")
        self.folder = type("Own", (Folder,), {"root": str(folder).encode()})
        self.port = 0

    @property
    def host_key(self) -> bytes:
        return bytes(self.key.export_public_key())

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def admit(self, public: str) -> None:
        """Let this key in from now on."""
        self.let_in.write_text(public + "\n")

    def say(self, name: str, body: bytes) -> None:
        """Lay a file down for the centre."""
        part = self.root / "out" / f"{name}.part"
        part.write_bytes(body)
        part.rename(part.with_suffix(""))

    def said(self) -> list[str]:
        return sorted(path.name for path in (self.root / "out").iterdir())

    def got(self) -> list[str]:
        """What lies in the folder that the centre writes to."""
        return sorted(path.name for path in (self.root / "in").iterdir())

    def take(self) -> dict[str, bytes]:
        """Take away what was laid down whole."""
        whole = [path for path in (self.root / "in").iterdir() if path.suffix != ".part"]
        found = {path.name: path.read_bytes() for path in sorted(whole)}
        for path in whole:
            path.unlink()
        return found


@contextmanager
def running(folder: Path) -> Iterator[Bank]:
    """A bank that listens on a port of its own until the end of the context."""
    bank = Bank(folder)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    class Door(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def public_key_auth_supported(self) -> bool:
            return True

        def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
            shown = key.export_public_key().decode().split()[:2]
            admitted = [line.split()[:2] for line in bank.let_in.read_text().splitlines()]
            return username == "centre" and shown in admitted

    async def open_() -> Any:
        return await asyncssh.listen(
            "127.0.0.1", 0, server_host_keys=[bank.key], server_factory=Door,
            sftp_factory=bank.folder, agent_forwarding=False,
        )  # fmt: skip

    listening = asyncio.run_coroutine_threadsafe(open_(), loop).result(10)
    bank.port = listening.get_port()

    async def close() -> None:
        listening.close()
        await listening.wait_closed()

    try:
        yield bank
    finally:
        asyncio.run_coroutine_threadsafe(close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
