"""Django application of the participants domain."""

from django.apps import AppConfig


class ParticipantsConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.participants"
