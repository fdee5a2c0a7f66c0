# The server and its page with nobody in front of it (docs/unattended.md). The first stage builds the page, the second has what runs it.
FROM python:3.13-slim-trixie AS build
RUN apt-get update && apt-get install --yes --no-install-recommends make nodejs npm && rm -rf /var/lib/apt/lists/*
WORKDIR /nightshift
COPY . .
RUN make .venv/.headless PYTHON=python3 \
 && .venv/bin/python -m tools.vendor && .venv/bin/python -m tools.filelist && .venv/bin/python -m tools.dist --site \
 && rm -rf static/node_modules

FROM python:3.13-slim-trixie
RUN apt-get update && apt-get install --yes --no-install-recommends chromium && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home nightshift && install --directory --owner nightshift --mode 700 /data
COPY --from=build /nightshift /nightshift
WORKDIR /nightshift
USER nightshift
# Chromium's own sandbox needs rights that a container does not have by default; the container is around it, and it opens this one page.
ENV HOST=0.0.0.0 PORT=8000 NIGHTSHIFT_DATA=/data NIGHTSHIFT_NO_SANDBOX=1
VOLUME /data
EXPOSE 8000
HEALTHCHECK --start-period=60s --interval=30s --timeout=10s CMD [".venv/bin/python", "-m", "tools.headless", "--check"]
CMD [".venv/bin/python", "-m", "tools.headless"]
