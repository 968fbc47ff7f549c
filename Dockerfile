# syntax=docker/dockerfile:1
# Three stages: the compiler, the packages that the program runs on, the image. The first two make files that are the
# same on every architecture (better-sqlite3 ships its binaries for all of them), so they run on the builder's own.
ARG NODE=node:24-bookworm-slim

FROM --platform=$BUILDPLATFORM ${NODE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The only install script needed is that of the package `node`, and node is here already.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
# Not `npm run`: its PATH begins with the package `node`, which has no binary without its script.
RUN node node_modules/typescript/bin/tsc -p tsconfig.build.json

FROM --platform=$BUILDPLATFORM ${NODE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev \
 && cd node_modules/better-sqlite3 \
 && rm -rf deps src \
 && find prebuilds -type f ! -name 'linux-x64.node' ! -name 'linux-arm64.node' -delete

FROM ${NODE}
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="ldap-mailcow" \
      org.opencontainers.image.description="Reconciles the people of an LDAP directory with mailcow: mailboxes and aliases, without ever losing mail." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production HOME=/tmp
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY templates ./templates
COPY --chmod=0755 docker/ldap-mailcow /usr/local/bin/ldap-mailcow
# A volume that docker makes itself takes over owner and mode of this folder; a bind mount keeps its own.
RUN install -d -o 1000 -g 1000 -m 0750 /db
VOLUME /db
# No USER: as root the entrypoint makes /db ours and drops every right before the program starts; with `user:` it
# does nothing of the kind and needs no capability. Either way the program never runs as root.
STOPSIGNAL SIGTERM
# Unhealthy means: no sync for long. A directory or a mailcow that is down does not make it so.
HEALTHCHECK --interval=2m --timeout=20s --start-period=10m --retries=3 CMD ["ldap-mailcow", "healthcheck"]
ENTRYPOINT ["ldap-mailcow"]
