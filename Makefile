# Two commands: `make run` and `make test`. Both set up what is missing first.

CONFIG ?=
# What follows the task: make bench ARGS="--rounds 1", make soak ARGS=soak_crash
ARGS ?=

XTASK = sh xtask/setup.sh
TASK = cargo run --quiet --locked --package xtask --

.PHONY: help run test lint bench soak fmt sqlx openapi

help:
	@echo "make run                 set up, build, and start the demo with its console"
	@echo "make run CONFIG=my.toml  the same with your own brokers and no demo"
	@echo "make test                set up, and run every test there is"
	@echo "make lint                formatting, clippy, licences, .sqlx, openapi.json"
	@echo "make bench               measurements, each beside its baseline"
	@echo "make soak                the long campaigns"
	@echo "make fmt                 format the code"
	@echo "make sqlx                write .sqlx anew, after a change of a query or a migration"
	@echo "make openapi             write server/openapi.json anew, after a change of a route under /api/v1"

run:
	@exec $(XTASK) run $(TASK) run $(CONFIG)

test:
	@exec $(XTASK) test $(TASK) test

lint:
	@exec $(XTASK) build $(TASK) lint

bench:
	@exec $(XTASK) run $(TASK) bench $(ARGS)

soak:
	@exec $(XTASK) run $(TASK) soak $(ARGS)

sqlx:
	@exec $(XTASK) build $(TASK) sqlx

openapi:
	@exec $(XTASK) build $(TASK) openapi

fmt:
	@exec $(XTASK) build cargo fmt --all
