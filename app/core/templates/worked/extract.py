"""Orders as people write them, for the fields of a form."""

from __future__ import annotations

from typing import Final

from app.core.templates.worked.example import WorkedExample, chat

_ROWS: Final = """\
id,received,mail
o-001,2026-11-02,"Hello, please send 3 boxes of A4 paper and one stapler to our office in Leeds. PO 88-1402. Maya Thornton"
o-002,2026-11-02,"Wir bestellen 12 Stück Ordner blau, bitte bis Freitag. Bestellnummer 2026/771. Gruß, J. Brandt"
o-003,2026-11-03,"One desk lamp, black. Same address as last time. Thanks - Priya"
o-004,2026-11-03,"PO: 55012. 40 x USB-C cable 1 m, 10 x USB-C cable 2 m, 2 x charger 65 W. Needed by 20 November. Lou Okafor"
o-005,2026-11-03,"Bonjour, 6 cartouches d'encre noire et 2 cyan, réf. CMD-309. Cordialement, Élise Martin"
o-006,2026-11-04,"Could we get five chairs (model Aero) for a trial? If they are fine we take twenty more. Sam Rivera"
o-007,2026-11-04,"Order 7719-B: 100 envelopes C5, 100 envelopes C4, 1 roll of stamps. Urgent, please. Regards, T. Nakamura"
o-008,2026-11-04,"Necesitamos 8 pizarras blancas medianas y 8 cajas de rotuladores. Pedido 4410. Lucía Romero"
o-009,2026-11-05,"Two more of the monitors that we bought in May, please. Invoice to the Berlin office. Anke Vogel"
o-010,2026-11-05,"PO 2026-118: 15 notebooks squared, 15 notebooks lined, 30 pens (blue). Deliver to reception. Ben Achebe"
o-011,2026-11-06,"Hi! 1 coffee machine filter set and 4 kg of beans. No PO, I pay by card. Grace"
o-012,2026-11-06,"Ordine 93: 20 risme di carta riciclata. Consegna entro il 15/11. Marco Bellini"
o-013,2026-11-06,"Please cancel the scissors from order 7719-B and send 2 paper knives instead. T. Nakamura"
o-014,2026-11-09,"3 x whiteboard cleaner, 3 x microfibre cloth, PO A-17, for room 204. Noor Haddad"
o-015,2026-11-09,"We're out of toner (HP 59X). Two, as fast as you can. PO 60031, Ines Duarte"
o-016,2026-11-10,"Bestelling 512: 25 mappen rood, 25 mappen groen. Groeten, Femke de Wit"
o-017,2026-11-10,"Quote first please: 12 standing desks 160 x 80, oak. Oliver Grant"
o-018,2026-11-10,"PO 3321. 1 label printer, 6 label rolls 62 mm. Ship to the warehouse. Kwame Mensah"
o-019,2026-11-11,"Four webcams for the new colleagues, start is 1 December. Rana"
o-020,2026-11-11,"Auftrag 2026/805: 2 Aktenvernichter, 1 Laminiergerät, 100 Folien A4. M. Scholz"
o-021,2026-11-12,"Send again what was in PO 88-1402, only the paper. Maya Thornton"
o-022,2026-11-12,"7 keyboards (UK layout), 1 keyboard (German layout). PO 60044. Ines Duarte"
o-023,2026-11-13,"One hundred name badges with clips by Wednesday. PO EV-9. Hana Sato"
o-024,2026-11-13,"2x extension lead 5 m. Thx, Priya"
"""
_SCHEMA: Final = """\
{
  "type": "object",
  "properties": {
    "customer": {"type": "string"},
    "order_number": {"type": ["string", "null"], "description": "As it is written; null where there is none."},
    "items": {
      "type": "array",
      "items": {
        "type": "object",
        "properties": {
          "name": {"type": "string"},
          "quantity": {"type": "integer", "minimum": 1}
        },
        "required": ["name", "quantity"],
        "additionalProperties": false
      }
    },
    "needed_by": {"type": ["string", "null"], "description": "The date as YYYY-MM-DD; null where none is named."}
  },
  "required": ["customer", "order_number", "items", "needed_by"],
  "additionalProperties": false
}"""
EXAMPLE: Final = WorkedExample(
    "Orders by mail.csv",
    _ROWS,
    chat(
        "Extract fields from orders",
        "You read orders and give back their fields. Take nothing that is not in the mail.",
        "Received on {{received}}:\n{{mail}}",
        "order",
        _SCHEMA,
    ),
)
