# The few commands people use; `make help` lists them. Everything that is missing on a Debian 12 machine is installed
# first (tools/setup), as root or with sudo. The second time nothing is installed and little is compiled.

SECONDS ?= 60
ARGS ?=
# Compiled objects are shared between checkouts, wherever they stand.
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1
export CCACHE_DEPEND := 1
export CCACHE_PCH_EXTSUM := 1
export CCACHE_SLOPPINESS := time_macros,include_file_mtime,include_file_ctime,pch_defines

.DEFAULT_GOAL := help
.PHONY: help run build test chaos check bench golden fuzz sanitize package clean

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

run: build ## build, then start Sluice on its defaults; ARGS="--config sluice.yaml" is passed on
	build/sluice serve $(ARGS)

build: ## install what is missing and build build/sluice
	@tools/setup build
	@tools/build release sluice

test: ## run all tests
	@tools/setup build test
	@tools/build release
	@tools/test

chaos: build ## failures of every class under load for SECONDS=600; ARGS="--rate 100" sets the rate, --report FILE keeps the report
	@tools/setup build test
	@PATH="$(CURDIR)/.cache/node/node_modules/.bin:$$PATH" node tests/faults/chaos.mjs --seconds $(SECONDS) $(ARGS)

check: build ## formatting, house rules, presets, generated pages, clang-tidy
	@tools/check

bench: ## run all benchmarks, beside nginx and HAProxy
	@tools/setup build test bench
	@tools/bench

golden: build ## write tests/matrix/golden anew; read the difference before you commit it
	@tools/build release matrix_test
	SLUICE_WRITE_GOLDEN=1 build/matrix_test

fuzz: ## run every fuzzer for SECONDS=60
	@tools/setup build
	@tools/fuzz $(SECONDS)

sanitize: ## run all tests with AddressSanitizer and UBSan, then with ThreadSanitizer
	@tools/setup build test
	@tools/build asan
	@tools/build tsan
	@tools/test --build build-asan; asan=$$?; tools/test --build build-tsan && exit $$asan

package: build ## a stripped binary in a tar.gz, with its SHA-256
	@tools/package

clean: ## remove what was built and installed here
	rm -rf build build-asan build-tsan build-fuzz build-profile .venv .cache tests/system/node*/node_modules
