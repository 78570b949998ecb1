"""`tollcentre exchange …`: exchange messages with the ministry's centre, banks and channels."""

import json
import time
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import click

from tollcentre.clearing.queries import (
    cross_province,
    split_claims,
    statistic_days,
    upload_proofs,
)
from tollcentre.core import formats
from tollcentre.core.refusal import Refusal
from tollcentre.dispute.queries import fates
from tollcentre.gateway import banks, channels, packs, plates
from tollcentre.gateway import exchange as gateway
from tollcentre.gateway.terms import NO_EXTENSION_CENTRE
from tollcentre.messages import actions
from tollcentre.messages import queries as messages
from tollcentre.messages.terms import PeerKind
from tollcentre.settlement.queries import counted

from .arguments import actor_name

HOST_KEY = click.option(
    "--host-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="银行主机公钥文件 / file with the public key of its host",
)
OWN = click.option(
    "--own",
    "own_code",
    default="620201",
    show_default=True,
    help="本方编号 / as whom we speak to it",
)
PEER_COLUMNS = ("code", "kind", "address", "fault")
BILL_COLUMNS = ("channel", "day", "message_id", "tries", "fault")
HOUR_S = 3600
JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON / answer as JSON")
NEW_TOKEN = "对端须出示的令牌，只显示一次 / the token that the peer is to show us, told this once"


@click.group()
def exchange() -> None:
    """往来报文：exchange messages with the ministry's centre, banks and payment channels.

    docs/exchange.md and docs/banks.md say how.
    """


@exchange.command("peer")
@click.argument("code")
@click.option("--address", required=True, help="对端地址 / where the peer listens")
@click.option("--own", "own_code", default="", help="本方编号 / as whom we speak to it")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="对端给我方的令牌文件 / file with the token that the peer gave us",
)
@click.option("--move", is_flag=True, help="只改地址 / the peer listens elsewhere from now on")
def peer(code: str, address: str, own_code: str, token_file: Path | None, move: bool) -> None:
    """登记对端中心：register a centre; prints the token that it is to show us, this once."""
    if token_file is not None:
        path = gateway.token_path(code)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(token_file.read_text(encoding="utf-8").strip() + "\n", encoding="utf-8")
    if move:
        actions.move_peer(code=code, address=address, actor=actor_name())
        return
    if not own_code:
        raise click.UsageError("缺少 --own / --own is missing")
    click.echo(
        actions.add_peer(
            code=code, own_code=own_code, address=address, actor=actor_name(), now=actions.moment()
        )
    )


@exchange.command("bank")
@click.argument("code")
@click.option("--address", required=True, help="主机:端口 / host:port of its SFTP server")
@click.option("--user", default="", help="登录用户 / the user that we log in as")
@HOST_KEY
@OWN
@click.option("--move", is_flag=True, help="只改地址、主机公钥 / another address or host key")
def bank(
    code: str, address: str, user: str, host_key: Path | None, own_code: str, move: bool
) -> None:  # fmt: skip
    """登记银行：register a bank; prints the public key of ours that it is to let in."""
    known = None if host_key is None else host_key.read_bytes()
    if move:
        actions.move_peer(code=code, address=address, actor=actor_name())
        if known is not None:
            banks.pin(code, known)
        return
    if known is None or not user:
        raise click.UsageError("缺少 --host-key 或 --user / --host-key or --user is missing")
    click.echo(
        banks.register(
            code=code, own_code=own_code, address=address, user=user, host_key=known,
            actor=actor_name(), now=actions.moment(),
        )
    )  # fmt: skip


@exchange.command("channel")
@click.argument("code")
@click.option("--address", required=True, help="渠道地址 / where its bills are fetched")
@click.option(
    "--key-file",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="双方共用的密钥文件 / file with the key that we share",
)
@OWN
def channel(code: str, address: str, key_file: Path, own_code: str) -> None:
    """登记支付渠道：register a payment channel; its notices come to /api/channels/CODE/notices."""
    channels.register(
        code=code, own_code=own_code, address=address, key=key_file.read_bytes(),
        actor=actor_name(), now=actions.moment(),
    )  # fmt: skip


