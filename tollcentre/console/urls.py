"""Addresses of the console's pages."""

from datetime import date

from django.urls import path, register_converter
from django.views.i18n import set_language

from .views import (
    access,
    daily_run,
    dispute,
    exchange,
    inbox,
    ledger,
    messages,
    monitoring,
    network,
    passage,
    reporting,
    tariff,
)


class DayConverter:
    """`2026-11-22` in an address, as a day."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """The day; ValueError (no such page) where the calendar has none."""
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        """The day as text."""
        return value.isoformat()


register_converter(DayConverter, "day")

urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("login", access.login, name="login"),
    path("logout", access.logout, name="logout"),
    path("language", set_language, name="set_language"),
    path("approvals", access.approvals, name="approvals"),
    path("approvals/<str:approval_key>", access.approval, name="approval"),
    path("day", daily_run.day_board, name="day"),
    path("day/<day:day>", daily_run.day_board, name="day_of"),
    path("day/<day:day>/plan", daily_run.plan, name="plan"),
    path("day/<day:day>/start", daily_run.start, name="start"),
    path("runs", daily_run.runs, name="runs"),
    path("runs/<str:run_key>", daily_run.run, name="run"),
    path("runs/<str:run_key>/steps", daily_run.run_steps, name="run_steps"),
    path("runs/<str:run_key>/waits", daily_run.run_waits, name="run_waits"),
    path("review", passage.review, name="review"),
    path("decisions", passage.decisions, name="decisions"),
    path("runs/<str:run_key>/passages/<int:pass_key>/decide", passage.decide, name="decide"),
    path("differences", reporting.differences, name="differences"),
    path("passages", passage.passages, name="passages"),
    path("passages/<str:pass_id>", passage.passage, name="passage"),
    path("statements", reporting.statements, name="statements"),
    path("statements/<day:day>/<str:owner_id>", reporting.statement, name="statement"),
    path(
        "statements/<day:day>/<str:owner_id>/file.<str:suffix>",
        reporting.statement_file,
        name="statement_file",
    ),
    path("ledger", ledger.trial_balance, name="trial_balance"),
    path("ledger/account", ledger.account, name="account"),
    path("ledger/batches", ledger.batches, name="batches"),
    path("ledger/batch", ledger.batch, name="batch"),
    path("ledger/holds", ledger.holds, name="holds"),
    path("ledger/holds/<path:hold_key>", ledger.hold, name="hold"),
    path("network", network.network_map, name="network_map"),
    path("network/versions", network.versions, name="network_versions"),
    path("network/data/<str:version>", network.data, name="network_data"),
    path("tariff", tariff.price, name="tariff"),
    path("tariff/answer", tariff.answer, name="tariff_answer"),
    path("completeness", monitoring.completeness, name="completeness"),
    path("quarantine", messages.quarantine, name="quarantine"),
    path("quarantine/replay", messages.replay, name="quarantine_replay"),
    path("intake", messages.batches, name="intake"),
    path("trail", access.trail, name="trail"),
    path("exchange/sent", exchange.sent, name="exchange_sent"),
    path("exchange/sent/<str:message_id>", exchange.sent_one, name="exchange_sent_one"),
    path("exchange/sent/<str:message_id>/again", exchange.sent_again, name="exchange_sent_again"),
    path("exchange/received", exchange.received, name="exchange_received"),
    path(
        "exchange/received/<str:sender>/<str:message_id>",
        exchange.received_one,
        name="exchange_received_one",
    ),
    path(
        "exchange/received/<str:sender>/<str:message_id>/again",
        exchange.received_again,
        name="exchange_received_again",
    ),
    path("exchange/arrivals", exchange.arrivals, name="exchange_arrivals"),
    path("ageing", dispute.ageing, name="ageing"),
    path("disputes", dispute.disputes, name="disputes"),
    path("claims", dispute.claims, name="claims"),
    path("statistics", dispute.statistics, name="statistics"),
    path("statistics/<day:day>", dispute.statistics, name="statistics_of"),
]
