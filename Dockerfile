# For one's own server (docker build -t gatescope . && docker run -p 8501:8501 gatescope) and for Hugging Face Spaces
# (sdk: docker, app_port: 8501). What installs the packages stays behind; what runs is a user without rights.
FROM python:3.12-slim AS packages

COPY requirements.txt .
RUN python -m venv /opt/packages && /opt/packages/bin/pip install --no-cache-dir -r requirements.txt

FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PATH=/opt/packages/bin:$PATH

# Spaces runs containers as user 1000. /rooms is where compose.yaml keeps what several processes share.
RUN useradd --create-home --uid 1000 gatescope && install --directory --owner=gatescope /rooms
WORKDIR /home/gatescope/app

COPY --from=packages /opt/packages /opt/packages
COPY . .
# A start need not compile what cannot change.
RUN python -m compileall -q .
USER gatescope

EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD python -c "import urllib.request as r; assert r.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4).read() == b'ok'"

CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true"]
