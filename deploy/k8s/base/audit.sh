#!/bin/sh
# Waits until every process of the run has written its end, or the time is over; then settles, reads back, judges, and keeps
# the reports beside the histories. The exit code is onceproof's: what a pod that died left is judged, and is never valid.
set -eu
dir="/history/$RUN_ID"
waited=0
ended() { find "$dir" -name '*.ndjson' -not -path '*/audit/*' -exec grep -l '"type":"end"' {} + 2>/dev/null | wc -l; }
while [ "$(ended)" -lt "$PARALLELISM" ]; do
  if [ "$waited" -ge "$WAIT_SECONDS" ]; then
    echo "after $WAIT_SECONDS s only $(ended) of $PARALLELISM processes have ended: judged as they are" >&2
    break
  fi
  sleep 2
  waited=$((waited + 2))
done
# Names without white space: pods and run ids have none.
# shellcheck disable=SC2046
exec node /app/dist/harness/cli.js audit $(find "$dir" -name '*.ndjson' -not -path '*/audit/*' | sort) --out "$dir/audit" "$@"
