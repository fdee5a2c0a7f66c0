"""What each action does. ``HANDLERS`` maps the type of an action to its function."""

from app.ui.account import handlers as account_handlers
from app.ui.activity import handlers as activity_handlers
from app.ui.batches import handlers as batches_handlers
from app.ui.batches import resend_handlers, settling_handlers
from app.ui.damage import handlers as damage_handlers
from app.ui.programs import folder_handlers, rabbit_handlers
from app.ui.programs import handlers as programs_handlers
from app.ui.queue import auto_submit_handlers
from app.ui.queue import handlers as queue_handlers
from app.ui.results import matching_handlers
from app.ui.settings import handlers as settings_handlers
from app.ui.settings import key_handlers, limits_handlers
from app.ui.shell import handlers as shell_handlers
from app.ui.shell import other_tabs
from app.ui.shell.actions_base import Action
from app.ui.shell.loop import Handler
from app.ui.threads import handlers as threads_handlers
from app.ui.threads import message_handlers
from app.ui.workspace import handlers as workspace_handlers

HANDLERS: dict[type[Action], Handler] = {
    **shell_handlers.HANDLERS,
    **threads_handlers.HANDLERS,
    **damage_handlers.HANDLERS,
    **other_tabs.HANDLERS,
    **message_handlers.HANDLERS,
    **queue_handlers.HANDLERS,
    **auto_submit_handlers.HANDLERS,
    **batches_handlers.HANDLERS,
    **settling_handlers.HANDLERS,
    **account_handlers.HANDLERS,
    **resend_handlers.HANDLERS,
    **matching_handlers.HANDLERS,
    **settings_handlers.HANDLERS,
    **key_handlers.HANDLERS,
    **rabbit_handlers.HANDLERS,
    **limits_handlers.HANDLERS,
    **workspace_handlers.HANDLERS,
    **activity_handlers.HANDLERS,
    **programs_handlers.HANDLERS,
    **folder_handlers.HANDLERS,
}
