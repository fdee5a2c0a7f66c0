"""The page put together: which capability does what on which action, and hears of what.

The order within a list is the order in which they hear of it.
"""

from __future__ import annotations

from collections.abc import Awaitable
from importlib import import_module
from typing import Any

from app.ports import Table
from app.ui.account import handlers as account
from app.ui.activity import debug_handlers as debug
from app.ui.activity import handlers as activity
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler, Registry
from app.ui.base.picking import PICKING
from app.ui.base.reading_actions import READING
from app.ui.base.stars import STARRING
from app.ui.base.worked_actions import WORKING
from app.ui.batches import handlers as batches
from app.ui.batches import rescue_note as rescues
from app.ui.batches import settling_handlers as settling
from app.ui.batches.label_actions import LABELLING
from app.ui.batches.rescue_actions import RESCUING
from app.ui.damage import handlers as damage
from app.ui.datasets import arriving as datasets
from app.ui.datasets.actions import TABLES
from app.ui.help import arriving as help_room
from app.ui.help.actions import HELPING
from app.ui.home import arriving as home
from app.ui.plan import arriving as plan
from app.ui.plan.actions import PLAN_WAYS, PLANS
from app.ui.programs import handlers as programs
from app.ui.programs import rabbit_handlers as rabbit
from app.ui.programs.actions import CHOICES, FOLDER
from app.ui.provider import handlers as provider
from app.ui.provider import key_handlers as keys
from app.ui.provider import limits_handlers as limits
from app.ui.provider import lock_arriving as lock
from app.ui.provider import profile_handlers as profiles
from app.ui.provider.lock_actions import LOCKING
from app.ui.queue import arriving as queue_room
from app.ui.queue import auto_submit_handlers as auto_submit
from app.ui.queue import enqueue_handlers as enqueue
from app.ui.queue import handlers as queue
from app.ui.queue import selecting_handlers as selecting
from app.ui.queue.bulk_actions import BULK
from app.ui.results import handlers as results
from app.ui.results import matching_handlers as matching
from app.ui.results import reading_arriving as reading
from app.ui.results import resend_handlers as resend
from app.ui.results import step_arriving as steps
from app.ui.results import table_arriving as answer_table
from app.ui.results.agreement_actions import AGREEING
from app.ui.results.annotate_actions import ANNOTATING
from app.ui.results.charts_actions import CHARTING
from app.ui.results.compare_actions import COMPARING
from app.ui.results.example_actions import EXEMPLIFYING
from app.ui.results.follow_actions import FOLLOWING
from app.ui.results.judge_actions import JUDGING
from app.ui.results.layout_actions import LAYING_OUT
from app.ui.results.python_actions import PYTHONS
from app.ui.results.reach_actions import REACHING
from app.ui.results.reporting_actions import REPORTING
from app.ui.results.rerun_actions import RERUNNING
from app.ui.results.selection_actions import SELECTING
from app.ui.results.step_actions import STEPPING
from app.ui.results.table_actions import RESULTS
from app.ui.results.take_actions import TAKING
from app.ui.results.take_columns_actions import TAKING_COLUMNS
from app.ui.settings import handlers as settings
from app.ui.shell import handlers as shell
from app.ui.shell import other_tabs
from app.ui.shell.actions import PALETTE, PRACTICE_RUN
from app.ui.templates import arriving as templates
from app.ui.templates import recipe_arriving as recipes
from app.ui.templates.actions import PROMPTS
from app.ui.templates.recipe_actions import RECIPES
from app.ui.threads import check_handlers as checks
from app.ui.threads import handlers as threads
from app.ui.threads import message_handlers as messages
from app.ui.threads import saving_handlers as saving
from app.ui.tries import arriving as tries
from app.ui.tries.actions import TRIES
from app.ui.workspace import handlers as workspace

CAPABILITIES = (
    *(shell, threads, messages, saving, queue, selecting, enqueue, auto_submit, batches, settling, results, resend, matching),
    *(account, activity, debug, programs, rabbit, provider, profiles, keys, limits, settings, damage, workspace),
)

