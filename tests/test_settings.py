"""The settings layers: base wires, the others change scalars."""

import importlib
import math
import os
import re
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest
import warm
from scrapy.settings import Settings

from crawler.crawl.deployment import PROJECT_ROOT, Deployment
from crawler.crawl.numbers import NUMBERS, wrong_number
from settings import base

LAYERS = ("cron", "backfill", "test")
EXCEPTIONS = {"test": {"SPIDER_MODULES"}}


def names_of(module):
    return {name: getattr(module, name) for name in dir(module) if name.isupper()}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_changes_scalars_only(layer):
    base = names_of(importlib.import_module("settings.base"))
    other = names_of(importlib.import_module(f"settings.{layer}"))
    changed = {name for name, value in other.items() if base.get(name) != value} - EXCEPTIONS.get(layer, set())
    assert set(other) == set(base), "a layer adds no setting of its own"
    for name in changed:
        assert isinstance(other[name], (str, int, float, bool)), name
        assert isinstance(base[name], (str, int, float, bool)), name


def test_every_layer_is_named_in_scrapy_cfg():
    config = ConfigParser()
    config.read(PROJECT_ROOT / "scrapy.cfg")
    assert dict(config["settings"]) == {"default": "settings.base"} | {name: f"settings.{name}" for name in LAYERS}


def test_the_demo_outlets_are_listed_in_the_test_layer_only():
    listed = {project: scrapy_list({**os.environ, "SCRAPY_PROJECT": project}) for project in ("default", *LAYERS)}
    assert {name for name in listed["test"] if name.startswith("demo_")} == {
        "demo_daily",
        "demo_portal",
        "demo_tv",
    }
    for project in ("default", "cron", "backfill"):
        assert not [name for name in listed[project] if name.startswith("demo_")]
    assert listed["default"] >= {"samakal", "prothom_alo", "kalerkantho", "ittefaq", "jagonews24", "urls"}


def test_every_number_that_is_read_is_checked_and_as_whole_as_it_is_read():
    read = {}
    for path in (PROJECT_ROOT / "crawler").rglob("*.py"):
        read |= {name: kind for kind, name in re.findall(r'\.get(int|float)\("(\w+)"\)', path.read_text())}
    assert {name: NUMBERS[name].is_whole for name in read} == {name: kind == "int" for name, kind in read.items()}
    numbers = {name for name, value in names_of(base).items() if type(value) in (int, float)}
    assert numbers <= set(NUMBERS)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("layer", ["base", *LAYERS])
def test_our_own_numbers_are_allowed(layer, name):
    settings = Settings()
    settings.setmodule(f"settings.{layer}")
    assert NUMBERS[name].allows(settings.get(name))


@pytest.mark.parametrize("value", ["x", "", None, "inf", "nan", "-1", float("nan"), math.inf, -1, "9" * 5000, [1]])
def test_what_is_no_number_is_none_for_any_setting(value):
    for name in NUMBERS:
        said = wrong_number(Settings({**defaults(), name: value}))
        assert said == f"{name}={value} is not {NUMBERS[name]}"


def test_numbers_are_as_whole_as_they_must_be_and_within_what_a_calendar_has():
    for value in ("1e9", "1.5", 1.5):
        assert not [name for name, number in NUMBERS.items() if number.is_whole and number.allows(value)]
    days = ("LOOK_BACK_DAYS", "HEALTH_DAYS", "SPOOL_KEEP_DAYS", "S3_OBJECT_LOCK_DAYS")
    assert {wrong_number(Settings({**defaults(), name: 36_501})) for name in days} == {
        f"{name}=36501 is not {NUMBERS[name]}" for name in days
    }
    assert wrong_number(Settings({**defaults(), "REVISIT_SHARE": "1.01"})) == (
        "REVISIT_SHARE=1.01 is not a number from 0 to 1"
    )
    said = "UPLOAD_PART_SIZE=1000 is not a whole number from 5242880 to 5368709120"
    assert wrong_number(Settings({**defaults(), "UPLOAD_PART_SIZE": 1000})) == said


def defaults():
    return names_of(base)


def scrapy_list(environment):
    command = [sys.executable, "-m", "scrapy", "list"]
    answer = warm.run(command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stderr
    return set(answer.stdout.split())


def test_a_crawl_loads_no_console_that_nobody_sits_at():
    code = """
import sys
from scrapy.utils.project import get_project_settings
print(*get_project_settings().get_component_priority_dict_with_base("EXTENSIONS"), *sys.modules)
"""
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "SCRAPY_PROJECT": "test"}
    answer = subprocess.run(command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=True)
    names = answer.stdout.split()
    assert "crawler.crawl.recorder.Recorder" in names
    assert "scrapy.extensions.logstats.LogStats" in names
    assert not [name for name in names if "remote_control" in name or "telnet" in name or "aiohttp" in name]


def test_our_modules_come_from_this_checkout():
    for name in ("crawler", "settings", "spiders"):
        assert Path(importlib.import_module(name).__file__).is_relative_to(PROJECT_ROOT)


def test_relative_places_are_relative_to_the_project_root(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    places = {"ARCHIVE_URL": "kept", "SPOOL_DIR": "growing", "STATE_URL": "sqlite:///{SPOOL_DIR}/state.db"}
    deployment = Deployment.from_settings(Settings({**defaults(), **places}))
    assert deployment.archive_url == str(PROJECT_ROOT / "kept")
    assert deployment.spool == PROJECT_ROOT / "growing"
    assert deployment.state_url == f"sqlite:///{PROJECT_ROOT}/growing/state.db"


def test_absolute_places_and_other_stores_stay_as_they_are(tmp_path):
    places = {
        "ARCHIVE_URL": "s3://bucket/prefix",
        "SPOOL_DIR": str(tmp_path),
        "STATE_URL": "postgresql://host/state",
    }
    deployment = Deployment.from_settings(Settings({**defaults(), **places}))
    assert deployment.archive_url == "s3://bucket/prefix"
    assert deployment.spool == tmp_path
    assert deployment.state_url == "postgresql://host/state"


def test_the_project_installs_no_module_of_its_own():
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())
    assert project["tool"]["setuptools"]["packages"] == []
    assert "scripts" not in project["project"]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_lock_files_hold_versions_and_no_index_address(name):
    lines = (PROJECT_ROOT / name).read_text().splitlines()
    assert lines
    for line in lines:
        assert "==" in line
        assert "://" not in line
        assert not line.startswith("-")
