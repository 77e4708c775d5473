# The one place where the project's commands stand. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help build demo test check e2e bench compare sim fuzz shots fmt web install

GOFILES = $(shell git ls-files -co --exclude-standard '*.go')
WEB     = agentdesk/web

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-7s %s\n", $$1, $$2}'

build: web ## bin/linedesk, with the web pages inside
	@echo "building bin/linedesk"
	@CGO_ENABLED=0 go build -trimpath -buildvcs=auto -o bin/linedesk ./cmd/linedesk

web:
	@bash e2e/install.sh npm
	@echo "building the web pages"
	@cd $(WEB) && npm run --silent build

demo: build ## start everything on loopback with the demo site, then open http://127.0.0.1:8080
	@bin/linedesk demo $(ARGS)

test: ## every check and every test, from a bare machine; prints each stage's time
	@bash e2e/test.sh

check: ## formatting, vet, lint and the import rule only
	@bash e2e/check.sh

e2e: build ## the whole system driven from outside: SIP phones, SIPp, a real browser
	@bash e2e/install.sh
	@go test -count=1 -timeout 15m -v ./e2e

bench: build ## speed and memory beside their targets
	@bash e2e/install.sh bench
	@bash e2e/bench/run.sh

compare: build ## this build beside another one: make compare OTHER=path [ROUNDS=3] [PARTS=calls,latency,relay]
	@bash e2e/install.sh bench
	@bash e2e/bench/compare.sh $(OTHER)

sim: ## the simulators of ACD and live calls, more steps than in the tests: make sim STEPS=10000000
	@go test -count=1 -timeout 60m -run Storm -v ./acd/acdsim ./switchboard/talk/talksim -args -steps $(or $(STEPS),10000000)

fuzz: ## every fuzz target in turn: make fuzz FUZZTIME=60s
	@FUZZTIME=$(or $(FUZZTIME),60s) bash e2e/fuzz.sh

shots: build ## screenshots of every screen into shots/
	@bash e2e/install.sh
	@go test -count=1 -timeout 10m -run TestShots ./e2e -args -shots $(CURDIR)/shots

fmt: ## format Go and web sources
	@golangci-lint fmt ./... 2>/dev/null || gofmt -w $(GOFILES)
	@cd $(WEB) && npm run --silent format

install: ## install what tests need (apt, npm, linter)
	@bash e2e/install.sh
