# Everything a person does here, one word each. Needs Python 3.11 or newer and make; the rest comes by itself.
#   make run PORT=8001     make run DEMO=0     make test ARGS="tests/licensing -k checkout"     make run PYTHON=python3.12

PYTHON ?= python3
ARGS ?=
WORKERS ?= 2

IN_VENV := .venv/bin/python
INSTALL := @$(PYTHON) cloudlicenses/local/install.py
# Tied to make: whatever ends make, however, ends what it started.
TIED := $(IN_VENV) cloudlicenses/local/launch.py $$PPID 15 same
SERVICES := exec $(TIED) $(IN_VENV) -m cloudlicenses.local.testing

.DEFAULT_GOAL := help
.PHONY: help run demo-traffic test services lint lock bench torture story screenshots

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

run: ## the whole product on this machine, until Ctrl-C (PORT=8001, DEMO=0)
	$(INSTALL) run
	@exec $(TIED) $(IN_VENV) -m cloudlicenses.local.run

demo-traffic: ## simulated workstations against a running server, so that the dashboards live
	$(INSTALL) run
	@PYTHONPATH=sdks/python/src exec $(IN_VENV) manage.py demo_traffic

test: ## all tests, with PostgreSQL and Valkey of their own (ARGS="tests/licensing -k checkout")
	$(INSTALL) dev
	@$(SERVICES) -- $(IN_VENV) -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

services: ## PostgreSQL and Valkey for a shell, until Ctrl-C; prints the exports
	$(INSTALL) dev
	@$(SERVICES)

lint: ## format, lint, secrets, types, imports, templates, migrations, OpenAPI, known vulnerabilities
	$(INSTALL) dev
	@$(SERVICES) -- $(IN_VENV) -m scripts.lint

lock: ## renew requirements/*.lock from pyproject.toml (ARGS=--upgrade)
	$(INSTALL) dev
	@$(IN_VENV) -m scripts.lock $(ARGS)

bench: ## the benchmarks, each figure beside its goal (ARGS="hot many", ROUNDS=5, SECONDS=4)
	$(INSTALL) dev
	@$(SERVICES) --durable -- $(IN_VENV) -m benchmarks $(ARGS)

torture: ## 100,000 operations while everything is killed, paused, filled and cut off, then an audit (ARGS="--seed 7")
	$(INSTALL) dev
	@exec $(TIED) $(IN_VENV) -m torture $(ARGS)

story: ## the product's story over real HTTP, each request and answer printed
	$(INSTALL) dev
	@$(SERVICES) -- $(IN_VENV) -m scripts.story $(ARGS)

screenshots: ## pictures of every page of a running server, into screenshots/ (ARGS=--docs: the few in docs/images)
	$(INSTALL) dev
	@exec $(IN_VENV) -m scripts.screenshots $(ARGS)
