"""The bank on the wire: an SFTP server with the folders `in` and `out`, and its round of work."""

import asyncio
import threading
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from .service import Bank

HOST = "127.0.0.1"
PAUSE_S = 0.1
START_S = 30
KEY_KIND = "ssh-ed25519"


def host_key(state: Path) -> asyncssh.SSHKey:
    """The host's key, made once; `host_key.pub` beside it is what the other side pins."""
    path = state / "host_key"
    if not path.exists():
        key = asyncssh.generate_private_key(KEY_KIND)
        key.write_public_key(state / "host_key.pub")
        fresh = path.with_suffix(".new")
        key.write_private_key(fresh)
        fresh.chmod(0o600)
        fresh.replace(path)
    return asyncssh.read_private_key(path)


@dataclass
class SftpServer:
    """An SFTP server of this machine alone in a thread of its own; port 0 picks one."""

    folder: Path
    key: asyncssh.SSHKey
    user: str
    client_keys: Path
    port: int = 0
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop, init=False)
    acceptor: asyncssh.SSHAcceptor = field(init=False)

    def start(self) -> int:
        """Listens; returns the port. OSError where the address is not to be had."""
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        listening = asyncio.run_coroutine_threadsafe(self._listen(), self.loop)
        self.acceptor = listening.result(START_S)
        return int(self.acceptor.get_port())

    def stop(self) -> None:
        """Closes every connection."""

        async def close() -> None:
            self.acceptor.close()
            await self.acceptor.wait_closed()

        asyncio.run_coroutine_threadsafe(close(), self.loop).result(START_S)
        self.loop.call_soon_threadsafe(self.loop.stop)

    async def _listen(self) -> asyncssh.SSHAcceptor:
        root, user, keys = str(self.folder).encode(), self.user, str(self.client_keys)

        class Door(asyncssh.SSHServer):
            """Lets one user in by the keys of a file."""

            def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
                self.connection = conn

            def begin_auth(self, username: str) -> bool:
                if username == user:
                    self.connection.set_authorized_keys(keys)
                return True

        return await asyncssh.create_server(
            Door, HOST, self.port, server_host_keys=[self.key], password_auth=False,
            kbdint_auth=False, allow_scp=False,
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=root),
        )  # fmt: skip


def run(bank: Bank, server: SftpServer, stopped: threading.Event) -> None:
    """Works until stopped; what a kill leaves is gone on with by the next run."""
    while not stopped.is_set():
        if not bank.round():
            stopped.wait(PAUSE_S)
    server.stop()
