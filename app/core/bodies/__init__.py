"""Bodies and lines of requests: built, checked, read back, counted, and converted from other services' files.

For many bodies, imported when the first is checked:

- :mod:`.bodychecker`: ``BodyChecker(endpoint, official=True).check(data) -> tuple[BodyFinding, ...]``, one checker for one run over a
  table; ``check_value(body)`` for a decoded body. Types by the SDK (:mod:`.typecheck`), ranges (:mod:`.bodyrules`), and the rules of
  :mod:`.bodycheck`. A wrong type is an error; what is unknown or missing is advice.
- :mod:`.bodyfindings`: ``GroupedFindings.add(row, findings)``, then ``groups()``, ``rows_of(key)`` and ``next_row(key, after)``.
- :mod:`.remedies`: ``apply(body, finding.fix) -> body`` and ``label(fix)``; one fix fixes all bodies of a group.
"""
