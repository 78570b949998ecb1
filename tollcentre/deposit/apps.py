"""Django application of the deposit domain."""

from django.apps import AppConfig


class DepositConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.deposit"
