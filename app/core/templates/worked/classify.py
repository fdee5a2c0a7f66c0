"""Messages to a shop's support, each with the topic that a person gave it."""

from __future__ import annotations

from typing import Final

from app.core.templates.recipes import RecipeCheck
from app.core.templates.worked.example import WorkedExample, chat

_ROWS: Final = """\
id,channel,message,expected
m-001,mail,"I was charged twice for order 4471. Please return one of the two payments.",billing
m-002,chat,"Where is my parcel? Tracking has said “in transit” for nine days.",delivery
m-003,mail,"The lid of the kettle does not close any more after one week.",defect
m-004,chat,"How do I change the email address of my account?",account
m-005,form,"Just wanted to say that your packaging without plastic is lovely. Thank you!",praise
m-006,mail,"La factura no incluye mi número de IVA. ¿Pueden enviarla de nuevo?",billing
m-007,mail,"Das Paket kam heute an, aber ein Schuh fehlt im Karton.",delivery
m-008,chat,"The lamp flickers and smells burnt. I have unplugged it.",defect
m-009,form,"I can't log in. The code that you send me is always expired.",account
m-010,mail,"Le livreur a laissé le colis sous la pluie, le carton est trempé.",delivery
m-011,chat,"Why is there a fee of 3.90 on my receipt that the shop page did not show?",billing
m-012,form,"Please delete my account and everything you know about me.",account
m-013,mail,"Best customer service I had in years: Amina solved it in five minutes.",praise
m-014,chat,"The zip of the backpack came off the first time I used it.",defect
m-015,mail,"My refund was promised for Monday. It is Thursday, and nothing came.",billing
m-016,chat,"Can you deliver to a packing station instead? I'm never home before eight.",delivery
m-017,form,"Die Kopfhörer laden nur noch auf einer Seite.",defect
m-018,mail,"I have two accounts by mistake. Can you merge them?",account
m-019,chat,"The new app is so much faster. Well done!",praise
m-020,mail,"You delivered size 42, the order says 41.",delivery
m-021,form,"Is there a way to pay by invoice instead of by card?",billing
m-022,mail,"The coffee grinder stops after ten seconds, every time.",defect
m-023,chat,"I never asked for a newsletter. Take me off the list.",account
m-024,form,"Delivered a day early and even gift-wrapped. Great!",praise
"""
_SCHEMA: Final = """\
{
  "type": "object",
  "properties": {
    "topic": {"type": "string", "enum": ["billing", "delivery", "defect", "account", "praise"]},
    "urgent": {"type": "boolean", "description": "Whether somebody has to answer today."}
  },
  "required": ["topic", "urgent"],
  "additionalProperties": false
}"""
EXAMPLE: Final = WorkedExample(
    "Support messages.csv",
    _ROWS,
    chat(
        "Classify messages",
        "You sort messages to the support of a web shop. Choose the one topic that decides who has to answer.",
        "Message ({{channel}}):\n{{message}}",
        "topic",
        _SCHEMA,
        RecipeCheck("expected", field="topic"),
    ),
)
