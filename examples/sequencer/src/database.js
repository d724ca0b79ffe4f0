// The database of the sequencer: every query is timed, and how it stands is said in one word.
"use strict";

const { Pool } = require("pg");

const PATIENCE = 1000;
const FULL = "53300";
const REFUSED = /^(08|57P0[123])|^E(CONNREFUSED|CONNRESET|HOSTUNREACH|NETUNREACH|NOTFOUND|PIPE)$/;

class Database {
  /** Take its address, and who is told how long each query took, in seconds. */
  constructor(connectionString, took) {
    this.took = took;
    this.pool = new Pool({
      connectionString,
      application_name: "sequencer",
      max: 10,
      connectionTimeoutMillis: 2000,
      query_timeout: 10_000,
      statement_timeout: 10_000,
    });
    this.pool.on("error", (error) => console.error(`${new Date().toISOString()} error database ${error.message}`));
  }

  /** Run a statement. What it waits for a connection is not the time the database took. */
  async query(text, values) {
    const connection = await this.pool.connect();
    const began = process.hrtime.bigint();
    try {
      const found = await connection.query(text, values);
      connection.release();
      return found;
    } catch (error) {
      connection.release(error);
      throw error;
    } finally {
      this.took(Number(process.hrtime.bigint() - began) / 1e9);
    }
  }

  /** Give how it stands, ok, slow, full or gone, with the answer of `asked` or why there is none. */
  async standing(asked) {
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, PATIENCE, ["slow", `no answer in ${PATIENCE} ms`]);
    });
    try {
      return await Promise.race([asked.then((answer) => ["ok", answer]), late]);
    } catch (error) {
      return [named(error), error.message || error.code];
    } finally {
      clearTimeout(timer);
    }
  }
}

function named(error) {
  const code = error.code ?? error.errors?.[0]?.code ?? "";
  if (code === FULL) return "full";
  return REFUSED.test(code) || /terminated/.test(error.message) ? "gone" : "slow";
}

module.exports = { Database };
