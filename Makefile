# Two commands do everything: `make demo` and `make test`. Both make the environment first.
# CONTRIBUTING.md says what each target is for.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check fix stub coverage questions vectors bench beside lock wheel clean

demo: $(READY)
	$(BIN)/amana demo --force

test: $(READY)
	$(BIN)/python -m pytest -q

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

stub: $(READY)
	$(BIN)/python -m application.decisions.make_stub

fix: $(READY)
	$(BIN)/ruff check --fix --exit-zero --quiet .
	$(BIN)/ruff format .

coverage: $(READY)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

questions: $(READY)
	$(BIN)/amana --quiet demo --force --dir amana-demo
	$(BIN)/python -m bench.questions amana-demo/ledger.amana > docs/questions.md

vectors: $(READY)
	$(BIN)/python -m tests.vectors.make

bench: $(READY)
	$(BIN)/python -m bench.ledger --write
	$(BIN)/python -m bench.intake --write
	$(BIN)/python -m bench.proof --write
	$(BIN)/python -m bench.replaying --write
	$(BIN)/python -m bench.names
	$(BIN)/python -m bench.segments --write

beside: $(READY)
	$(BIN)/python -m bench.beside $(OTHER) --write

$(READY): pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Amana needs Python 3.11 or newer: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

lock: $(READY)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --extra dev --no-header pyproject.toml -o requirements.lock

wheel: $(READY)
	rm -rf dist
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation -w dist .

clean:
	rm -rf $(VENV) dist .coverage* amana-demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
