# Everything a person or the CI runs. Portable: no more than GNU make 3.81 and a POSIX shell.
.POSIX:
.SUFFIXES:
.PHONY: help demo test clients lint types contracts check deploy format bench clean

BIN = .venv/bin
READY = .venv/.ready

# A test run and a demonstration start many Pythons: they keep what they compile, whatever the shell says elsewhere.
export PYTHONDONTWRITEBYTECODE =

help:
	@echo 'make demo       a local Azure, Prefect and a worker; a pool with its certificate, proved on every node'
	@echo '                KEEP=1 leaves all of it up, to be looked at'
	@echo 'make test       all tests, in several processes; ARGS="-n0 -x" passes arguments to pytest'
	@echo 'make clients    the Python SDKs, the az CLI and the JavaScript SDKs, each installed by itself, against the local Azure'
	@echo 'make check      lint, types, contracts, and the deployments'
	@echo 'make deploy     the work pools and deployments of prefect.yaml, on the server of PREFECT_API_URL'
	@echo 'make format     format the code and repair what ruff can'
	@echo 'make bench      the measurements of bench/'
	@echo 'make clean      remove all that these commands made'

# The environment: made once, and again when what it is made from has changed.
$(READY): pyproject.toml uv.lock tools/bootstrap.sh tools/fetch_pip.py
	@sh tools/bootstrap.sh
	@touch $(READY)

demo: $(READY)
	@$(BIN)/python -m demo

test: $(READY)
	@$(BIN)/pytest --ignore=tests/clients --numprocesses=auto --maxprocesses=4 $(ARGS)

# Each client lives in an environment of its own; a suite whose client cannot be had here says so and is skipped.
clients: $(READY)
	@sh tools/clients.sh

lint: $(READY)
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types: $(READY)
	$(BIN)/mypy

contracts: $(READY)
	$(BIN)/lint-imports --no-logo

check: lint types contracts
	$(BIN)/batchcert check

deploy: $(READY)
	@sh tools/deploy.sh

format: $(READY)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(READY)
	@for script in bench/bench_*.py; do echo "$$script"; $(BIN)/python "$$script" || exit 1; done

clean:
	rm -rf .venv .tools .demo .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
