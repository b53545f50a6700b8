# Two commands do everything: `make demo` and `make test`. Both set up what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.run
TEST := $(VENV)/.test
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
DEMO := $(or $(GRADER_OUTPUTS),outputs)/demo
REAL := .venv-real-server

.PHONY: help demo kills queue-kills real-server test check lint types bench mutants lock clean

help:  ## List these commands.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 13

# What running needs, and in the same environment what the tests need beside it.
$(RUN): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("grader needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv --clear $(VENV)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(TEST): $(RUN) requirements-test.lock
	$(PIP) --require-hashes -r requirements-test.lock
	@touch $@

demo: $(RUN)  ## Compare the shipped example pair by a recorded model's answers, and offer its review.
	$(BIN)/grader compare examples/transcripts/c-library-memo-1.json \
	  examples/transcripts/p-library-memo-2.json \
	  --rubric rubrics/library-memo.yaml --study examples/study.yaml --blindness-probe \
	  --judge recorded:examples/recordings/library-memo.jsonl --name demo
	@answer=; \
	if [ -t 0 ] && [ -t 1 ]; then printf '\nOpen the review now? [y/N] '; read -r answer; fi; \
	case $$answer in \
	  [yY]*) $(BIN)/grader review $(DEMO) ;; \
	  *) echo "To review it: $(BIN)/grader review $(DEMO)" ;; \
	esac
	@printf '\nOver eighteen runs of three tasks (examples/study/report.md):\n'; \
	sed -n 's/^\*\*\(Found.*\|P .*\)\*\*$$/\1/p' examples/study/report.md | head -1

test: $(TEST)  ## Run all tests.
	$(BIN)/pytest -n auto

kills: $(TEST)  ## Kill a run a hundred times and see that nothing is lost.
	GRADER_TEST_KILLS=100 $(BIN)/pytest tests/test_judge_kill.py -k random

queue-kills: $(TEST)  ## The same with workers and client of a queue (needs PostgreSQL's server).
	CI=true GRADER_TEST_KILLS=100 GRADER_TEST_OUTAGE_S=30 $(BIN)/pytest tests/test_queue_kill.py tests/test_queue.py -k 'kills or fails_for_a_while'

$(REAL)/.ready:
	$(PYTHON) -m venv --clear $(REAL)
	CMAKE_BUILD_PARALLEL_LEVEL=1 CMAKE_ARGS="-DGGML_NATIVE=OFF -DLLAVA_BUILD=OFF" \
	  nice $(REAL)/bin/python -m pip install --quiet --disable-pip-version-check \
	  'llama-cpp-python[server]==0.3.36' 'gguf==0.19.0'
	@touch $@

real-server: $(TEST) $(REAL)/.ready  ## Try grader against llama.cpp's server (compiles it first, some minutes).
	GRADER_TEST_REAL_SERVER=$(CURDIR)/$(REAL)/bin/python $(BIN)/pytest tests/test_real_server.py

lint: $(TEST)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(TEST)
	$(BIN)/mypy

check: lint types test  ## Lint, strict types and all tests: what CI runs.

bench: $(TEST)  ## Measure the figures that the docs quote.
	$(BIN)/python benchmarks/judge_overhead.py
	$(BIN)/python benchmarks/comparison.py
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/replay.py
	$(BIN)/python benchmarks/queue_overhead.py

mutants: $(TEST)  ## See how many small changes to the core modules the tests notice (about half an hour).
	$(BIN)/python benchmarks/mutants.py

LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --quiet --upgrade

lock:  ## Resolve the dependencies anew (needs uv).
	$(LOCK) --group run -o requirements.lock
	$(LOCK) --group run --group dev --constraint requirements.lock -o requirements-test.lock

clean:  ## Remove what make and the tests made; outputs/ stays.
	rm -rf $(VENV) $(REAL) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
