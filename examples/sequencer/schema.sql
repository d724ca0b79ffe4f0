-- The tables of the sequencer, filled with enough history that a missing index hurts. psql sets :rows.
BEGIN;
CREATE TABLE "ApiKey" (
  "id" integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "name" text NOT NULL UNIQUE,
  "digest" text NOT NULL UNIQUE,
  "disabledAt" timestamptz
);
CREATE TABLE "Intent" (
  "id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "senderAddress" text NOT NULL,
  "market" text NOT NULL,
  "amount" numeric(20, 2) NOT NULL CHECK ("amount" > 0),
  "status" text NOT NULL DEFAULT 'pending',
  "note" text NOT NULL DEFAULT '',
  "createdAt" timestamptz NOT NULL DEFAULT now()
);
INSERT INTO "Intent" ("senderAddress", "market", "amount", "status", "note", "createdAt")
SELECT '0x' || lpad(to_hex(n * 7919 % 20000), 40, '0'),
       (ARRAY['EUR-USD', 'GBP-USD', 'USD-JPY'])[1 + n % 3],
       1 + (n % 5000),
       'settled',
       repeat(md5(n::text), 4),
       now() - make_interval(secs => (:rows - n) * 5)
FROM generate_series(1, :rows::bigint) AS n;
CREATE INDEX "idx_intent_sender" ON "Intent" ("senderAddress");
CREATE INDEX "idx_intent_pending" ON "Intent" ("id") WHERE "status" = 'pending';
COMMIT;
ANALYZE "Intent";