@exchange.command("extension")
@click.argument("code", metavar="CODE16HEX")
@click.option("--address", required=True, help="主机:端口 / host:port where it takes packs")
@click.option(
    "--own", "own_code", default="", help="本方编号 / as whom we speak to it, 16 hex digits"
)
@click.option("--move", is_flag=True, help="只改地址 / it listens elsewhere from now on")
def extension(code: str, address: str, own_code: str, move: bool) -> None:
    """登记拓展中心：register the extension centre that takes the packs of service providers."""
    if move:
        actions.move_peer(code=code, address=address, actor=actor_name())
        return
    actions.add_extension(
        code=code, own_code=own_code, address=address, actor=actor_name(), now=actions.moment()
    )


@exchange.command("packs")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址 / where we listen")
@click.option("--port", type=click.IntRange(0, 65535), required=True, help="监听端口 / its port")
def listen_for_packs(host: str, port: int) -> None:
    """接收报文包：take the extension centre's packs, from its own host alone; until Ctrl-C.

    What was taken is acted on and answered by `exchange run`.
    """
    centre = messages.peers(kind=PeerKind.PACK).first()
    if centre is None:
        raise Refusal(NO_EXTENSION_CENTRE)
    with packs.listen(centre, host, port) as server:
        click.echo(f"接收报文包 / taking packs: {host}:{server.server_address[1]}")
        server.serve_forever()


@exchange.command("run")
@click.option("--once", is_flag=True, help="只做一轮 / one turn only")
@click.option("--every", default=5.0, show_default=True, help="秒 / seconds between turns")
@JSON
def run(once: bool, every: float, as_json: bool) -> None:
    """收发报文：queue what is due, act on what came, send, fetch; every hour what time brings."""
    hour = 0
    with gateway.client() as carrier:
        while True:
            now = actions.moment()
            if now // HOUR_S != hour:
                gateway.every_hour(now)
                hour = now // HOUR_S
            made = gateway.turn(now, carrier) + banks.turn(actions.moment())
            made += channels.turn(actions.moment(), carrier) + packs.turn(actions.moment())
            made += plates.turn(actions.moment(), carrier)
            if as_json:
                click.echo(json.dumps(asdict(made)))
            elif made or once:
                click.echo(_told(made))
            if once:
                return
            time.sleep(every)


def _told(made: gateway.Turn) -> str:
    names = {"queued": "新报文 queued", "sent": "已送达 sent", "laid": "已放下 laid down",
             "taken": "已收取 taken", "refused": "被拒 refused",
             "unknown": "未知 not known", "done": "已处理 done", "waiting": "等待 waiting",
             "failed": "出错 failed"}  # fmt: skip
    return "  ".join(f"{names[name]} {count:,}" for name, count in asdict(made).items())


@exchange.command("status")
@JSON
def status(as_json: bool) -> None:
    """收发情况：who is at the other end, and how many messages of each kind stand where."""
    found = messages.exchange_counts()
    if as_json:
        told = {row["code"]: row for row in messages.peers().values(*PEER_COLUMNS)}
        click.echo(json.dumps(found | {"peers": told}, ensure_ascii=False))
        return
    for one in messages.peers():
        click.echo(f"{one.kind:9} {one.code:22} {one.address} {one.fault or '—'}")
    for way, kinds in found.items():
        for kind, states in kinds.items():
            for state, (count, amount) in states.items():
                click.echo(f"{way:9} {kind:22} {state:8} {count:>8,} {amount:>20,}")


@exchange.command("bills")
@click.option("--missing", is_flag=True, help="只看未到的 / only those that are not here yet")
@JSON
def bills(missing: bool, as_json: bool) -> None:
    """渠道账单：each channel's bill of a day, how often we asked for it, and what is in the way."""
    rows = list(messages.channel_bills(missing=missing).values(*BILL_COLUMNS))
    if as_json:
        click.echo(json.dumps(rows, default=str, ensure_ascii=False))
        return
    for row in rows:
        state = row["message_id"] or row["fault"] or "—"
        click.echo(f"{row['channel']:10} {row['day']} {row['tries']:>5,} {state}")


