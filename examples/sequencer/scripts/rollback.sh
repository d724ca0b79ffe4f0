#!/bin/sh
# Goes back to the release that was in force before this one.
set -eu
cd "$(dirname "$0")/.."
port=${PORT:-3000}

if ! [ -s .git/releases-before ]; then
  echo "rollback: no release was in force before this one" >&2
  exit 1
fi
before=$(tail -n 1 .git/releases-before)
git checkout --quiet --detach "$before"
pm2 startOrReload ecosystem.config.js --update-env >/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  if curl --fail --silent --max-time 2 "http://127.0.0.1:$port/health" | grep -q "\"version\":\"${before#v}\""; then
    sed -i.bak '$d' .git/releases-before && rm -f .git/releases-before.bak
    echo "$before is in force again"
    exit 0
  fi
  sleep 0.25
done
echo "rollback: $before is checked out and does not become healthy; look at pm2 logs sequencer --nostream" >&2
exit 1
