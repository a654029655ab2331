# Each target is one line that calls cargo, xtask or a script; `make check test` is what CI runs.
export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/jaeger-rust/target

.PHONY: run demo test check fmt bench audit chaos codegen images test-k8s test-stores
run: ; @tools/needs cc node && cargo xtask ui && cargo run --release -p jaeger-all-in-one -- --bind-address=127.0.0.1
demo: ; @tools/needs cc && cargo run --quiet --release -p jaeger-load -- demo
check: ; @tools/needs cc node && cargo run --quiet -p xtask -- check
test: ; @tools/needs cc node chromium python3 go prometheus openssl curl java maven unzip && cargo run --quiet -p xtask -- test
test-stores: ; @tools/needs cc node java maven unzip python3 && cargo run --quiet -p xtask -- test-stores
chaos: ; @tools/needs cc node && cargo run --quiet -p xtask -- chaos
images: ; @tools/needs cc musl-gcc && cargo run --quiet -p xtask -- images $(ARGS)
test-k8s: ; @tools/needs cc musl-gcc node go curl && cargo run --quiet -p xtask -- test-k8s
bench: ; @tools/needs cc node valgrind && cargo run --quiet -p xtask -- bench $(ARGS)
fmt: ; cargo fmt --all
audit: ; cargo deny check advisories
codegen: ; cargo run --quiet -p xtask --features codegen -- codegen
