"""`tollcentre explain PASS_ID --json`."""

import json
from dataclasses import asdict

import click

from tollcentre.access.terms import SHELL_VIEWER
from tollcentre.core.formats import amount_text, time_text
from tollcentre.reporting.queries import explain_passage, money_chain


@click.command()
@click.argument("pass_id")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出 / print as JSON")
def explain(pass_id: str, as_json: bool) -> None:
    """解释一次通行：its records, path, price, split and postings, to the fen."""
    answer = explain_passage(pass_id, SHELL_VIEWER)
    answer["chain"] = [asdict(step) for step in money_chain(answer, SHELL_VIEWER)]
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, default=str))
        return
    passage = answer["passage"]
    click.echo(f"{answer['pass_id']} {passage['vehicle_id']} 清分日 / day {answer['clear_date']}")
    click.echo(f"  收取 / collected {amount_text(passage['collected'])}"
               f"  本省 / own {amount_text(passage['own_fee'])}"
               f"  外省 / others {amount_text(passage['others_fee'])}"
               f"  留待复核 / held {amount_text(passage['held_fee'])}"
               f"  重算 / recomputed {amount_text(passage['expected_fee'])}")  # fmt: skip
    for row in answer["records"]:
        place = row.get("gantry_id") or row.get("station_id") or ""
        click.echo(f"  {time_text(row['time'])} {row['kind']:13} {place}")
    for row in answer["path"]:
        click.echo(f"  {row['seq']:3} {row['toll_interval_id']} 标识 / sign {row['sign']}"
                   f" {amount_text(row['fee'])}")  # fmt: skip
    for row in answer["split"]:
        click.echo(f"  {row['toll_interval_id']} → {row['owner_name']} {amount_text(row['fee'])}")
    for row in answer["postings"]:
        click.echo(f"  {row['side']:6} {row['account']} {amount_text(row['amount_fen'])}")
    for row in answer["chain"]:
        amount = "" if row["fee"] is None else amount_text(row["fee"])
        click.echo(f"  {row['step']:9} {row['of']} {row['reference']} {row['day'] or ''}"
                   f" {amount} {row['about']}")  # fmt: skip
