"""`tollcentre price --units a,b,c --vehicle-type 1 --medium obu --at TIME`."""

import json
import sys
from dataclasses import asdict
from typing import Any

import click

from tollcentre.core.clock import epoch_of
from tollcentre.core.codes import MediaType
from tollcentre.core.formats import amount_text, distance_text
from tollcentre.core.refusal import Refusal
from tollcentre.tariff.queries import price_journey
from tollcentre.tariff.terms import JourneyPrice

MEDIA = {medium.name.lower(): medium for medium in MediaType}


@click.command()
@click.option("--units", required=True, help="收费单元，逗号分隔 / toll units, comma-separated")
@click.option("--vehicle-type", type=int, required=True, help="车型 / 1–4, 11–16, 21–26")
@click.option("--medium", type=click.Choice(list(MEDIA)), required=True, help="通行介质 / medium")
@click.option("--at", "at_text", required=True, help="驶出时间 / time of exit, 2026-11-22T08:00:00")
@click.option("--vehicle-class", type=int, default=0, show_default=True, help="车种 / kind")
@click.option("--seats", type=int, default=0, help="座位数 / seats, where they are known")
@click.option("--network-version", help="路网版本 / instead of the one valid on the day")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 回答 / answer as JSON")
def price(
    units: str, vehicle_type: int, medium: str, at_text: str, vehicle_class: int, seats: int,
    network_version: str | None, as_json: bool,
) -> None:  # fmt: skip
    """计费：price a list of toll units, to the fen, with each owner's part.

    Exit status 2 and a reason where a unit is unknown, a connecting ramp, or has no rate.
    """
    try:
        at = epoch_of(at_text)
    except ValueError as error:
        message = f"不是时间 / not a time: {at_text!r}"
        raise click.BadParameter(message, param_hint="--at") from error
    try:
        priced = price_journey(
            units=[unit.strip() for unit in units.split(",") if unit.strip()],
            media_type=MEDIA[medium], vehicle_type=vehicle_type, vehicle_class=vehicle_class,
            seats=seats, at=at, version=network_version,
        )  # fmt: skip
    except Refusal as refusal:
        if as_json:
            click.echo(json.dumps(_refused(refusal), ensure_ascii=False))
        click.echo(f"tollcentre: {refusal.text()}", err=True)
        sys.exit(2)
    click.echo(json.dumps(_answer(priced), ensure_ascii=False) if as_json else _lines(priced))


def _refused(refusal: Refusal) -> dict[str, Any]:
    """The refusal as scripts read it: its code, and what it is about."""
    details = {name: str(value) for name, value in refusal.details.items()}
    return {
        "refused": refusal.code,
        "field": refusal.field,
        **details,
        "zh": refusal.text_zh(),
        "en": refusal.text_en(),
    }


def _answer(priced: JourneyPrice) -> dict[str, Any]:
    """The price as scripts read it; `exemption` only where the journey is free."""
    answer: dict[str, Any] = {
        "units": [asdict(unit) for unit in priced.units],
        "mileage_m": priced.mileage_m,
        "pay_fee": priced.pay_fee,
        "discount_fee": priced.discount_fee,
        "fee": priced.fee,
        "owners": [asdict(owner) for owner in priced.owners],
    }
    if priced.exemption is not None:
        exempt = priced.exemption
        answer["exemption"] = {"code": exempt.code, "zh": exempt.zh, "en": exempt.en}
    return answer


def _lines(priced: JourneyPrice) -> str:
    """The price as people read it."""
    lines = [f"路网 / network {priced.network_version}  {distance_text(priced.mileage_m)}"]
    lines += [
        f"  {unit.unit}  {distance_text(unit.length_m):>12}  {amount_text(unit.fee):>12}"
        for unit in priced.units
    ]
    lines += [
        f"  业主 / owner {owner.owner_id} {owner.road_id}  {amount_text(owner.fee):>12}"
        for owner in priced.owners
    ]
    if priced.exemption is not None:
        lines.append(f"免费 / free: {priced.exemption.zh} / {priced.exemption.en}")
    lines.append(
        f"应收 / due {amount_text(priced.pay_fee)}  优惠 / discount"
        f" {amount_text(priced.discount_fee)}  实收 / charged {amount_text(priced.fee)}"
    )
    return "\n".join(lines)
