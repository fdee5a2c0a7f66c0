"""Pure rules of the field: no I/O, no clock, no platform. Runs alike in CPython and in Pyodide."""
