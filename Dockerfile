# For one's own server (docker build -t gatescope . && docker run -p 8501:8501 gatescope) and for Hugging Face Spaces
# (sdk: docker, app_port: 8501).
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1

# Spaces runs containers as user 1000.
RUN useradd --create-home --uid 1000 gatescope
WORKDIR /home/gatescope/app

COPY requirements.txt .
RUN pip install -r requirements.txt

COPY --chown=gatescope:gatescope . .
USER gatescope

EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD python -c "import urllib.request as r; assert r.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4).read() == b'ok'"

CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true"]
