# The function and its `gate wait` in one image: a static binary and the time zones, nothing else. No CA certificates: it
# calls nobody, and its clients show those of Crossplane's CA.
# script/image builds it without a Docker daemon; `docker build .` works as well.
# To build with the same compiler and libraries again, pin this one: --build-arg BASE=NAME@sha256:DIGEST.
ARG BASE=docker.io/library/debian:bookworm-slim
FROM ${BASE} AS build
COPY script/dependencies/build.txt /dependencies.txt
RUN apt-get update \
 && grep -v '^#' /dependencies.txt | DEBIAN_FRONTEND=noninteractive xargs apt-get install -y --no-install-recommends \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/root/.cache/ccache,id=function-release-pipeline-ccache \
    cmake -G Ninja -S . -B /build -DCMAKE_BUILD_TYPE=Release -DFRP_STATIC=ON -DFRP_TESTS=OFF \
 && cmake --build /build --target function-release-pipeline
ARG VERSION=v0.1.0
ARG SOURCE_DATE_EPOCH=0
# The root of the image. Of the time zones their rules alone: right/ and posix/ hold every zone a second and third time, and
# the rest is lists, and their source.
RUN install -D -s -m 0755 "$(find /build -type f -name function-release-pipeline -perm -u+x)" \
      /image/function-release-pipeline \
 && mkdir -p /image/usr/share/doc/function-release-pipeline \
 && script/sbom --build /build --binary /image/function-release-pipeline --version "${VERSION}" \
      >/image/usr/share/doc/function-release-pipeline/sbom.spdx.json \
 && install -D -m 0644 LICENSE /image/usr/share/doc/function-release-pipeline/LICENSE \
 && mkdir -p /image/usr/share \
 && cp -a /usr/share/zoneinfo /image/usr/share/zoneinfo \
 && cd /image/usr/share/zoneinfo \
 && rm -rf right posix localtime tzdata.zi leapseconds leap-seconds.list ./*.tab

FROM scratch
ARG VERSION=v0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="function-release-pipeline" \
      org.opencontainers.image.description="A Crossplane composition function for release pipelines and promotion gates" \
      org.opencontainers.image.source="https://github.com/zerotouch/function-release-pipeline" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /image/ /
# A thread keeps up to 127 blocks of each size that it freed, not 7: a call frees hundreds, and takes a tenth less time so.
ENV GLIBC_TUNABLES=glibc.malloc.tcache_count=127
# Crossplane's own uid for functions. Nothing is written, so any uid and a read-only root do as well.
USER 2000:2000
# gRPC and Prometheus metrics.
EXPOSE 9443 8080
ENTRYPOINT ["/function-release-pipeline"]
