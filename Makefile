# The few commands of Symposium. Each says what it does by its name; `make help` lists them.
.PHONY: help run test check unit campaign screenshots

help:
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: ## build and start everything with a demo community, on http://127.0.0.1:8070/
	@tests/tools build
	cargo build --bin symposium
	./target/debug/symposium demo

test: ## the gate: everything, on both stores, a real Sympa on three databases, real browsers
	tests/run

check: ## quick: formatting, lints, types, edges, documents
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo test --quiet -p symposium --test architecture --test documents
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --quiet
	@tests/tools web
	cd web && npm run check
	@if command -v cargo-deny >/dev/null; then cargo deny --offline check bans licenses sources; fi

unit: ## quick: tests of the crates (SQLite) and of the web app
	cargo test --workspace --quiet
	@tests/tools web
	cd web && npm test

campaign: ## long: fuzzing, soak and all benchmarks
	tests/campaign

screenshots: ## take the pictures of the README anew
	tests/screenshots
