"""Every read of dispute for others."""

from .booking import book, booked, bookings_of, facts_of, parameters_at, payable_fees
from .deadlines import days_left, deadlines_of
from .evidence import disputes_without_evidence, evidence_facts, evidence_of
from .fates import dispute_named, disputes, fates, hold_of
from .laws import LAWS, verify_disputes
from .own_rulings import liability, open_own_disputes, proposed_rulings, waiting_proposals
from .statistics import compared
from .workbook import faults_workbook, rulings_workbook

__all__ = [
    "LAWS",
    "book",
    "booked",
    "bookings_of",
    "compared",
    "days_left",
    "deadlines_of",
    "dispute_named",
    "disputes",
    "disputes_without_evidence",
    "evidence_facts",
    "evidence_of",
    "facts_of",
    "fates",
    "faults_workbook",
    "hold_of",
    "liability",
    "open_own_disputes",
    "parameters_at",
    "payable_fees",
    "proposed_rulings",
    "rulings_workbook",
    "verify_disputes",
    "waiting_proposals",
]
