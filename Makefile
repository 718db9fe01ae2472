# Targets and what they do: `make` or `make help`.
GO ?= go
# Lint tools have a module of their own, so that their dependencies are not the program's.
TOOL := $(GO) tool -modfile=tools/go.mod
# The race detector needs cgo, and cgo a C compiler: without one the tests run all the same.
RACE = $(if $(filter 1,$(shell $(GO) env CGO_ENABLED)),-race)
# Which packages to test, lint and format: make test PKG=./store/...
PKG ?= ./...
# Passed on to go test and to the demo: make test ARGS='-run Planner -v'
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo build setup test test-fast lint fmt golden schema check

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## the whole thing on a virtual clock; leaves the desk open until Ctrl-C (make demo ARGS=--once ends instead)
	@tools/setup.sh --try postgres
	@$(GO) run ./cmd/nurture demo $(ARGS)

build: ## bin/nurture
	$(GO) build -trimpath -o bin/nurture ./cmd/nurture

setup: ## install what the tests need and this machine lacks
	@tools/setup.sh postgres dovecot postfix chromium axe

test: setup ## every test, with the race detector, nothing cached
	@GO=$(GO) tools/test.sh $(RACE) -count=1 -timeout=60m $(ARGS) $(PKG)

test-fast: setup ## without the race detector, unchanged packages from the cache
	@GO=$(GO) tools/test.sh -short $(ARGS) $(PKG)

lint: ## formatting, go vet, staticcheck
	@unformatted=$$($(TOOL) gofumpt -l .) && if [ -n "$$unformatted" ]; then \
		printf 'not formatted (make fmt):\n%s\n' "$$unformatted"; exit 1; fi
	@$(GO) vet $(PKG)
	@$(TOOL) staticcheck $(PKG)
	@echo 'lint: nothing found'

fmt: ## format the sources
	@$(TOOL) gofumpt -l -w .

golden: setup ## rewrite the expected outputs of tests; read the diff before committing it
	NURTURE_UPDATE_GOLDEN=1 $(GO) test -count=1 $(ARGS) $(PKG)

schema: ## migrations/schema.sql from the migrations
	@tools/setup.sh --try postgres
	@data=$$(mktemp -d) && chmod 755 "$$data" && trap 'rm -rf "$$data"' EXIT && \
		$(GO) run ./cmd/nurture --data "$$data" migrate --schema migrations/schema.sql

check: lint test ## what a change must pass
