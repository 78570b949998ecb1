"""Django application of the ledger domain."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.ledger"
