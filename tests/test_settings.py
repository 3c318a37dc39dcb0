"""The settings: layers, valid values, and places."""

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
from scrapy.settings import Settings, default_settings

from crawler import __version__
from crawler.crawl.components import check_components
from crawler.crawl.identity import Identity
from crawler.crawl.setting_checks import check_settings, malformed_setting
from crawler.crawl.settings import PROJECT_ROOT, Access, Deployment
from crawler.model.exit_codes import USAGE, Refused
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
    assert all(isinstance(one[name], (str, int, float, bool)) for name in changed for one in (base, other))


def test_scrapy_cfg_names_every_layer():
    config = ConfigParser()
    config.read(PROJECT_ROOT / "scrapy.cfg")
    assert dict(config["settings"]) == {"default": "settings.base"} | {name: f"settings.{name}" for name in LAYERS}


def test_only_the_test_layer_has_the_demo_outlets():
    listed = {project: scrapy_list({**os.environ, "SCRAPY_PROJECT": project}) for project in ("default", *LAYERS)}
    demo = {project: {name for name in names if name.startswith("demo_")} for project, names in listed.items()}
    assert demo.pop("test") == {"demo_daily", "demo_portal", "demo_tv"}
    assert not any(demo.values())
    assert listed["default"] >= {"samakal", "prothom_alo", "kalerkantho", "ittefaq", "jagonews24", "urls"}


@pytest.mark.parametrize("layer", ["base", *LAYERS])
def test_our_own_settings_are_valid(layer):
    settings = Settings()
    settings.setmodule(f"settings.{layer}")
    check_settings(settings)


def answer_to(name, value):
    """Return what a command says of a setting's value, None if it is valid."""
    settings = Settings()
    settings.setmodule("settings.base")
    if sentence := malformed_setting(name, value):
        return sentence
    settings.set(name, value, "cmdline")
    try:
        check_settings(settings)
        check_components(settings)
    except Refused as error:
        return str(error)
    return None


@pytest.mark.parametrize("value", ["x", "-1", '{"x": 1}'])
def test_every_setting_of_scrapy_is_valid_or_named(value):
    said = {name: answer_to(name, value) for name in names_of(default_settings)}
    assert [name for name, sentence in said.items() if sentence]
    for name, sentence in said.items():
        assert re.fullmatch(rf"({name}( can't be used: |=.* is (not|neither) ).+)?", sentence or ""), sentence


def refusal_of(**changed):
    """Return the refusal of the base settings with some changed."""
    with pytest.raises(Refused) as caught:
        check_settings(Settings({**names_of(base), **changed}))
    assert caught.value.exit_code == USAGE
    return str(caught.value)


@pytest.mark.parametrize("value", ["x", "", None, "inf", "nan", "-1", float("nan"), math.inf, -1, "9" * 5000, [1]])
@pytest.mark.parametrize("name", [name for name, value in names_of(base).items() if type(value) in (int, float)])
def test_every_number_is_checked(name, value):
    said = rf"{name}={re.escape(str(value))} is not a (whole )?number from \d+ (on|to \d+)"
    assert re.fullmatch(said, refusal_of(**{name: value}))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LOOK_BACK_DAYS", 36_501, "a whole number from 1 to 36500"),
        ("HEALTH_DAYS", "1e9", "a whole number from 1 to 36500"),
        ("SPOOL_KEEP_DAYS", 1.5, "a whole number from 0 to 36500"),
        ("S3_OBJECT_LOCK_DAYS", "1.5", "a whole number from 0 to 36500"),
        ("REVISIT_SHARE", "1.01", "a number from 0 to 1"),
        ("UPLOAD_PART_SIZE", 1000, "a whole number from 5242880 to 5368709120"),
    ],
)
def test_numbers_have_ranges(name, value, said):
    assert refusal_of(**{name: value}) == f"{name}={value} is not {said}"


@pytest.mark.parametrize("name", ["ARCHIVE_URL", "SPOOL_DIR", "STATE_URL"])
def test_places_are_required(name):
    assert refusal_of(**{name: " "}) == f"{name} is empty"


