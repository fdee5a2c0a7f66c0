"""``python -m app.gateway``: serve the page on this machine."""

import sys

from app.gateway.server import main

if __name__ == "__main__":
    sys.exit(main())