@exchange.command("fates")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="起 / first clear day")
@click.option("--end", type=click.DateTime(["%Y-%m-%d"]), help="止 / last clear day")
@JSON
def fates_(start: datetime | None, end: datetime | None, as_json: bool) -> None:
    """交易去向：what has become of every trade and exit, and whom it waits on."""
    rows = fates(start.date() if start else None, end.date() if end else None)
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False, default=str))
        return
    for row in rows:
        click.echo(f"{row.direction:7} {row.fate:10} {row.waits_on:8} {row.since or '—'!s:10}"
                   f" {row.count:>9,} {formats.amount_text(row.fee):>18}")  # fmt: skip


@exchange.command("claims")
@JSON
def claims(as_json: bool) -> None:
    """拆分申诉：journeys that the ministry split otherwise than we did, a claim each."""
    rows = split_claims()
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False, default=str))
        return
    for row in rows:
        amounts = (f"{formats.amount_text(fen):>14}" for fen in
                   (row.our_fee, row.their_fee, row.claimed))  # fmt: skip
        click.echo(f"{row.clear_date} {row.pass_id:36} {row.toll_province} {' '.join(amounts)}")


@exchange.command("proof")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="起 / first clear day")
@click.option("--end", type=click.DateTime(["%Y-%m-%d"]), help="止 / last clear day")
@JSON
def proof(start: datetime | None, end: datetime | None, as_json: bool) -> None:
    """上报核对：what landed of each day against what went up and what the ministry holds."""
    rows = upload_proofs(start.date() if start else date.min, end.date() if end else date.max)
    if as_json:
        told = [asdict(row) | {"state": row.state} for row in rows]
        click.echo(json.dumps(told, ensure_ascii=False, default=str))
        return
    for row in rows:
        counts = (row.landed_count, row.unfit, row.sent_count, row.taken_count, row.held_count)
        click.echo(f"{row.clear_date} {row.kind:18} {row.state:9} {row.messages:>6,}"
                   f" {' '.join(f'{count:>12,}' for count in counts)}"
                   f" {formats.amount_text(row.sent_fee):>20}")  # fmt: skip


@exchange.command("provinces")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="起 / first clear day")
@click.option("--end", type=click.DateTime(["%Y-%m-%d"]), help="止 / last clear day")
@JSON
def provinces(start: datetime | None, end: datetime | None, as_json: bool) -> None:
    """跨省往来：receivable, payable and net by clear day and province, and what was counted."""
    rows = cross_province(start.date() if start else date.min, end.date() if end else date.max)
    if as_json:
        told = [asdict(row) | {"net": row.net, "net_counted": row.net_counted} for row in rows]
        click.echo(json.dumps(told, ensure_ascii=False, default=str))
        return
    for row in rows:
        fens = (row.receivable, row.payable, row.net, row.receivable_counted, row.payable_counted,
                row.net_counted)  # fmt: skip
        amounts = " ".join(f"{formats.amount_text(fen):>16}" for fen in fens)
        click.echo(f"{row.clear_date} {row.province} {amounts}")


@exchange.command("statistics")
@JSON
def statistics(as_json: bool) -> None:
    """清分统计对照：each clear day by counterparty, our figure and the ministry's."""
    told = {str(day): [asdict(row) for row in counted(day)] for day in statistic_days()}
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for day, rows in told.items():
        for row in rows:
            off = row["their_fee"] - row["our_fee"]
            click.echo(f"{day} {row['side']:10} {row['kind']:5} {row['party']:8}"
                       f" {row['our_count']:>8,}"
                       f" {formats.amount_text(row['our_fee']):>18}"
                       f" {formats.amount_text(row['their_fee']):>18}"
                       f" {formats.amount_text(off) if off else '='}")  # fmt: skip
