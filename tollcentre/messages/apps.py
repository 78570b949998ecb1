"""Django application of the messages domain."""

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    """Registers the tables of this domain; Django's own `messages` label is taken."""

    name = "tollcentre.messages"
    label = "road_messages"
