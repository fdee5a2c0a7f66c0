"""A small table to try the whole way with: reviews in several languages, each with the label that a person gave it."""

from __future__ import annotations

NAME = "Sample reviews.csv"
ROWS = """\
id,product,review,expected
r-001,Kettle,"Boils fast, quiet, and the handle stays cool. Very happy.",positive
r-002,Kettle,"Leaked after two weeks. The shop never answered my mails.",negative
r-003,Desk lamp,"It is a lamp. It lights the desk.",neutral
r-004,Desk lamp,"Le bras ne tient pas en place, je l'ai renvoyée.",negative
r-005,Headphones,"Der Klang ist großartig, und der Akku hält drei Tage.",positive
r-006,Headphones,"Fine for calls, too thin for music. Does what it costs.",neutral
r-007,Backpack,"Zip broke on day one, but they sent a new one the next morning. Great service!",positive
r-008,Backpack,"mochila cómoda, cabe el portátil de 15"", y el color es precioso 😊",positive
r-009,Coffee grinder,"Grinds unevenly; half of it is dust.",negative
r-010,Coffee grinder,"音は少し大きいけれど、毎朝使っています。",neutral
r-011,Running shoes,"Not bad at all, I expected worse.",positive
r-012,Running shoes,"Size 42 is really a 41. Otherwise OK.",neutral
"""