LATER: dict[str, tuple[type[Action], ...]] = {
    "app.ui.shell.palette_handlers": PALETTE,
    "app.ui.shell.practice_run_handlers": PRACTICE_RUN,
    "app.ui.shell.picking_handlers": PICKING,
    "app.ui.home.star_handlers": STARRING,
    "app.ui.datasets.handlers": TABLES,
    "app.ui.datasets.worked_handlers": WORKING,
    "app.ui.provider.lock_handlers": LOCKING,
    "app.ui.templates.handlers": PROMPTS,
    "app.ui.templates.recipe_handlers": RECIPES,
    "app.ui.plan.handlers": PLANS,
    "app.ui.plan.ways_handlers": PLAN_WAYS,
    "app.ui.tries.handlers": TRIES,
    "app.ui.batches.rescue_handlers": RESCUING,
    "app.ui.queue.bulk_handlers": BULK,
    "app.ui.batches.label_handlers": LABELLING,
    "app.ui.results.take_handlers": TAKING,
    "app.ui.results.take_columns_handlers": TAKING_COLUMNS,
    "app.ui.results.reach_handlers": REACHING,
    "app.ui.results.table_handlers": RESULTS,
    "app.ui.results.selection_handlers": SELECTING,
    "app.ui.results.annotate_handlers": ANNOTATING,
    "app.ui.results.judge_handlers": JUDGING,
    "app.ui.results.agreement_handlers": AGREEING,
    "app.ui.results.charts_handlers": CHARTING,
    "app.ui.results.follow_handlers": FOLLOWING,
    "app.ui.results.example_handlers": EXEMPLIFYING,
    "app.ui.results.rerun_handlers": RERUNNING,
    "app.ui.results.step_handlers": STEPPING,
    "app.ui.results.reporting_handlers": REPORTING,
    "app.ui.results.compare_handlers": COMPARING,
    "app.ui.results.layout_handlers": LAYING_OUT,
    "app.ui.results.reading_handlers": READING,
    "app.ui.results.python_handlers": PYTHONS,
    "app.ui.help.handlers": HELPING,
    "app.ui.programs.choices_handlers": CHOICES,
    "app.ui.programs.folder_handlers": FOLDER,
}
"""Handlers whose module is imported when one of its actions first comes: most pages never need them."""


def _later(path: str) -> Handler:
    def handler(context: Context, action: Any, event: Event) -> Awaitable[None] | None:
        handlers: dict[type[Action], Handler] = import_module(path).HANDLERS
        return handlers[type(action)](context, action, event)

    return handler


def registry() -> Registry:
    """Everything that the capabilities do and hear of. Raises TwoHandlers where two would act on one action, and TwoShortcuts where one
    combination of keys would run two in one place."""
    made = Registry(
        on_route=[
            keys.on_route,
            home.on_route,
            activity.on_route,
            batches.on_route,
            rescues.on_route,
            queue_room.on_route,
            account.on_route,
            saving.on_route,
            programs.on_route,
            damage.on_route,
            datasets.on_route,
            templates.on_route,
            recipes.on_route,
            plan.on_route,
            tries.on_route,
            answer_table.on_route,
            steps.on_route,
            help_room.on_route,
            debug.on_route,
        ],
        on_table={
            Table.SEGMENTS: [auto_submit.on_table],
            Table.BATCHES: [batches.on_table],
            Table.EVENTS: [activity.on_table],
            Table.HANDED: [programs.on_table],
            Table.THREADS: [saving.on_table],
            Table.SETTINGS: [
                other_tabs.on_table,
                home.on_table,
                datasets.on_table,
                templates.on_table,
                tries.on_table,
                answer_table.on_table,
                steps.on_table,
                rescues.on_table,
            ],
        },
        on_batch=[auto_submit.on_batch, batches.on_batch, rescues.on_batch, programs.on_batch, activity.on_batch, steps.on_batch],
        on_beat=[lock.lock_when_idle, auto_submit.on_beat, activity.on_beat, debug.on_beat],
        on_drawn=[auto_submit.tell, tries.look, answer_table.on_drawn, reading.look, shell.look_at_practice_run],
        on_queue=[auto_submit.queue_changed, plan.limits_changed, rescues.limits_changed],
        on_profile=[checks.look],
        on_key=[settling.look_with_new_key],
        on_lock=[programs.on_lock],
    )
    made.on_action(*(dict.fromkeys(kinds, _later(path)) for path, kinds in LATER.items()), *(each.HANDLERS for each in CAPABILITIES))
    return made
