# One image, the whole service on one port.
#   docker build --tag linkline .
#   docker run --publish 127.0.0.1:8000:8000 --volume linkline:/data linkline
# The database, and the keys made at first start, are in /data: keep that volume, and its backup, safe.

FROM python:3.11-slim AS installed
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /opt/venv \
    && /opt/venv/bin/python -m pip install --no-cache-dir --require-hashes --requirement /tmp/requirements.txt

FROM python:3.11-slim
# The number is fixed so that a volume made by one version is readable by the next.
RUN groupadd --gid 10001 linkline \
    && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin linkline \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=installed /opt/venv /opt/venv
COPY bot /app/bot
COPY flows /app/flows
COPY locales /app/locales
COPY templates /app/templates
RUN /opt/venv/bin/python -m compileall -q /app

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    LINKLINE_HOST=0.0.0.0 \
    LINKLINE_PORT=8000 \
    LINKLINE_DATABASE_URL=sqlite:////data/linkline.db
# Settings are read from /data/.env too, as `make run` reads them from its folder.
WORKDIR /data
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ['LINKLINE_PORT']}/healthz\", timeout=4)"]
CMD ["sh", "-c", "python -m bot prepare && exec python -m bot serve"]
