#!/bin/sh
# Make the work pools that prefect.yaml names, where missing, and deploy all of it. Asks nothing.
# Speaks to the server of PREFECT_API_URL, or of the active Prefect profile.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"

batchcert check
for pool in $(python -m deployments.work_pools); do
    prefect --no-prompt work-pool inspect "$pool" >/dev/null 2>&1 ||
        prefect --no-prompt work-pool create --type process "$pool"
done
exec prefect --no-prompt deploy --all
