# make            the targets, one line each
# The program is built without cgo; the race detector of the tests needs it.

GO           ?= go
NPM          ?= npm
GOLANGCI     := v2.15.0
VERSION      := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
CACHE        := $(CURDIR)/.cache
LINT         := $(CACHE)/bin/golangci-lint-$(GOLANGCI)
TEST_TIMEOUT ?= 12m
FUZZ_TIME    ?= 20s
LISTS        ?= 1000,20000
QUALITY_CLIPS ?= $(wildcard ../shared/media/bbb-1080p24-aac51-12s.mp4 ../shared/media/flower-540p2997-cc0.mp4)
PACKAGES     := ./cmd/... ./internal/... ./test/... ./scripts/... ./bench/...

WEB_SOURCES  := $(shell find web -path web/node_modules -prune -o -type f -print 2>/dev/null)
NPM_TESTS    := web test/browser test/players

.DEFAULT_GOAL := help
.PHONY: help setup build test unit web-test vet lint demo bench corpus fuzz clean

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: ## install what building and testing need
	@scripts/setup.sh test

build: bin/spool bin/packager ## build bin/spool, with Shaka Packager beside it

.PHONY: bin/spool
bin/spool: internal/webui/dist/index.html
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o $@ ./cmd/spool

bin/packager: deploy/packager/package-lock.json deploy/packager/install.sh
	@scripts/setup.sh build
	NPM=$(NPM) deploy/packager/install.sh $@
	@touch $@

web/node_modules/.package-lock.json: web/package-lock.json web/package.json
	@scripts/setup.sh build
	cd web && $(NPM) ci --no-audit --no-fund
	@touch $@

internal/webui/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	cd web && $(NPM) run build
	@touch $@

test: ## everything: format, vet, import rules, Go tests with the race detector, web tests
	@scripts/setup.sh test
	@$(MAKE) --no-print-directory vet unit web-test

vet: internal/webui/dist/index.html
	@unformatted=$$(gofmt -l cmd internal test scripts $(wildcard bench)); \
	if [ -n "$$unformatted" ]; then printf 'not formatted (run gofmt -w on them):\n%s\n' "$$unformatted" >&2; exit 1; fi
	$(GO) vet $(PACKAGES)
	$(GO) test ./test/depcheck

# The race detector watches what has goroutines of ours: the pure packages and the
# kit of the tests have none, and the tests below test/ run the program itself,
# which is built without it.
PURE := /internal/(spool|mediaconvert|plan|pattern|sign|hls|dash|smooth|mp4|captions|testkit)(/|$$)
unit: export SPOOL_PACKAGER ?= $(CURDIR)/bin/packager
unit: bin/packager
	CI=true $(GO) test -race -p 3 -timeout $(TEST_TIMEOUT) $(shell $(GO) list ./cmd/... ./internal/... | grep -vE '$(PURE)')
	CI=true $(GO) test -p 3 -timeout $(TEST_TIMEOUT) $(shell $(GO) list ./internal/... | grep -E '$(PURE)') ./test/... ./scripts/... ./bench/...

# The browser tests start bin/spool by themselves.
web-test: bin/spool
	@set -e; for dir in $(NPM_TESTS); do \
		echo "npm tests in $$dir"; \
		(cd $$dir && { [ -e node_modules/.package-lock.json ] || $(NPM) ci --no-audit --no-fund; } \
			&& $(NPM) run --if-present check && $(NPM) test --if-present); \
	done

$(LINT):
	@echo "building golangci-lint $(GOLANGCI), once (about a minute)"
	@mkdir -p $(CACHE)/bin/tmp
	GOBIN=$(CACHE)/bin/tmp $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI)
	@mv $(CACHE)/bin/tmp/golangci-lint $@

lint: $(LINT) internal/webui/dist/index.html ## golangci-lint
	$(LINT) run $(PACKAGES)

corpus: bin/packager ## run the jobs of public projects on real footage (CORPUS=part of a name), write docs/corpus.md
	SPOOL_PACKAGER=$(CURDIR)/bin/packager SPOOL_CORPUS=$(or $(CORPUS),all) SPOOL_CORPUS_REPORT=$(if $(CORPUS),,$(CURDIR)/docs/corpus.md) \
		$(GO) test -count=1 -timeout 6h -v ./test/corpus

demo: export INPUT := $(value INPUT)
demo: ## build, start a server, upload a clip (INPUT=path), end with a link that plays
	@scripts/setup.sh demo
	@$(MAKE) --no-print-directory build
	@$(GO) run ./scripts/demo

bench: build ## spool convert against plain ffmpeg, in turn, in time and in quality; lists of jobs (LISTS=1000,1000000 for long ones)
	$(GO) run ./bench
	@if [ -n "$(QUALITY_CLIPS)" ]; then $(GO) run ./bench/quality $(QUALITY_CLIPS); else echo "quality is not measured: name clips with QUALITY_CLIPS"; fi
	$(GO) test -count=1 -timeout 2h -run '^TestLists$$' -v ./bench/lists -lists.sizes=$(LISTS) -lists.runs=200

fuzz: ## every fuzz target for FUZZ_TIME, and the random settings in full
	$(GO) test -run '^Test(Property|EveryLeaf)' ./internal/mediaconvert -property.cases=1500
	@set -e; grep -rl '^func Fuzz' --include='*_test.go' internal test | while read -r file; do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$$file"); do \
			echo "$$(dirname $$file) $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZ_TIME) "./$$(dirname $$file)"; \
		done; \
	done

clean: ## remove what was built, and the test clips
	rm -rf bin .cache web/node_modules deploy/packager/node_modules
	find internal/webui/dist -mindepth 1 ! -name .keep -delete
