"""Texts of a shop's page in several languages."""

from __future__ import annotations

from typing import Final

from app.core.templates.worked.example import WorkedExample, chat

_ROWS: Final = """\
id,product,text
t-001,Kettle,"Kocht einen Liter Wasser in unter drei Minuten und schaltet sich von selbst ab."
t-002,Kettle,"Pas de plastique au contact de l'eau : cuve et filtre en acier inoxydable."
t-003,Desk lamp,"El brazo gira 360 grados y la luz se ajusta en cinco niveles."
t-004,Desk lamp,"明るさは前回の設定を記憶します。"
t-005,Backpack,"Schienale imbottito e cinghia sul petto: comodo anche con quindici chili."
t-006,Backpack,"Voor laptops tot 15 inch, met een vak dat niet nat wordt."
t-007,Headphones,"Drei Tage Akku, zehn Minuten Laden reichen für einen Arbeitstag."
t-008,Headphones,"Réduction du bruit réglable ; les annonces restent audibles si vous le souhaitez."
t-009,Coffee grinder,"Quarenta níveis de moagem, do espresso à prensa francesa."
t-010,Coffee grinder,"Kværnen er stille nok til ikke at vække nogen."
t-011,Running shoes,"Podeszwa z pianki, która po roku sprężynuje jak nowa."
t-012,Running shoes,"Größer bestellen: Die Schuhe fallen eine halbe Nummer kleiner aus."
t-013,Tent,"Se monta en cuatro minutos, también a oscuras."
t-014,Tent,"Il tessuto respira, così al mattino le pareti restano asciutte."
t-015,Water bottle,"Gardez vos boissons au frais vingt-quatre heures, au chaud douze heures."
t-016,Water bottle,"Håller tätt även upp och ned i väskan."
t-017,Bike light,"USB-C ile şarj olur, tek şarjla yirmi saat yanar."
t-018,Bike light,"Zugelassen nach StVZO; blendet niemanden, der entgegenkommt."
t-019,Blanket,"羊毛百分之百,可机洗。"
t-020,Blanket,"Ткётся в мастерской, где работают двенадцать человек."
t-021,Cutting board,"Aus einem Stück Eiche. Einmal im Monat ölen, dann hält es Jahrzehnte."
t-022,Cutting board,"Não vai à máquina de lavar louça."
t-023,Notebook,"Papier 90 g/m², qui ne boit pas l'encre du stylo-plume."
t-024,Notebook,"192 pagina's, waarvan de laatste 24 eruit te scheuren."
"""
_SCHEMA: Final = """\
{
  "type": "object",
  "properties": {
    "language": {"type": "string", "description": "The language of the text, as an ISO 639-1 code.", "pattern": "^[a-z]{2}$"},
    "translation": {"type": "string"}
  },
  "required": ["language", "translation"],
  "additionalProperties": false
}"""
EXAMPLE: Final = WorkedExample(
    "Product texts.csv",
    _ROWS,
    chat(
        "Translate product texts",
        "You translate texts of a web shop into British English. Keep their tone, units and names.",
        "Text about the product “{{product}}”:\n{{text}}",
        "translation",
        _SCHEMA,
    ),
)
