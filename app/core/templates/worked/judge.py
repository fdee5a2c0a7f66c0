"""Answers of an assistant, each with what is right and with a person's verdict, for a model as judge."""

from __future__ import annotations

from typing import Final

from app.core.templates.recipes import RecipeCheck
from app.core.templates.worked.example import WorkedExample, chat

_ROWS: Final = """\
id,question,reference,answer,human
a-001,"Until when can I return an order?","Within 30 days of delivery.","You have 30 days from the day of delivery.",pass
a-002,"Until when can I return an order?","Within 30 days of delivery.","You can return it at any time.",fail
a-003,"Do you deliver to Norway?","Yes, for 12 euros.","Yes. Delivery to Norway costs 12 euros.",pass
a-004,"Do you deliver to Norway?","Yes, for 12 euros.","We deliver within the EU only.",fail
a-005,"Is the kettle free of BPA?","Yes, no plastic touches the water.","Yes: only steel touches the water.",pass
a-006,"How long is the warranty?","Two years; five for lamps.","All products have five years of warranty.",fail
a-007,"How long is the warranty?","Two years; five for lamps.","Two years, and five years for lamps.",pass
a-008,"Can I pay by invoice?","Companies can, private people can't.","Yes, anybody can pay by invoice.",fail
a-009,"Can I pay by invoice?","Companies can, private people can't.","If you order for a company, yes.",pass
a-010,"Which size of shoe do I need?","One half size up.","They run small: take half a size more than usual.",pass
a-011,"Which size of shoe do I need?","One half size up.","Take your usual size.",fail
a-012,"Is the tent waterproof?","Yes, 3,000 mm.","Yes, up to a water column of 3,000 mm.",pass
a-013,"Is the tent waterproof?","Yes, 3,000 mm.","It keeps light rain out, no more.",fail
a-014,"How do I reach a person?","By phone on weekdays from 8 to 18.","Write to us in this chat, I'm all you need.",fail
a-015,"How do I reach a person?","By phone on weekdays from 8 to 18.","Call us Monday to Friday between 8 and 18.",pass
a-016,"Do you plant a tree for each order?","No.","Yes, every order plants a tree!",fail
a-017,"Do you plant a tree for each order?","No.","No, we don't.",pass
a-018,"Can the blanket be washed?","At 30 °C, wool programme.","Yes, with the wool programme at 30 degrees.",pass
a-019,"Can the blanket be washed?","At 30 °C, wool programme.","Yes, at 60 °C so that it gets really clean.",fail
a-020,"What is the backpack's volume?","22 litres.","It holds 22 litres.",pass
a-021,"What is the backpack's volume?","22 litres.","I don't know, but it is quite large.",fail
a-022,"Is there a student discount?","10 % with a card.","Students get 10 % when they show their card.",pass
a-023,"Is there a student discount?","10 % with a card.","Yes, 20 % for everybody who asks.",fail
a-024,"When is the shop open?","It is online only.","We have no shop that you could visit; we sell online.",pass
"""
_SCHEMA: Final = """\
{
  "type": "object",
  "properties": {
    "reason": {"type": "string", "description": "One sentence, before the verdict."},
    "score": {"type": "integer", "minimum": 1, "maximum": 5},
    "verdict": {"type": "string", "enum": ["pass", "fail"]}
  },
  "required": ["reason", "score", "verdict"],
  "additionalProperties": false
}"""
EXAMPLE: Final = WorkedExample(
    "Answers to judge.csv",
    _ROWS,
    chat(
        "Judge answers",
        "You judge answers of a shop's assistant. An answer passes when it says what the reference says, and nothing that contradicts it. "
        "How it is worded does not matter.",
        "Question: {{question}}\nReference: {{reference}}\nAnswer: {{answer}}",
        "verdict",
        _SCHEMA,
        RecipeCheck("human", field="verdict"),
    ),
)
