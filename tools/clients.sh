#!/bin/sh
# Install clients of Azure, each in an environment of its own below .tools/clients/, and run their suites against the
# embedded Azure: `clients.sh [python] [az] [js]`, or all of them. `clients.sh --install-only` runs nothing.
# A client whose installer is not here (npm) is skipped with a word; the suites say so as well.
# The recorded traffic of each suite is left in .tools/clients/traffic/, and judged at last by the API descriptions in
# the folder $AZURE_SPECS_DIR, where that is set.
set -eu
cd "$(dirname "$0")/.."

CLIENTS=.tools/clients

say() { printf 'clients: %s\n' "$*" >&2; }

find_uv() {
    if [ -x .tools/uv/bin/uv ]; then echo .tools/uv/bin/uv; else command -v uv; fi
}

# Whether the environment $1 was made from the file $2 as it is now.
is_current() { [ -f "$CLIENTS/$1/.made-from" ] && cmp -s "$2" "$CLIENTS/$1/.made-from"; }

# Python packages of tests/clients/$1/requirements.txt, with the Python that the project itself has.
install_python() {
    wanted=tests/clients/$1/requirements.txt
    is_current "$1" "$wanted" && return
    say "installing $1"
    rm -rf "${CLIENTS:?}/$1"
    uv=$(find_uv)
    "$uv" venv --quiet --python .venv/bin/python "$CLIENTS/$1"
    "$uv" pip install --quiet --python "$CLIENTS/$1/bin/python" --requirements "$wanted"
    cp "$wanted" "$CLIENTS/$1/.made-from"
}

install_js() {
    wanted=tests/clients/js/package-lock.json
    is_current js "$wanted" && return
    command -v npm >/dev/null || {
        say 'no npm here: the JavaScript SDKs are left out'
        return 0
    }
    say 'installing js'
    rm -rf "${CLIENTS:?}/js"
    mkdir -p "$CLIENTS/js"
    cp tests/clients/js/package.json "$wanted" "$CLIENTS/js"
    (cd "$CLIENTS/js" && npm ci --silent --ignore-scripts)
    cp "$wanted" "$CLIENTS/js/.made-from"
}

# One suite. That of the Python SDKs runs inside their own environment, which knows nothing of the project; that of the
# CLI, whose commands take a second each, by two processes.
run_suite() {
    say "running $1"
    rm -f "$CLIENTS/traffic/$1"*.jsonl
    case $1 in
    python) "$CLIENTS/python/bin/pytest" "tests/clients/$1" --durations=5 ;;
    az) .venv/bin/pytest "tests/clients/$1" --durations=5 --numprocesses=2 --dist=loadfile ;;
    *) .venv/bin/pytest "tests/clients/$1" --durations=5 ;;
    esac
}

# All that these suites sent, and all that was answered.
judge_traffic() {
    [ -n "${AZURE_SPECS_DIR:-}" ] || {
        say 'AZURE_SPECS_DIR names no folder of API descriptions: the traffic is not judged'
        return 0
    }
    for client; do
        shift
        for recording in "$CLIENTS/traffic/$client"*.jsonl; do
            if [ -f "$recording" ]; then set -- "$@" "$recording"; fi
        done
    done
    [ $# -gt 0 ] || return 0
    say 'judging the traffic'
    .venv/bin/python -m tools.conformance "$@"
}

run=yes
if [ "${1:-}" = --install-only ]; then
    run=no
    shift
fi
[ $# -gt 0 ] || set -- python az js
for client in "$@"; do
    case $client in
    python | az) install_python "$client" ;;
    js) install_js ;;
    *)
        say "no client is called $client"
        exit 2
        ;;
    esac
done
[ "$run" = yes ] || exit 0
outcome=0
for client in "$@"; do
    run_suite "$client" || outcome=$?
done
judge_traffic "$@" || outcome=$?
exit "$outcome"
