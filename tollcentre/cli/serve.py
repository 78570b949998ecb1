"""`tollcentre serve`: the console and the machine API on one address, jobs done beside them."""

import ipaddress
import signal
import subprocess
import sys
from types import FrameType

import click
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from waitress.server import create_server

from tollcentre.access.queries import has_demo_users
from tollcentre.core.refusal import Reason, Refusal

NOT_SET_UP = Reason(
    "home_not_set_up",
    "本目录尚未建库，请先运行 tollcentre setup",
    "this home has no database yet, or an older one: run tollcentre setup first",
)
DEMO_USERS = Reason(
    "demo_users_present",
    "本目录有演示账号，只能在本机（127.0.0.1）提供服务，不能监听 {host}",
    "this home has demo accounts: it may serve this machine only, not listen on {host}",
)
ADDRESS_TAKEN = Reason(
    "address_not_available",
    "无法监听 {address}：{why}",
    "cannot listen on {address}: {why}",
)
PORT = click.IntRange(1, 65535)
WORKER_MODULE = "tollcentre.cli.worker"
SHOW_ADDRESS_OF_ALL = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_set_up() -> None:
    """Refuse a home whose database lacks a migration."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Refusal(NOT_SET_UP)


def start_worker() -> "subprocess.Popen[bytes]":
    """The process that does the jobs people start; it ends with this one, however that ends."""
    return subprocess.Popen([sys.executable, "-m", WORKER_MODULE], stdin=subprocess.PIPE)


def stop_on_signal(number: int, frame: FrameType | None) -> None:
    """SIGTERM ends the server as Ctrl-C does."""
    raise KeyboardInterrupt


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址 / address")
@click.option("--port", default=8000, show_default=True, type=PORT, help="端口 / port")
@click.option("--threads", default=8, show_default=True, help="线程 / threads for requests")
def serve(host: str, port: int, threads: int) -> None:
    """控制台与接口：serve the console and the machine API until Ctrl-C.

    Beyond loopback it refuses while demo accounts exist; name the public host in
    TOLLCENTRE_ALLOWED_HOSTS.
    """
    require_set_up()
    if not is_loopback(host) and has_demo_users():
        raise Refusal(DEMO_USERS, host=host)
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    try:
        server = create_server(get_wsgi_application(), host=host, port=port, threads=threads)
    except OSError as error:
        raise Refusal(ADDRESS_TAKEN, address=f"{host}:{port}", why=error.strerror) from error
    signal.signal(signal.SIGTERM, stop_on_signal)
    worker = start_worker()
    shown = SHOW_ADDRESS_OF_ALL.get(host, host)
    click.echo(
        f"控制台已就绪 / the console is ready: http://{shown}:{port}/  (Ctrl-C 停止 / stops)"
    )
    sys.stdout.flush()
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
        if worker.stdin is not None:
            worker.stdin.close()
        worker.wait(timeout=30)
    click.echo("已停止 / stopped")
