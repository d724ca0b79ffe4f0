// A small service that logs as services do; pm2 keeps it running. Port 0 is any free one.
const http = require("node:http");

http.createServer((_, answer) => answer.end("ok")).listen(Number(process.env.PORT || 0), "127.0.0.1");
for (let n = 1; n <= 40; n += 1) {
  console.log(`2026-01-0${1 + (n % 9)}T10:00:00Z POST /api/v1/intents 203.0.113.${n % 7} 201`);
  if (n % 5 === 0) console.error(`Error: could not reserve, attempt ${n}: JavaScript heap is 91% full`);
}
// However late a test looks, the end of the log holds requests.
setInterval(() => console.log("2026-01-09T10:00:00Z POST /api/v1/intents 203.0.113.7 201"), 2000);
