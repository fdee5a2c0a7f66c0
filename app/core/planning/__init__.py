"""From a table and a template to requests that may be sent: made, checked, looked through for secrets, counted, cut into batches.

Nothing here is imported by the first view: jobs and the views of a plan load it.
"""
