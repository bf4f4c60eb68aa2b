# Every errand of the house by one name; each makes its own .venv/ ready first. `make` alone lists them.

PY := .venv/bin/python
# By way of main(), because `-m babel.messages.frontend` ends with 0 even where it found errors.
PYBABEL := $(PY) -c 'import sys; from babel.messages.frontend import main; sys.exit(main())'
LOCK := $(PY) -m uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' --quiet

.PHONY: help run test check format audit bench shots lock translations runtime tools
.SUFFIXES:

help:
	@echo 'make ERRAND, where the errand is one of'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name what; do \
		printf '  %-14s%s\n' "$$name" "$$what"; done
	@echo 'PYTHON=python3.12 chooses the Python that .venv/ is made with.'

run: runtime ## the service on http://127.0.0.1:8000, with a demo on first start (PORT= HOST= DEMO=)
	@exec $(PY) feedback/cli/server.py

test: tools ## the whole suite (ARGS="-k praise" for a part of it)
	@exec $(PY) -m pytest $(ARGS)

check: tools ## lint, format, types, templates, translations
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m djlint templates --lint --quiet
	@mkdir -p build/translations
	@set -e; for po in feedback/translations/*/LC_MESSAGES/messages.po; do \
		$(PYBABEL) --quiet compile --use-fuzzy -i "$$po" -o build/translations/messages.mo; done

format: tools ## put the code in order: imports, quotes, line breaks
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

audit: tools ## known vulnerabilities of everything pinned (asks the network)
	$(PY) -m uv tool run --python $(PY) pip-audit==2.10.1 --strict --require-hashes --disable-pip -r requirements-dev.txt

bench: tools ## the benchmarks, into build/bench.json
	@exec $(PY) -m bench $(ARGS)

shots: tools ## a screenshot of every page, phone and desktop, into build/shots/
	@exec $(PY) -m tests.browser.shots $(ARGS)

lock: tools ## pin anew what pyproject.toml asks for (ARGS=--upgrade for newer versions)
	$(LOCK) $(ARGS) -o requirements.txt
	$(LOCK) $(ARGS) --extra dev -c requirements.txt -o requirements-dev.txt

translations: tools ## gather every string and bring each language's catalogue up to date
	@mkdir -p build
	$(PYBABEL) extract -F pyproject.toml -k later -k npgettext:1c,2,3 --add-location file --sort-by-file --no-wrap \
		--project Firsthand -o build/messages.pot feedback templates
	$(PYBABEL) update -D messages -d feedback/translations -i build/messages.pot \
		--no-fuzzy-matching --ignore-pot-creation-date --no-wrap --ignore-obsolete

runtime:
	@exec sh deploy/venv.sh requirements.txt

tools:
	@exec sh deploy/venv.sh requirements-dev.txt
