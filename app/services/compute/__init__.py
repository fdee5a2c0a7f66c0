"""Jobs: heavy work that a worker carries out, or the page where there is no worker. Loaded when the first one is asked for."""