def scrapy_list(environment):
    command = [sys.executable, "-m", "scrapy", "list"]
    answer = warm.run(command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stderr
    return set(answer.stdout.split())


def test_a_crawl_loads_no_console():
    code = """
import sys
from scrapy.utils.project import get_project_settings
print(*get_project_settings().get_component_priority_dict_with_base("EXTENSIONS"), *sys.modules)
"""
    environment = {**os.environ, "SCRAPY_PROJECT": "test"}
    names = subprocess.check_output([sys.executable, "-c", code], cwd=PROJECT_ROOT, env=environment, text=True).split()
    assert "crawler.crawl.recorder.Recorder" in names
    assert "scrapy.extensions.logstats.LogStats" in names
    assert not [name for name in names if "remote_control" in name or "telnet" in name or "aiohttp" in name]


def test_our_modules_come_from_this_checkout():
    for name in ("crawler", "settings", "spiders"):
        assert Path(importlib.import_module(name).__file__).is_relative_to(PROJECT_ROOT)


def test_relative_places_are_relative_to_the_project_root(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    places = {"ARCHIVE_URL": "kept", "SPOOL_DIR": "growing", "STATE_URL": "sqlite:///{SPOOL_DIR}/state.db"}
    deployment = Deployment.from_settings(Settings({**names_of(base), **places}))
    assert deployment.archive_url == str(PROJECT_ROOT / "kept")
    assert deployment.spool == PROJECT_ROOT / "growing"
    assert deployment.state_url == f"sqlite:///{PROJECT_ROOT}/growing/state.db"


def test_absolute_places_and_urls_are_unchanged(tmp_path):
    places = {"ARCHIVE_URL": "s3://bucket/prefix", "SPOOL_DIR": tmp_path, "STATE_URL": "postgresql://host/state"}
    deployment = Deployment.from_settings(Settings({**names_of(base), **places}))
    assert deployment.archive_url == "s3://bucket/prefix"
    assert deployment.spool == tmp_path
    assert deployment.state_url == "postgresql://host/state"


def test_the_project_installs_no_module_of_its_own():
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())
    assert project["tool"]["setuptools"]["packages"] == []
    assert "scripts" not in project["project"]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_lock_files_have_versions_and_no_index_address(name):
    lines = (PROJECT_ROOT / name).read_text().splitlines()
    assert lines
    for line in lines:
        assert "==" in line
        assert "://" not in line
        assert not line.startswith("-")


@pytest.mark.parametrize(
    ("contact", "is_valid"),
    [
        ("desk@archive.example", True),
        (" desk@archive.example ", True),
        ("https://archive.example/about", True),
        ("ডেস্ক@archive.example", True),
        ("the desk", False),
        ("desk@archive", False),
        ("archive.example", False),
        ("Desk <desk@archive.example>", False),
        ("a@archive.example, b@archive.example", False),
        ("ftp://archive.example", False),
        ("https://archive.example/a\nb", False),
        ("https://archive.example/a b", False),
    ],
)
def test_the_contact_is_a_mail_or_web_address(contact, is_valid):
    if is_valid:
        assert Access.from_settings(Settings({"CONTACT": contact})).contact == contact.strip()
    else:
        with pytest.raises(Refused, match=r"^CONTACT=.* is neither a mail address nor a web address$"):
            Access.from_settings(Settings({"CONTACT": contact}))


@pytest.mark.parametrize(
    ("contact", "user_agent", "sender"),
    [
        ("", f"khobor/{__version__}", None),
        ("https://archive.example/", f"khobor/{__version__} (+https://archive.example/)", None),
        ("desk@archive.example", f"khobor/{__version__} (+desk@archive.example)", "desk@archive.example"),
    ],
)
def test_the_contact_is_in_user_agent_and_from(contact, user_agent, sender):
    settings = Settings({"CONTACT": contact, "DEFAULT_REQUEST_HEADERS": base.DEFAULT_REQUEST_HEADERS})
    Identity().update_settings(settings)
    headers = settings.getdict("DEFAULT_REQUEST_HEADERS")
    assert (settings["USER_AGENT"], headers.get("From")) == (user_agent, sender)
    assert headers.items() >= base.DEFAULT_REQUEST_HEADERS.items()


def test_the_end_of_a_line_in_a_variable_is_left_out():
    """A file of variables that was written on Windows leaves it there."""
    environment = {
        **os.environ,
        "KHOBOR_SPOOL_DIR": "/a b/spool\r",
        "KHOBOR_OUTLETS": "\r\n",
        "KHOBOR_CONTACT": " a@b.example\n",
    }
    code = "from settings import base; print([base.SPOOL_DIR, base.OUTLETS, base.CONTACT])"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "['/a b/spool', '', ' a@b.example']\n"
