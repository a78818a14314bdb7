# One image for every process: the services, `verify`, and the setup of database and streams. Which one runs is the command:
#   docker build -t podium .  &&  docker run podium services/edge/main.ts
# Base images are pinned by version; pin them by digest too where images are built for production.

ARG NODE_VERSION=22.23.3

FROM node:${NODE_VERSION}-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# npm takes the one binary of uWebSockets.js that fits this platform and Node.js. No production package has an install script.
RUN npm ci --omit=dev --ignore-scripts

# A C++ runtime and nothing else: no shell, no package manager. The user is 65532.
FROM gcr.io/distroless/cc-debian12:nonroot
WORKDIR /app
COPY --from=packages /usr/local/bin/node /usr/local/bin/node
COPY --from=packages /app/node_modules node_modules
COPY package.json LICENSE ./
COPY proto/openapi.yaml proto/asyncapi.yaml proto/
COPY deploy/setup.ts deploy/
COPY deploy/migrations deploy/migrations
COPY deploy/nats deploy/nats
COPY deploy/postgres deploy/postgres
COPY services/game services/game
COPY services/platform services/platform
COPY services/edge services/edge
COPY services/session services/session
COPY services/evaluator services/evaluator
COPY services/scorer services/scorer
COPY services/leaderboard services/leaderboard
COPY services/worker services/worker
COPY services/verify services/verify

# What is different in a container: clients reach it by its own address. Other settings have no default here.
ARG PODIUM_COMMIT=unknown
ENV PODIUM_COMMIT=${PODIUM_COMMIT} \
    HEALTH_HOST=0.0.0.0 \
    HEALTH_PORT=9090 \
    EDGE_HOST=0.0.0.0 \
    EDGE_PORT=8080
EXPOSE 8080 9090
USER nonroot
# Node.js is process 1 and gets SIGTERM itself; every process handles it.
ENTRYPOINT ["/usr/local/bin/node"]
CMD ["services/edge/main.ts"]
HEALTHCHECK --interval=15s --timeout=3s --start-period=15s --retries=3 \
  CMD ["/usr/local/bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.HEALTH_PORT}/livez`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
