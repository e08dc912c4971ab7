# Two stages: one that builds, and one with the binary and the libraries it needs. `./dev image` builds it; where there
# is no container engine it runs these same lines in a chroot (scripts/image-chroot, which knows the instructions used here).

FROM debian:12 AS build
WORKDIR /src
COPY dev ./
COPY scripts ./scripts/
RUN ./dev install build
COPY . ./
RUN ./dev build

FROM debian:12-slim
COPY dev /tmp/weir/
COPY scripts/packages.txt /tmp/weir/scripts/
RUN /tmp/weir/dev install run && rm -rf /tmp/weir /var/lib/apt/lists/* /var/cache/apt/*
COPY LICENSE /usr/share/doc/weir/
COPY --from=build /src/build/release/weir /usr/bin/
# The one place weir writes to; everything else may be read-only.
RUN install -d -o 65532 -g 65532 -m 0700 /var/lib/weir
ENV STATE_DIRECTORY=/var/lib/weir
VOLUME /var/lib/weir
USER 65532:65532
EXPOSE 4195
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["weir", "healthcheck"]
ENTRYPOINT ["weir"]
CMD ["run", "/etc/weir/pipeline.yaml"]
