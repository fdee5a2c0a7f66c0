"""The endpoints that batches take: one module each, with everything that is particular to it (:mod:`.spec` says what).

To add one, write its module, name it in :mod:`.table` and run ``python -m tools.request_types``. The checks of bodies, the forms of
templates, which models fit, what programs may hand in, what is recognised when pasted and what the practice provider answers are made from
the table. Only the two endpoints that the editor writes have code of their own elsewhere (``core/bodies/bodybuild.py``, ``bodyread.py``).
"""
