# One image, three kinds of process: web (the default), worker and beat. See docker-compose.yml.
FROM python:3.11-slim-bookworm AS packages

ENV PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/app.lock /requirements/app.lock
# Every file is checked against its hash, and none is built here: what is installed is what was tested.
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes --requirement /requirements/app.lock \
    && /venv/bin/pip uninstall --yes --quiet pip setuptools


FROM python:3.11-slim-bookworm

ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1

RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin cloudlicenses
# Volumes that are mounted here begin as these: processes make their sockets and write their lines, and nobody else does.
RUN install --directory --owner 10001 --mode 0755 /run/web /var/log/cloudlicenses
WORKDIR /app
COPY --from=packages /venv /venv
COPY . .
# Collecting needs settings that are complete, not true: nothing is connected to, and none of these values is kept.
RUN SECRET_KEY=build MASTER_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= BASE_DOMAIN=build.example \
    DATABASE_URL=postgresql://build@localhost/build REDIS_URL=redis://localhost/0 \
    python manage.py collectstatic --noinput \
    && python -m compileall -q .

USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
STOPSIGNAL SIGTERM

CMD ["python", "-m", "cloudlicenses.serving", "--host", "0.0.0.0", "--port", "8000"]
