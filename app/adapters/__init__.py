"""The only room that imports ``js``, ``pyodide`` or ``pyscript``. Speaks plain Python outwards."""
