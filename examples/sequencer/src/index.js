// The sequencer: POST /api/v1/intents, GET /health, GET /metrics, and a line of log for every answer.
"use strict";

const http = require("node:http");
const { Pool } = require("pg");

const { Counters } = require("./counters.js");
const intents = require("./intents.js");
const { version } = require("../package.json");

const { PORT = "3000", DATABASE_URL, RATES_URL } = process.env;
const LARGEST = 64 * 1024;

const pool = new Pool({
  connectionString: DATABASE_URL,
  application_name: "sequencer",
  max: 10,
  connectionTimeoutMillis: 2000,
  query_timeout: 10_000,
  statement_timeout: 10_000,
});
pool.on("error", (error) => console.error(`${new Date().toISOString()} error database ${error.message}`));
const counters = new Counters();

async function bodyOf(request) {
  const pieces = [];
  let size = 0;
  for await (const piece of request) {
    size += piece.length;
    if (size > LARGEST) throw new intents.Failure(413, "validation", `the body is larger than ${LARGEST} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

async function health() {
  try {
    const pendingIntents = await intents.pending(pool);
    return [200, { status: "ok", version, checks: { database: "ok" }, pendingIntents }];
  } catch (error) {
    const checks = { database: error.message || error.code };
    return [503, { status: "failing", version, checks, pendingIntents: null }, "database"];
  }
}

function metrics(request, url) {
  const text = url.searchParams.get("format") === "prometheus" || /text\/plain|openmetrics/.test(request.headers.accept);
  return text ? [200, counters.prometheus()] : [200, { version, ...counters.json() }];
}

/** Give the status, the answer, the kind of error if it is one, and the name of the key that was used. */
async function answered(request, url) {
  const [, one] = url.pathname.match(/^\/api\/v1\/intents\/(\d{1,18})$/) ?? [];
  switch (`${request.method} ${one ? "/api/v1/intents/ID" : url.pathname}`) {
    case "GET /health":
      return health();
    case "GET /metrics":
      return metrics(request, url);
    case "POST /api/v1/intents":
      return [201, { intent: await intents.accept(pool, RATES_URL, intents.read(await bodyOf(request))) }];
    case "DELETE /api/v1/intents/ID":
      await intents.withdrawn(pool, one);
      return [200, { id: one }];
    case "GET /api/v1/intents": {
      const key = await intents.keyOf(pool, request.headers["x-api-key"]);
      const limit = Math.min(Number(url.searchParams.get("limit")) || 100, 10_000);
      const rows = await intents.listed(pool, Number(url.searchParams.get("after")) || 0, limit);
      return [200, { intents: rows }, undefined, key];
    }
    default:
      return [404, { error: "there is nothing here" }];
  }
}

function failed(error) {
  if (error instanceof intents.Failure) return [error.status, { error: error.message }, error.kind];
  const database = error.code !== undefined || /timeout|terminat|connect/i.test(error.message);
  return [database ? 503 : 500, { error: "try again later" }, database ? "database" : "internal"];
}

async function answer(request, response) {
  const began = process.hrtime.bigint();
  const client = request.socket.remoteAddress;
  let result;
  try {
    result = await answered(request, new URL(request.url, "http://sequencer"));
  } catch (error) {
    result = failed(error);
    console.error(`${new Date().toISOString()} error ${result[2]} ${client} ${request.method} ${error.message}`);
  }
  const [status, body, kind, key] = result;
  const text = typeof body === "string";
  response.writeHead(status, { "Content-Type": text ? "text/plain; version=0.0.4" : "application/json" });
  response.end(text ? body : JSON.stringify(body));
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  counters.answer(status, seconds, kind);
  const who = key ? ` key=${key}` : "";
  console.log(
    `${new Date().toISOString()} ${client} ${request.method} ${request.url} ${status} ${seconds.toFixed(3)}s${who}`,
  );
}

const server = http.createServer(answer);
server.on("error", (error) => {
  console.error(`${new Date().toISOString()} error listen ${error.message}`);
  process.exit(1);
});
server.maxConnections = 256;
server.listen(Number(PORT), "127.0.0.1", () => {
  console.log(`${new Date().toISOString()} sequencer ${version} listens on port ${PORT}`);
  process.send?.("ready");
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), 1500).unref();
  });
}
