#!/bin/sh
# Make the work pools that prefect.yaml names, where missing, and deploy all of it. Asks nothing.
# Speaks to the server of PREFECT_API_URL, or of the active Prefect profile.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"

batchcert check
pools=$(python -m deployments.work_pools)
printf '%s\n' "$pools" | python tools/make_pools.py
exec prefect --no-prompt deploy --all
