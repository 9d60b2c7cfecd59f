# SPDX-License-Identifier: Apache-2.0
# Two stages: the first builds, the second holds the program, its data and runtime libraries alone.
# tests/house/clean_root.sh carries out these same lines in a clean root, so they stay simple:
# RUN, COPY, WORKDIR, ENV, USER.
FROM debian:bookworm-slim AS build
WORKDIR /src
COPY . .
RUN ./dev setup build
RUN ./dev build release
RUN cmake --install build/release --prefix /opt/dryrun --strip

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl libcjson1 libcurl4 libicu72 \
        libpcre2-8-0 libssl3 libyaml-0-2 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --no-create-home --shell /usr/sbin/nologin dryrun
COPY --from=build /opt/dryrun /usr/local
USER dryrun
WORKDIR /tmp
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD ["curl", "--fail", "--silent", "--show-error", "http://127.0.0.1:8080/__admin/health"]
ENTRYPOINT ["dryrun"]
CMD ["mock", "--host", "0.0.0.0", "--port", "8080"]
