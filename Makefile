# Each target is one line that calls cargo, xtask or a script; `make check test` is what CI runs.
export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/jaeger-rust/target

.PHONY: run demo test check fmt bench audit chaos codegen
run: ; cargo run --quiet --release -p jaeger-all-in-one -- --bind-address=127.0.0.1
demo: ; cargo run --quiet --release -p jaeger-load -- demo
check: ; cargo run --quiet -p xtask -- check
test: ; cargo run --quiet -p xtask -- test
chaos: ; cargo run --quiet -p xtask -- chaos
bench: ; cargo run --quiet -p xtask -- bench
fmt: ; cargo fmt --all
audit: ; cargo deny check advisories
codegen: ; cargo run --quiet -p xtask --features codegen -- codegen
