// Intents to trade: what a good one is, and how they are kept.
"use strict";

const { createHash } = require("node:crypto");

class Failure extends Error {
  /** An answer that is an error: its status, its kind for the counters, and what the client is told. */
  constructor(status, kind, message) {
    super(message);
    this.status = status;
    this.kind = kind;
  }
}

/** Give the intent in a body, or tell what is wrong with it. */
function read(body) {
  let given;
  try {
    given = JSON.parse(body);
  } catch {
    throw new Failure(400, "validation", "the body is not JSON");
  }
  const { senderAddress, market, amount } = given ?? {};
  if (!/^0x[0-9a-f]{40}$/.test(senderAddress)) throw new Failure(400, "validation", "senderAddress is no address");
  if (typeof market !== "string" || market.length > 20) throw new Failure(400, "validation", "market is no market");
  if (!(Number.isFinite(amount) && amount > 0)) throw new Failure(400, "validation", "amount is no amount above 0");
  return { senderAddress, market, amount };
}

/** Give the name of the key a request carries; nobody else may read what others sent. */
async function keyOf(database, key) {
  const digest = createHash("sha256").update(key ?? "").digest("hex");
  const found = await database.query('SELECT "name" FROM "ApiKey" WHERE "digest" = $1 AND "disabledAt" IS NULL', [digest]);
  if (!found.rowCount) throw new Failure(401, "unauthorized", "the key in X-Api-Key is not known");
  return found.rows[0].name;
}

async function rated(url, market) {
  let answer;
  try {
    answer = await fetch(`${url}?market=${encodeURIComponent(market)}`, { signal: AbortSignal.timeout(3000) });
  } catch (error) {
    throw new Failure(502, "dependency", `rates did not answer: ${error.cause?.code ?? error.name}`);
  }
  if (answer.status === 404) throw new Failure(400, "validation", "market is not traded");
  if (!answer.ok) throw new Failure(502, "dependency", `rates answered ${answer.status}`);
  return (await answer.json()).rate;
}

/** Keep an intent, and give it with its number, its value and how many the sender has waiting. */
async function accept(database, ratesUrl, intent) {
  const rate = await rated(ratesUrl, intent.market);
  const waiting = await database.query(
    `SELECT count(*) FILTER (WHERE "status" = 'pending')::int AS pending, max("note") AS last
     FROM "Intent" WHERE "senderAddress" = $1`,
    [intent.senderAddress],
  );
  const kept = await database.query(
    'INSERT INTO "Intent" ("senderAddress", "market", "amount") VALUES ($1, $2, $3) RETURNING "id"',
    [intent.senderAddress, intent.market, intent.amount],
  );
  const { id } = kept.rows[0];
  return { id, status: "accepted", worth: intent.amount * rate, pendingOfSender: waiting.rows[0].pending + 1 };
}

async function listed(database, after, limit) {
  const found = await database.query('SELECT * FROM "Intent" WHERE "id" > $1 ORDER BY "id" LIMIT $2', [after, limit]);
  return found.rows;
}

async function withdrawn(database, id) {
  const gone = await database.query(`DELETE FROM "Intent" WHERE "id" = $1 AND "status" = 'pending'`, [id]);
  if (!gone.rowCount) throw new Failure(404, "validation", "no such intent is pending");
}

async function pending(database) {
  return (await database.query(`SELECT count(*)::int AS n FROM "Intent" WHERE "status" = 'pending'`)).rows[0].n;
}

module.exports = { Failure, accept, keyOf, listed, pending, read, withdrawn };
