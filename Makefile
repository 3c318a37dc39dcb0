# Every target makes .venv itself when it is missing or older than the lock files.
PYTHON ?= python3
# Each of the thousands of processes of the tests would compile what it loads.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
# Tests wait for processes as long as they compute: two of them for each core.
WORKERS ?= $(shell $(PYTHON) -c "import os; print(2 * (os.cpu_count() or 1))")
PAGES ?= 3000
PAIRS ?= 5
MANY ?= 100000
OTHERS ?= yes
CARDS ?= 40
SEEN ?= 5000000
OBJECTS ?= 100000
OUTLETS ?= 50
ARTICLES ?= 50000
ROWS ?= 1000000
KILLS ?= 20
PROOFS ?= tests/soak/test_kills.py tests/soak/test_cluster.py
DAYS ?= 14
FAULTS ?= 9
FLOOR ?= raise
SECONDS ?= 300
SEED ?= $(shell date +%s)

.PHONY: setup demo test room-ready interop interop-ready bench performance bench-s3 bench-update bench-queue bench-room bench-dataset evaluate soak weeks fuzz lint format diagram outlets picture lock clean
.DEFAULT_GOAL := test

setup: .venv/ready

.venv/ready: requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit("khobor needs Python 3.11 to 3.13, not " + sys.version.split()[0]) if not (3, 11) <= sys.version_info[:2] <= (3, 13) else None'
	@test ! -L .venv || { echo ".venv is a link: remove it, it would be cleared where it leads to"; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-dev.txt
	@touch $@

# The demo newspaper on loopback: an update, then a backfill of its 30 days, into archive/.
demo: setup
	@$(BIN)/python -m crawler.demo.tour

# Who has no test left takes some of another's.
test: setup
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# Against other people's programs, each in an environment of its own: pywb, for one, breaks Scrapy's brotli.
interop: setup interop-ready
	$(BIN)/python -m pytest tests/interop -n $(WORKERS) --dist loadfile --durations=5

interop-ready: .venv-interop/ready .venv-pywb/ready .venv-data/ready .venv-datatrove/ready .venv-clients/ready .room/ready .interop-axe/ready
	@tests/interop/need.sh chromium chromium fonts-lohit-beng-bengali
	@tests/interop/need.sh pg_ctlcluster postgresql
	@tests/interop/need.sh cron cron
	@tests/interop/need.sh systemd-analyze systemd
	@tests/interop/need.sh ssconvert gnumeric
	@tests/interop/need.sh java default-jre-headless

.venv-interop/ready: tests/interop/requirements-tools.txt
.venv-pywb/ready: tests/interop/requirements-pywb.txt
.venv-data/ready: tests/interop/requirements-data.txt
.venv-datatrove/ready: tests/interop/requirements-datatrove.txt
.venv-clients/ready: tests/interop/requirements-clients.txt
.venv-interop/ready .venv-pywb/ready .venv-data/ready .venv-datatrove/ready .venv-clients/ready:
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/python -m pip install --quiet --no-compile --disable-pip-version-check -r $<
	@touch $@

# The player of archived pages in the reading room, ReplayWeb.page, pinned and fetched from npm.
room-ready: .room/ready

.room/ready: crawler/room/replaywebpage.txt
.interop-axe/ready: tests/interop/axe.txt
.room/ready .interop-axe/ready:
	@tests/interop/need.sh npm npm
	rm -rf $(@D) && mkdir $(@D)
	cd $(@D) && npm pack --silent "$$(cat ../$<)" && tar -xzf *.tgz
	@touch $@

# Speed, in pairs: whole crawls beside bare and naive Scrapy, extractors, re-extraction, readers of WARCs, memory; then
# what recording costs in CPU, what state does with millions of addresses. OTHERS= leaves out other people's extractors;
# with fewer CARDS, the pages of the crawls are simpler.
bench: setup .venv-interop/ready $(if $(OTHERS),.venv-evaluate/ready)
	@PATH=$$PATH:/usr/sbin tests/interop/need.sh nginx nginx
	@mkdir -p .bench
	PYTHONPATH=.:tests $(BIN)/python tests/bench/crawls.py --pages $(PAGES) --pairs $(PAIRS) --cards $(CARDS) --json .bench/crawls.json
	PYTHONPATH=.:tests $(BIN)/python tests/bench/extractors.py --pairs $(PAIRS) --json .bench/extractors.json
	PYTHONPATH=.:tests $(BIN)/python tests/bench/archives.py --pages $(PAGES) --pairs $(PAIRS) --json .bench/archives.json
	PYTHONPATH=.:tests $(BIN)/python tests/bench/memory.py --pages $(MANY) --json .bench/memory.json
	$(BIN)/python tests/bench/recording.py --pages $(PAGES) --pairs $(PAIRS)
	$(BIN)/python tests/bench/state.py --seen $(SEEN)
	PYTHONPATH=. $(BIN)/python tests/bench/extraction.py --pairs $(PAIRS)
	$(BIN)/python tests/bench/normalizing.py

# The tables and the plot of docs/performance.md, from the figures of the last `make bench`.
performance: setup
	$(BIN)/python tests/bench/performance.py .bench

# Updates of 50 stand-ins for outlets: memory of all processes, time, load of a PostgreSQL server. A quarter of an hour.
bench-update: setup
	@tests/interop/need.sh pg_ctlcluster postgresql
	PYTHONPATH=.:tests $(BIN)/python tests/bench/updates.py --outlets $(OUTLETS)

# A queue of 20,000 jobs on PostgreSQL: times to queue, list and fetch.
bench-queue: setup
	@tests/interop/need.sh pg_ctlcluster postgresql
	PYTHONPATH=.:tests $(BIN)/python tests/bench/long_queue.py

# A bucket: upload beside `aws s3 cp` to the same server, in pairs; very many objects listed and verified, and memory.
bench-s3: setup .venv-interop/ready
	PYTHONPATH=.:tests $(BIN)/python tests/bench/s3.py --pairs $(PAIRS) --objects $(OBJECTS)

# The index of the reading room with ARTICLES made-up articles: time, size, memory, queries, a day more.
bench-room: setup
	$(BIN)/python tests/bench/room.py --articles $(ARTICLES)

# A data set and the copies of ROWS made-up articles: time, memory, size.
bench-dataset: setup
	PYTHONPATH=.:tests $(BIN)/python tests/bench/dataset.py --rows $(ROWS)

# Extraction beside other people's extractors: rewrites docs/evaluation.md, raises the floor; FLOOR=check: khobor alone.
evaluate: setup $(if $(filter check,$(FLOOR)),,.venv-evaluate/ready)
	@PYTHONPATH=tests $(BIN)/python -m evaluate --floor $(FLOOR)

# Without its resolver: pip fails on an extra that lxml no longer has.
.venv-evaluate/ready: tests/evaluate/requirements.txt
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r $<
	@touch $@

# The long proofs: crawls and backfills killed again and again at random moments, and workers that meet every fault.
soak: setup .venv-interop/ready
	@tests/interop/need.sh pg_ctlcluster postgresql
	KILLS=$(KILLS) $(BIN)/python -m pytest -n $(WORKERS) $(PROOFS)

# Weeks of updates under a moved clock with faults in between: 15 minutes.
weeks: setup
	DAYS=$(DAYS) FAULTS=$(FAULTS) $(BIN)/python -m pytest tests/soak/test_weeks.py

# Extraction against monsters and mutated pages, four tests of so many seconds; SEED=… has the same pages again.
fuzz: setup
	FUZZ_SECONDS=$(SECONDS) FUZZ_SEED=$(SEED) $(BIN)/python -m pytest -n $(WORKERS) tests/fuzz

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=tests $(BIN)/lint-imports --no-cache
	$(BIN)/python tests/wording.py

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Draw the layers of the code into docs/architecture.md.
diagram: setup
	$(BIN)/python docs/diagram.py

# Write docs/outlets.md from the declarations of the outlets.
outlets: setup
	$(BIN)/python docs/outlet_table.py

# Draw the reading room on the demo's archive into docs/room.png.
picture: setup
	@tests/interop/need.sh chromium chromium
	PYTHONPATH=. $(BIN)/python docs/room_picture.py

# Lock the dependencies of pyproject.toml again, for every Python we support.
lock: setup
	$(BIN)/uv pip compile --quiet --universal --no-header --no-annotate --no-emit-index-url --no-emit-find-links --upgrade pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --no-header --no-annotate --no-emit-index-url --no-emit-find-links --upgrade --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

clean:
	rm -rf .venv .venv-interop .venv-pywb .venv-data .venv-datatrove .venv-clients .venv-evaluate .room .interop-axe .mypy_cache .ruff_cache .pytest_cache .hypothesis
