#!/bin/sh
# Make .venv from uv.lock with the Python that is here; fetch uv into .tools/ where there is none.
# Touches nothing outside the project's folder but the caches of uv and pip.
set -eu
cd "$(dirname "$0")/.."

UV_VERSION=0.13.9
UV_AT_LEAST=0.9

say() { printf 'bootstrap: %s\n' "$*" >&2; }
stop() {
    say "$*"
    exit 1
}

# Print the first Python of 3.11 to 3.13; $PYTHON, where set, is the only candidate.
find_python() {
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null || continue
        "$name" -c 'import sys; print(sys.executable)'
        return
    done
    return 1
}

# Say whether the uv of this command is new enough to read our lock file.
is_new_enough() {
    found=$("$1" --version 2>/dev/null) || return 1
    "$python" -c '
import sys
numbers = lambda text: tuple(int(part) for part in text.split(".")[:2])
sys.exit(numbers(sys.argv[1].split()[1]) < numbers(sys.argv[2]))' "$found" "$UV_AT_LEAST" 2>/dev/null
}

# Install uv from the package index. Debian keeps pip and ensurepip in packages of their own (python3-pip,
# python3-venv), so where no environment with pip can be made, pip is run straight from its wheel.
install_uv() {
    say "installing uv $UV_VERSION into .tools/"
    mkdir -p .tools
    if "$python" -m venv --clear .tools/venv >/dev/null 2>&1; then
        set -- .tools/venv/bin/python -m pip
    else
        rm -rf .tools/venv
        wheel=$("$python" tools/fetch_pip.py .tools) ||
            stop "this Python has neither venv nor pip, and pip could not be fetched. Install python3-venv or uv, and try again"
        set -- "$python" "$wheel/pip"
    fi
    "$@" install --quiet --disable-pip-version-check --root-user-action ignore \
        --upgrade --target .tools/uv "uv==$UV_VERSION" ||
        stop "uv could not be installed. Is the package index reachable (PIP_INDEX_URL, HTTPS_PROXY)?"
    rm -rf .tools/venv .tools/*.whl
}

python=$(find_python) ||
    stop "no Python 3.11, 3.12 or 3.13 found${PYTHON:+ as $PYTHON}. Install one, or name it: make PYTHON=/path/to/python"

uv=uv
if ! is_new_enough uv; then
    uv=.tools/uv/bin/uv
    is_new_enough "$uv" || install_uv
fi

unset VIRTUAL_ENV # an activated environment of another project is not where ours goes
export UV_PYTHON="$python" UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv
say "making .venv from uv.lock with $("$python" --version)"
# Compiled now, for all processes: some shells forbid Python to keep what it compiles, and Prefect alone takes 2 s to.
"$uv" sync --frozen --quiet --compile-bytecode || stop "the environment could not be made: see above"
