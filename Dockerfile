# Not built where this was written, which has no container engine: report what does not work.
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 fonts-droid-fallback \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home gspe

WORKDIR /opt/gspe
COPY . .

# The environment and the model pack are part of the image, so that a start needs no network.
ENV GSPE_MODEL_CACHE=/opt/gspe-packs GSPE_HOME=/site GSPE_OUTPUT_IS_LOG=1 PYTHONDONTWRITEBYTECODE=1
RUN bash -c 'set -euo pipefail; for part in scripts/lib/*.sh; do . "$part"; done; require_python; prepare_environment requirements.txt' \
    && .venv/bin/python -m worker packs build \
    && mkdir /site && chown gspe: /site

VOLUME /site
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s \
    CMD [".venv/bin/python", "-c", "import sys; from core.launch import answers; sys.exit(not answers('http://127.0.0.1:8501'))"]

# As root, scripts/run turns into the user gspe. The log gets no password; the first account is made by
# docker compose exec -u gspe gspe env -u GSPE_OUTPUT_IS_LOG .venv/bin/python -m core.home exec dashboard users first-admin
CMD ["./scripts/run", "--host", "0.0.0.0"]
