"""Django application of the refund domain."""

from django.apps import AppConfig


class RefundConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.refund"
