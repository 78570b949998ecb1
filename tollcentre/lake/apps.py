"""Django application of the lake domain."""

from django.apps import AppConfig


class LakeConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.lake"
