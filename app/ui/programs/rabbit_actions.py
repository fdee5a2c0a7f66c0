"""RabbitMQ: where it is, and whether messages are taken from it."""

from __future__ import annotations

from app.ui.base.actions_base import Action


class TypeBroker(Action, frozen=True):
    """Set one field of the settings being edited."""

    name: str


class TypeBrokerPassword(Action, frozen=True):
    pass


class RememberBrokerPassword(Action, frozen=True):
    pass


class EditBroker(Action, frozen=True):
    """Open the fields, or (``on`` false) leave them as they are stored."""

    on: bool


class SaveBroker(Action, frozen=True):
    pass


class TestBroker(Action, frozen=True):
    pass


class TakeMessages(Action, frozen=True):
    """Take messages from the queue while the page is open, or stop it."""

    on: bool


class ForgetBrokerPassword(Action, frozen=True):
    pass
