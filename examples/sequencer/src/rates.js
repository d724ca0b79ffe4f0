// The one thing the sequencer depends on besides its database: what an amount in a market is worth.
"use strict";

const http = require("node:http");

const RATES = { "EUR-USD": 1.09, "GBP-USD": 1.27, "USD-JPY": 147.5 };

const server = http.createServer((request, response) => {
  const market = new URL(request.url, "http://rates").searchParams.get("market");
  response.setHeader("Content-Type", "application/json");
  if (!(market in RATES)) response.statusCode = 404;
  response.end(JSON.stringify({ market, rate: RATES[market] ?? null }));
});

server.listen(Number(process.env.PORT), "127.0.0.1");
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
