"""Short articles of a help centre, for a search by meaning."""

from __future__ import annotations

from typing import Final

from app.core.model.lanes import EMBEDDINGS
from app.core.model.templates import PromptContent
from app.core.templates.recipes import FORMAT, Recipe
from app.core.templates.worked.example import WorkedExample

_ROWS: Final = """\
id,title,text
h-001,Track a parcel,"The link in the mail “On its way” shows where your parcel is. It works about two hours after the mail."
h-002,Return an order,"Print the label from your account, put it on the box, and hand it in at any parcel shop within 30 days."
h-003,When a refund comes,"Within five working days after your parcel is back with us, by the way that you paid."
h-004,Change an address,"As long as an order is not packed, its address can be changed under Orders."
h-005,Cancel an order,"Orders can be cancelled until they are packed, usually for an hour. After that, return the parcel."
h-006,A parcel is damaged,"Take a picture before you open it and send it to us. We send a new one at once."
h-007,An item is missing,"Large orders come in several parcels. If one is late for more than three days, write to us."
h-008,Reset a password,"Choose “Forgot my password”. The mail with the link is valid for 20 minutes."
h-009,Log in without a password,"Passkeys work on phones and computers of the last five years. Set one up under Security."
h-010,Delete an account,"Under Account, at the very end. Invoices are kept for as long as the law demands."
h-011,Leave the newsletter,"Every issue has a link at its end. It takes effect at once."
h-012,Pay by invoice,"For companies. Send us your registration once; we look at it within a day."
h-013,Pay in instalments,"Three payments without interest for orders above 100 euros."
h-014,Get an invoice with VAT number,"Enter the number under Account before you order, and it is on every invoice."
h-015,Use a voucher,"Enter its code at the checkout. One voucher for each order."
h-016,Sizes of shoes,"Most of our shoes run small. The table beside each shows the length of the foot in centimetres."
h-017,Care of wool,"Wash it at 30 °C with the wool programme, and dry it lying flat."
h-018,Descale a kettle,"Boil half a litre of vinegar and water, wait for an hour, rinse twice."
h-019,Replace a lamp's bulb,"All of our lamps take E27 bulbs up to 10 watts."
h-020,Claim the warranty,"Two years for everything, five for lamps. The order number is all that we need."
h-021,Where we deliver,"To all of the EU, Norway, Switzerland and the United Kingdom."
h-022,Delivery on a chosen day,"Choose the day at the checkout, up to two weeks ahead. It costs 3 euros."
h-023,Gift wrapping,"For 4 euros, with a card on which you write what you like."
h-024,Talk to a person,"Call us on weekdays between 8 and 18, or write at any time."
"""
EXAMPLE: Final = WorkedExample(
    "Help articles.csv",
    _ROWS,
    Recipe(
        FORMAT,
        "Embed help articles",
        PromptContent(
            endpoint=EMBEDDINGS,
            fields={"model": "text-embedding-3-small", "dimensions": "256"},
            inputs=("{{title}}\n{{text}}",),
        ),
    ),
)
