"""`tollcentre <verb>`: parse, call, print. Refused input exits 2 with one plain line on stderr."""

import importlib
import os
import sys

import click

from tollcentre.core.refusal import Reason, Refusal

HOME_NOT_SET_UP = Reason(
    "home_not_set_up",
    "数据目录 {home} 尚未建库，请先运行 tollcentre setup",
    "the home {home} is not set up: run `tollcentre setup` first",
)

VERBS = {
    "setup": ("setup:setup", "建库并播种 / migrate and seed; repeatable"),
    "network": ("network:network", "路网导入 / import a road network version"),
    "parties": ("parties:parties", "参与方 / import parties, agreements, bank accounts"),
    "organisation": (
        "organisation:organisation",
        "机构人员 / units, and who holds which post",
    ),
    "price": ("price:price", "计费 / price a list of toll units"),
    "issuing": ("issuing:issuing", "发行 / customers, vehicles, media, counter business"),
    "media": ("media:media", "介质登记 / import a register of media"),
    "statuslist": ("status_list:status_list", "状态名单 / import status list entries"),
    "intake": ("intake:intake", "接收记录 / take in record files"),
    "restore": ("restore:restore", "路径还原 / restore journeys from a file of reads"),
    "province": ("simulate:province", "模拟路网 / write the fictitious province's network"),
    "customers": ("simulate:customers", "模拟客户 / write a register of fictitious customers"),
    "simulate": ("simulate:simulate", "模拟流水 / write a simulated day's records and truth"),
    "counterpart": (
        "counterpart:counterpart",
        "对端 / play ministry, bank or channel, report on it",
    ),
    "clear-day": ("clear_day:clear_day", "清分日 / clear one day, or plan it"),
    "verify": ("verify:verify", "核验 / re-check every law"),
    "explain": ("explain:explain", "解释 / explain one passage to the fen"),
    "export": ("export:export", "导出 / export statements and records"),
    "deposit": ("deposit:deposit", "统一缴存 / cash, slips and bills against the lanes"),
    "exchange": (
        "exchange:exchange",
        "往来报文 / exchange messages with the ministry, banks, channels",
    ),
    "settle": ("settle:settle", "结算、解缴 / settle with owners, treasury, issuer, ministry"),
    "disputes": ("disputes:disputes", "争议 / rule disputes, by workbook too; give evidence"),
    "refunds": ("refunds:refunds", "退费补费 / tolls given back or paid afterwards"),
    "completeness": (
        "completeness:completeness",
        "采集完整性 / what arrived; missing batches chased",
    ),
    "parking": ("parking:parking", "ETC 拓展 / trades of service providers, in packs"),
    "backup": ("backup:backup", "备份 / back up database and lake as one point"),
    "restore-backup": ("backup:restore_backup", "恢复备份 / bring a backup back"),
    "bench": ("bench:bench", "基准 / measure speed and quality"),
    "demo": ("demo:demo", "演示 / a whole demo day, then the console"),
    "serve": ("serve:serve", "控制台 / serve the console and the machine API"),
}
"""Verb → module of this folder and its command, and its line in the help."""


class VerbGroup(click.Group):
    """The verbs of VERBS, each loaded on demand after Django has been started."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module_name, attribute = VERBS[cmd_name][0].split(":")
        start_django()
        module = importlib.import_module(f"tollcentre.cli.{module_name}")
        command: click.Command = getattr(module, attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, line) for verb, (_, line) in VERBS.items()])


def start_django() -> None:
    """Settings and models, once a process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tollcentre.config.settings")
    import django  # noqa: PLC0415 - Django must not start before the settings are named

    django.setup()


@click.command(cls=VerbGroup, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """The toll centre (收费中心): from the road's records to what every owner earned."""


def main() -> None:
    """The entry point: 0 on success, 2 on refused input, 1 where a check or law failed."""
    try:
        status = cli.main(standalone_mode=False)
        if isinstance(status, int):
            sys.exit(status)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        click.echo(f"tollcentre: {error.format_message()}", err=True)
        sys.exit(2)
    except Refusal as refusal:
        click.echo(f"tollcentre: {refusal.text()}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        if not _lacks_tables(error):
            raise
        home = os.environ.get("TOLLCENTRE_HOME", "./var")
        click.echo(f"tollcentre: {Refusal(HOME_NOT_SET_UP, home=home).text()}", err=True)
        sys.exit(2)


def _lacks_tables(error: Exception) -> bool:
    """Whether the database is one that `setup` has not made yet."""
    if type(error).__module__ != "django.db.utils":
        return False
    return "no such table" in str(error) or "does not exist" in str(error)


if __name__ == "__main__":
    main()
