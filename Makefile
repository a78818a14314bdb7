# Verbs for people and for CI. Recipes are short; what they do lives in deploy/local and in the services.

export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
NODE := node_modules/.bin/node

.DEFAULT_GOAL := help
.PHONY: help setup demo up down logs test fuzz chaos check verify bench bench-check gen fmt clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install everything that is missing (Node 22, packages, nats-server, redis-server)
	@deploy/local/setup.sh

demo: setup ## Play a quiz from end to end: PLAYERS=100 QUESTIONS=10 QUIZ=file NODES=3
	@$(NODE) services/demo/main.ts

up: setup ## Start the whole system in the background: NODES=3 EDGES=2 EDGE_PORT=8080 EDGE_HOST=0.0.0.0 CORS_ORIGINS=* OBSERVE=1
	@$(NODE) deploy/local/up.ts

down: ## Stop it; the data stays
	@test ! -x $(NODE) || $(NODE) deploy/local/down.ts

logs: ## Follow the logs: SERVICE=edge
	@$(NODE) deploy/local/logs.ts

test: setup ## Run all tests: unit, integration, end to end (one file: npm test -- path)
	@$(NODE) deploy/local/run-tests.ts

fuzz: setup ## Attack an edge with drawn requests, bytes and frames: SECONDS=60 SEED=n
	@$(NODE) services/e2e/fuzz/main.ts

chaos: setup ## Play games on three nodes while each kind of process is killed, frozen or replaced: FAULT=name HELP=1
	@$(NODE) services/e2e/chaos/main.ts $(if $(HELP),--help) --fault "$(FAULT)" --players "$(PLAYERS)" --questions "$(QUESTIONS)"

check: setup ## Types, lint, format, contracts, generated code, borders
	@deploy/local/check.sh

verify: setup ## Fold the ledger of a session again and compare: SESSION=id
	@$(NODE) services/verify/main.ts --session "$(SESSION)"

bench: setup ## Measure: SCENARIO="session fanout" QUICK=1 SET="players=5000"; make bench HELP=1 lists the scenarios
	@$(NODE) bench/main.ts $(SCENARIO) $(if $(HELP),--help) $(if $(QUICK),--quick) $(foreach pair,$(SET),--set $(pair))

bench-check: setup ## Costs in terms of the raw programs against bench/baseline.json; UPDATE=1 measures that anew
	@$(NODE) bench/check.ts $(if $(UPDATE),--update)

gen: setup ## Generate code from proto/, the page of codes, dashboards, rules for Kubernetes
	@npm run -s gen
	@$(NODE) services/edge/http/error-page.ts
	@$(NODE) deploy/grafana/build/write.ts
	@$(NODE) deploy/prometheus/operator-rules.ts

fmt: setup ## Format and sort imports
	@biome check --write

clean: down ## Stop it and remove its data, logs and keys
	@rm -rf .podium .tap
