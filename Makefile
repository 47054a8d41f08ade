# make            installs what is missing from Debian and builds .build/release/weir
# make demo       the same, then opens the explorer on bundled real data
# make test       the whole test suite; its last line is the verdict
# make help       the other targets

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := build

PREFIX ?= /usr/local
DESTDIR ?=
# The program that `make install` copies.
WEIR ?= .build/release/weir
export SWIFT WEIR_PACKAGES
swift := .ci/swift

# JavaScriptCore is loaded when a fold first needs it.
build_packages := libncursesw5-dev libsqlite3-dev libzstd-dev liblz4-dev libsnappy-dev libdeflate-dev \
  zlib1g-dev libutf8proc-dev libpcre2-dev libtomlplusplus-dev g++
run_packages := libjavascriptcoregtk-4.1-0
test_packages := $(run_packages) tmux strace

release := -c release --static-swift-stdlib
# An undeclared import builds silently when its module happened to be built first; this tells.
layers := --explicit-target-dependency-import-check error

.PHONY: help build demo test install uninstall bench coverage fuzz dist lint format clean
.PHONY: build-packages demo-packages test-packages

help: ## these lines
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1|\2/p' $(MAKEFILE_LIST) | awk -F '|' '{ printf "make %-10s %s\n", $$1, $$2 }'

build-packages:
	@.ci/packages $(build_packages)

# One after the other, also under -j: apt takes one caller at a time.
demo-packages: build-packages
	@.ci/packages $(run_packages)

test-packages: demo-packages
	@.ci/packages $(test_packages)

build: build-packages ## install missing libraries, build .build/release/weir
	@$(swift) build $(release) $(layers) --product weir

demo: demo-packages build ## build, then open the explorer on the bundled bank
	@exec .build/release/weir demo

# FILTER=Tidy runs a part. A test that lacks a tool is counted in the file $$WEIR_NOT_RUN, and fails if CI is
# set. Swift Testing's verdict is kept back so that it is the last line.
test: test-packages ## build the debug program and all tests, run them
	@$(swift) build --build-tests $(layers)
	export WEIR_NOT_RUN=$$(mktemp)
	trap 'rm -f "$$WEIR_NOT_RUN"' EXIT
	verdict=0
	$(swift) test --skip-build --disable-xctest $(if $(FILTER),--filter '$(FILTER)') 2>&1 \
	  | awk '/^[^a-zA-Z]*Test run with [0-9]+ tests?/ { last = $$0; next } { print; fflush() }
	      END {
	        while ((getline why < ENVIRON["WEIR_NOT_RUN"]) > 0) { count++; reasons[why]++ }
	        for (why in reasons) print "  " why ": " reasons[why]
	        print "not run: " count + 0
	        if (last != "") print last; else exit 1
	      }' || verdict=1
	exit $$verdict

install: ## copy program, themes, demo, man page, completions below $(DESTDIR)$(PREFIX)
	@[[ -x $(WEIR) ]] || $(MAKE) build
	root="$(DESTDIR)$(PREFIX)"
	install -D -m 755 $(WEIR) "$$root/bin/weir"
	install -d "$$root/share/weir/themes" "$$root/share/weir/demo"
	install -m 644 themes/*.theme "$$root/share/weir/themes/"
	cp -R --no-preserve=mode,ownership Tests/Fixtures/demo/. "$$root/share/weir/demo/"
	install -D -m 644 LICENSE "$$root/share/doc/weir/copyright"
	install -D -m 644 CHANGELOG.md "$$root/share/doc/weir/changelog.md"
	work=$$(mktemp -d); trap 'rm -rf "$$work"' EXIT
	$(WEIR) man >"$$work/weir.1"
	for shell in bash zsh fish; do $(WEIR) completion $$shell >"$$work/$$shell"; done
	for file in "$$work"/*; do [[ -s $$file ]] || { echo "$${file##*/} came out empty" >&2; exit 1; }; done
	install -D -m 644 "$$work/weir.1" "$$root/share/man/man1/weir.1"
	install -D -m 644 "$$work/bash" "$$root/share/bash-completion/completions/weir"
	install -D -m 644 "$$work/zsh" "$$root/share/zsh/$(or $(ZSH_FOLDER),site-functions)/_weir"
	install -D -m 644 "$$work/fish" "$$root/share/fish/vendor_completions.d/weir.fish"
	echo "Installed in $$root"

uninstall: ## take away what install copied
	@root="$(DESTDIR)$(PREFIX)"
	rm -rf "$$root/bin/weir" "$$root/share/weir" "$$root/share/doc/weir" "$$root/share/man/man1/weir.1" \
	  "$$root/share/bash-completion/completions/weir" "$$root/share/zsh/site-functions/_weir" \
	  "$$root/share/fish/vendor_completions.d/weir.fish"

bench: test-packages ## measure against the machine's own limits: one line a goal (WEIR_BENCH_MIB=1024)
	@export WEIR_BENCH=1
	$(swift) build $(release) --product weir
	$(swift) build $(release) --product weir-bench
	.build/release/weir-bench .build/release/weir

coverage: test-packages ## region coverage of engine and replay (COVERAGE_MIN=90 makes it a condition)
	@.ci/coverage WeirCore WeirReplay

fuzz: build-packages ## feed broken bytes to the readers (FUZZ_SECONDS=60 each; FUZZ_TARGETS="kafka json")
	@.ci/fuzz $(FUZZ_TARGETS)

dist: build-packages ## dist/weir, one file that needs glibc alone, and dist/weir_VERSION_ARCH.deb
	@.ci/dist

lint: ## check the formatting
	@$(swift) format lint --strict --parallel --recursive Package.swift Sources Tests

format: ## mend the formatting
	@$(swift) format --in-place --parallel --recursive Package.swift Sources Tests

clean: ## take away what was built
	@rm -rf .build dist
