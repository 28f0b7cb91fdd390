# The wheel, built once and installed with the locked requirements. See docs/operations.md.
FROM python:3.13-slim-bookworm AS wheel
WORKDIR /source
COPY requirements.lock .
# setuptools as locked, so that the build asks the network for nothing else.
RUN sed -n '/^setuptools==/,/^ *#/p' requirements.lock > build.lock \
 && pip install --no-cache-dir --require-hashes -r build.lock
COPY . .
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheel .

FROM python:3.13-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY requirements.lock /tmp/requirements.lock
RUN pip install --no-cache-dir --require-hashes -r /tmp/requirements.lock && rm /tmp/requirements.lock
COPY --from=wheel /wheel /wheel
RUN pip install --no-cache-dir --no-deps --no-index /wheel/*.whl && rm -r /wheel \
 && useradd --system --uid 10001 --home-dir /nonexistent evercase \
 && install -d -m 0700 -o evercase /var/lib/evercase
USER evercase
WORKDIR /var/lib/evercase
ENTRYPOINT ["evercase"]
CMD ["--help"]
