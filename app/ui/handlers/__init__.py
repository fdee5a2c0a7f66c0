"""What each action does. ``HANDLERS`` maps the type of an action to its function."""

from app.ui.actions import Action
from app.ui.app import Handler
from app.ui.handlers import (
    account,
    again,
    batches,
    broker,
    common,
    compose,
    damage,
    elsewhere,
    folder,
    keys,
    limits,
    log,
    matching,
    messages,
    outgoing,
    programs,
    queue,
    settings,
    settling,
    workspace,
)

HANDLERS: dict[type[Action], Handler] = {
    **common.HANDLERS,
    **compose.HANDLERS,
    **damage.HANDLERS,
    **elsewhere.HANDLERS,
    **messages.HANDLERS,
    **queue.HANDLERS,
    **outgoing.HANDLERS,
    **batches.HANDLERS,
    **settling.HANDLERS,
    **account.HANDLERS,
    **again.HANDLERS,
    **matching.HANDLERS,
    **settings.HANDLERS,
    **keys.HANDLERS,
    **broker.HANDLERS,
    **limits.HANDLERS,
    **workspace.HANDLERS,
    **log.HANDLERS,
    **programs.HANDLERS,
    **folder.HANDLERS,
}
