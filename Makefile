# One short command per duty, the same at home and in the continuous integration.

.PHONY: demo test lint bench clean

demo: ## commands on a private cluster, made for this and removed afterwards
	@scripts/demo

test: ## static checks, then all tests on the oldest and the newest Python here
	@scripts/test

lint: ## the static checks alone
	@scripts/lint

bench: ## claims of speed, measured beside their peers; ARGS are for bench/run.py
	@scripts/venv "$$(scripts/python)" .venv
	@.venv/bin/python bench/peers.py || echo "-- the peer is missing: its rows are skipped"
	@.venv/bin/python bench/run.py $(ARGS)

clean: ## everything that can be made again
	rm -rf .venv .venv-* build dist src/*.egg-info
	rm -rf .hypothesis .mypy_cache .ruff_cache .pytest_cache .peers
	find src tests bench scripts -name __pycache__ -type d -prune -exec rm -rf {} +
