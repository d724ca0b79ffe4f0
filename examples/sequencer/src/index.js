// The sequencer: POST /api/v1/intents, GET /health, GET /metrics, and a line of log for every answer. Monitors ask for
// the latter two on a port of their own (ADMIN_PORT), so that no crowd of clients can hide how the sequencer is.
"use strict";

const http = require("node:http");

const { Counters } = require("./counters.js");
const { Database } = require("./database.js");
const intents = require("./intents.js");
const { version } = require("../package.json");

const { PORT = "3000", ADMIN_PORT, DATABASE_URL, RATES_URL } = process.env;
const LARGEST = 64 * 1024;

const counters = new Counters();
const database = new Database(DATABASE_URL, (seconds) => counters.queries.saw(seconds));

async function bodyOf(request) {
  const pieces = [];
  let size = 0;
  counters.awaited += 1;
  try {
    for await (const piece of request) {
      size += piece.length;
      if (size > LARGEST) throw new intents.Failure(413, "validation", `the body is larger than ${LARGEST} bytes`);
      pieces.push(piece);
    }
  } catch (error) {
    throw error instanceof intents.Failure ? error : new intents.Failure(400, undefined, "the client went away");
  } finally {
    counters.awaited -= 1;
  }
  return Buffer.concat(pieces).toString();
}

/** A slow database is no failure of its own: intents are still taken. */
async function health() {
  const [standing, found] = await database.standing(intents.pending(database));
  const checks = { database: standing };
  if (standing === "ok") return [200, { status: "ok", version, checks, pendingIntents: found }];
  const answer = { status: standing === "slow" ? "slow" : "failing", version, checks, reason: found, pendingIntents: null };
  return [standing === "slow" ? 200 : 503, answer, "database"];
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
      return [201, { intent: await intents.accept(database, RATES_URL, intents.read(await bodyOf(request))) }];
    case "DELETE /api/v1/intents/ID":
      await intents.withdrawn(database, one);
      return [200, { id: one }];
    case "GET /api/v1/intents": {
      const key = await intents.keyOf(database, request.headers["x-api-key"]);
      const limit = Math.min(Number(url.searchParams.get("limit")) || 100, 10_000);
      const rows = await intents.listed(database, Number(url.searchParams.get("after")) || 0, limit);
      counters.read += rows.length;
      return [200, { intents: rows }, undefined, key];
    }
    default:
      return [404, { error: "there is nothing here" }];
  }
}

function failed(error) {
  if (error instanceof intents.Failure) return [error.status, { error: error.message }, error.kind];
  const ours = error.code !== undefined || /timeout|terminat|connect/i.test(error.message);
  return [ours ? 503 : 500, { error: "try again later" }, ours ? "database" : "internal"];
}

async function answer(request, response) {
  const began = process.hrtime.bigint();
  const client = request.socket.remoteAddress;
  let result;
  try {
    result = await answered(request, new URL(request.url, "http://sequencer"));
  } catch (error) {
    result = failed(error);
    console.error(`${new Date().toISOString()} error ${result[2] ?? "client"} ${client} ${request.method} ${error.message}`);
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

function listening(server, port, then) {
  server.on("error", (error) => {
    console.error(`${new Date().toISOString()} error listen ${error.message}`);
    process.exit(1);
  });
  server.listen(Number(port), "127.0.0.1", then);
}

const server = http.createServer(answer);
const admin = http.createServer(answer);
server.maxConnections = 256;
listening(server, PORT, () => {
  console.log(`${new Date().toISOString()} sequencer ${version} listens on port ${PORT}`);
  if (ADMIN_PORT) listening(admin, ADMIN_PORT);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    admin.close();
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), 1500).unref();
  });
}
