#!/bin/sh
# Puts a release in force: deploy-production.sh [VERSION]; without one, the newest. Goes back by itself when the
# release does not become healthy. What ran before is remembered, so that rollback.sh finds it.
set -eu
cd "$(dirname "$0")/.."
port=${PORT:-3000}

before=$(git describe --tags --exact-match HEAD 2>/dev/null || git rev-parse HEAD)
release=${1:-$(git tag --list 'v*' --sort=-version:refname | head -n 1)}
if ! git rev-parse --quiet --verify "refs/tags/$release" >/dev/null; then
  echo "deploy: there is no release $release; there are: $(git tag --list 'v*' | tr '\n' ' ')" >&2
  exit 1
fi

put_in_force() {
  git checkout --quiet --detach "$1"
  pm2 startOrReload ecosystem.config.js --update-env >/dev/null
}

healthy() {
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    curl --fail --silent --max-time 2 "http://127.0.0.1:$port/health" | grep -q "\"version\":\"${1#v}\"" && return 0
    sleep 0.25
  done
  return 1
}

put_in_force "$release"
if ! healthy "$release"; then
  put_in_force "$before"
  echo "deploy: $release did not become healthy, $before is in force again" >&2
  exit 1
fi
[ "$before" = "$release" ] || echo "$before" >>.git/releases-before
echo "$release is in force; before it was $before"
