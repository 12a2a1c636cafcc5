# Each target sets up what it needs first; see CONTRIBUTING.md.
.DEFAULT_GOAL := help
.PHONY: help run test check fix coverage bench proof lock demo-reset

# The first Python on this machine that is new enough: on older systems python3 is not, but python3.11 may be there.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$python && break; done)
prepare = $(if $(PYTHON),$(PYTHON) -I cppcc_office/prepare.py,$(error 需要 Python 3.11 或更高版本。Python 3.11 or later is needed))
venv = .venv/bin/python
compile = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url

help:
	@echo 'make run         start the office on http://127.0.0.1:8000 (PORT=… for another port)'
	@echo 'make test        everything that must hold: format, types, templates, the suite on both databases'
	@echo 'make check       the same without the suite'
	@echo 'make fix         let the formatters put right what they can'
	@echo 'make coverage    which lines of actions, rules, workflow and jobs no test reaches'
	@echo 'make bench       how fast the pages are with 10,000 and 100,000 projects, as ratios in one run'
	@echo 'make proof       people are told of 2,000 acts (ACTS=…) while workers are killed and servers go away'
	@echo 'make lock        renew the lock files after a change in pyproject.toml'
	@echo 'make demo-reset  throw away the data of make run, after asking'

run:
	@$(prepare)
	@exec $(venv) -m cppcc_office.run

test:
	@$(prepare) dev
	@exec $(venv) -m tests.everything

check:
	@$(prepare) dev
	@exec $(venv) -m tests.everything --no-suite

fix:
	@$(prepare) dev
	@$(venv) -m ruff check --fix --quiet . ; $(venv) -m ruff format .
	@$(venv) -m djlint --reformat --quiet templates || true

coverage:
	@$(prepare) dev
	@$(venv) -m coverage erase
	@$(venv) -m coverage run -m pytest -q -n 2 -m 'not processes and not browser'
	@$(venv) -m coverage combine --quiet
	@$(venv) -m coverage report --skip-covered --show-missing

bench:
	@$(prepare) dev
	@exec $(venv) -m bench

proof:
	@$(prepare) dev
	@exec $(venv) -m proof $(if $(ACTS),--acts $(ACTS))

lock:
	@$(prepare) dev
	@$(compile) pyproject.toml -o requirements.lock
	@$(compile) pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
	@$(compile) --group npm -o requirements-npm.lock
	@$(compile) --group servers --no-deps -o requirements-servers.lock

demo-reset:
	@$(prepare)
	@exec $(venv) -m cppcc_office.run --reset
