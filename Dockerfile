# The service on Node 24. Build: docker build -t multiboard-sync . Run: compose.yaml, docs/operations.md.
FROM node:24-bookworm-slim AS base
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

FROM base AS build
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/api-types.mjs scripts/build.mjs scripts/bundle.mjs scripts/page.mjs scripts/
COPY src src
COPY web web
RUN npm run build

FROM base AS dependencies
RUN npm ci --omit=dev

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIRECTORY=/data
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY web web
# The user `node` owns the data and nothing else.
RUN install --directory --mode=0700 --owner=node --group=node /data
USER node
VOLUME /data
EXPOSE 3000
# Ready: the queue answers, and the service is not stopping.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "--enable-source-maps", "dist/cli/bin.js"]
CMD ["serve"]
