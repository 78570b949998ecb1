"""Addresses of the console's pages."""

from datetime import date

from django.urls import path, register_converter
from django.views.i18n import set_language

from .views import (
    access,
    channels,
    clearing,
    daily_run,
    deposit,
    dispute,
    exchange,
    inbox,
    ledger,
    messages,
    monitoring,
    network,
    organisation,
    parking,
    participants,
    passage,
    refund,
    reporting,
    rulings,
    settlement,
    settlement_bank,
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
    path("completeness/sources", monitoring.sources, name="sources"),
    path("completeness/requests", monitoring.requests, name="requests"),
    path("completeness/requests/close", monitoring.close, name="close_batch_request"),
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
    path("exchange/peers", exchange.peers, name="exchange_peers"),
    path("exchange/notices", channels.notices, name="channel_notices"),
    path("exchange/bills", channels.bills, name="channel_bills"),
    path("exchange/bills/<str:channel>/<str:day>", channels.bill, name="channel_bill"),
    path("deposits", deposit.board, name="deposits"),
    path("deposits/shifts", deposit.shifts, name="deposit_shifts"),
    path(
        "deposits/shifts/<str:station_id>/<day:day>/<str:shift>",
        deposit.shift,
        name="deposit_shift",
    ),
    path("deposits/payments", deposit.payments, name="deposit_payments"),
    path("deposits/channels", deposit.channels, name="deposit_channels"),
    path("deposits/orders", deposit.orders, name="deposit_orders"),
    path("deposits/differences", deposit.differences, name="deposit_differences"),
    path("deposits/difference", deposit.difference, name="deposit_difference"),
    path("refunds", refund.refunds, name="refunds"),
    path("refunds/found", refund.found, name="refunds_found"),
    path("refunds/found/decide", refund.decide_found, name="refunds_decide"),
    path("refunds/approve", refund.approve_shown, name="refunds_approve"),
    path("refunds/credits", refund.credits, name="refund_credits"),
    path("refunds/<str:change_id>", refund.refund, name="refund"),
    path("passages/<str:pass_id>/refund", refund.raise_refund, name="refund_raise"),
    path("exchange/proof", clearing.proof, name="upload_proof"),
    path("provinces", clearing.provinces, name="cross_province"),
    path("extension/fates", parking.fates, name="extension_fates"),
    path("extension/trades", parking.trades, name="extension_trades"),
    path("extension/packs", parking.packs, name="extension_packs"),
    path("extension/statistics", parking.statistics, name="extension_statistics"),
    path("extension/statistics/<day:day>", parking.statistics, name="extension_statistics_of"),
    path("ageing", dispute.ageing, name="ageing"),
    path("disputes", dispute.disputes, name="disputes"),
    path("disputes/own", rulings.own_disputes, name="own_disputes"),
    path("disputes/own.xlsx", rulings.export_rulings, name="export_rulings"),
    path("disputes/import", rulings.import_rulings, name="import_rulings"),
    path("disputes/liability", rulings.liability, name="liability"),
    path("disputes/<int:key>", rulings.dispute, name="dispute"),
    path("claims", dispute.claims, name="claims"),
    path("statistics", dispute.statistics, name="statistics"),
    path("statistics/<day:day>", dispute.statistics, name="statistics_of"),
    path("settlement/windows", settlement.windows, name="settle_windows"),
    path("settlement/statements", settlement.statements, name="settle_statements"),
    path(
        "settlement/statements/<str:statement_no>",
        settlement.statement,
        name="settle_statement",
    ),
    path(
        "settlement/statements/<str:statement_no>/file.<str:suffix>",
        settlement.statement_file,
        name="settle_statement_file",
    ),
    path(
        "settlement/statements/<str:statement_no>/confirm",
        settlement.confirm,
        name="settle_confirm",
    ),
    path(
        "settlement/statements/<str:statement_no>/contest",
        settlement.contest,
        name="settle_contest",
    ),
    path(
        "settlement/statements/<str:statement_no>/answer/<int:number>",
        settlement.answer,
        name="settle_answer",
    ),
    path("settlement/movements", settlement.movements, name="settle_movements"),
    path("settlement/contests", settlement.contests, name="settle_contests"),
    path("settlement/release", settlement.release, name="settle_release"),
    path("settlement/pay", settlement_bank.pay, name="settle_pay"),
    path("settlement/payments", settlement_bank.payments, name="settle_payments"),
    path(
        "settlement/payments/<str:instruction_id>",
        settlement_bank.payment,
        name="settle_payment",
    ),
    path("settlement/bank", settlement_bank.bank_days, name="settle_bank_days"),
    path("settlement/bank/lines", settlement_bank.bank_lines, name="settle_bank_lines"),
    path(
        "settlement/bank/line/<path:line_key>", settlement_bank.bank_line, name="settle_bank_line"
    ),
    path("settlement/exceptions", settlement_bank.exceptions, name="settle_exceptions"),
    path("settlement/positions", settlement_bank.positions, name="settle_positions"),
    path("settlement/allotted", settlement_bank.allotted, name="settle_allotted"),
    path("settlement/entries", settlement_bank.entries, name="settle_entries"),
    path("settlement/adding", settlement_bank.adding, name="settle_adding"),
    path("organisation/units", organisation.units, name="units"),
    path("organisation/posts", organisation.posts, name="posts"),
    path("parties", participants.parties, name="parties"),
    path("agreements", participants.agreements, name="agreements"),
    path("sections", participants.sections, name="sections"),
    path("bank-accounts", participants.bank_accounts, name="bank_accounts"),
]
