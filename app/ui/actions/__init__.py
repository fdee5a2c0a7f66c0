"""Everything that a person can do, as typed values, a module for each room. Views name them, handlers carry them out."""

from app.ui.actions.account import *
from app.ui.actions.base import Action, Event, decode, encode, kinds
from app.ui.actions.batches import *
from app.ui.actions.broker import *
from app.ui.actions.compose import *
from app.ui.actions.damage import *
from app.ui.actions.everywhere import *
from app.ui.actions.log import *
from app.ui.actions.programs import *
from app.ui.actions.queue import *
from app.ui.actions.settings import *
from app.ui.actions.workspace import *

__all__ = ["Action", "Event", "decode", "encode", "kinds"]
