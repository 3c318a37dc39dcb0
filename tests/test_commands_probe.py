"""`scrapy probe` as a user runs it: sites on loopback, saved pages, outlets, and mistakes."""

import importlib.util
import sys
from contextlib import ExitStack

import made_up_sites
import pytest
import sandbox
import test_outlets as rules  # the module that holds the rules for all outlets
import warm
from place import Place

from crawler.crawl.settings import PROJECT_ROOT
from crawler.outlets.loader import Outlets

# As a user runs it, but for the pauses before another try.
QUIET = ("-s", "LOG_LEVEL=CRITICAL", "-s", "RETRY_TIMES=0")
SITES = [*(f"demo_{name}" for name in ("daily", "portal", "tv")), *made_up_sites.SITES]
RULES = [
    rules.test_an_outlet_declares_its_identity_addresses_and_sources,
    rules.test_a_source_by_day_has_the_day_in_its_address,
    rules.test_an_outlet_can_be_crawled,
    rules.test_samples_give_outlet_key_and_section,
    rules.test_other_pages_are_no_outlets_articles,
]


class Project(Place):
    """A project of its own, whose only outlets are those that were saved."""

    @classmethod
    def at(cls, folder, url):
        spiders = folder / "own_spiders"
        spiders.mkdir(parents=True)
        (spiders / "__init__.py").touch()
        (folder / "scrapy.cfg").write_text("[settings]\ntest = settings.test\n")
        return cls(folder, url)

    def scrapy(self, *words, **options):
        own = ("-s", "SPIDER_MODULES=own_spiders", "-s", "NEWSPIDER_MODULE=own_spiders")
        environment = sandbox.environment(PYTHONPATH=str(PROJECT_ROOT))
        command = self.command(*words, *own)
        return warm.run(command, cwd=self.root, env=environment, capture_output=True, text=True, timeout=120, **options)

    def load(self, name):
        """Return the saved spider, as the loader would find it."""
        spec = importlib.util.spec_from_file_location(f"own_spiders.{name}", self.root / "own_spiders" / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return getattr(module, "".join(part.title() for part in name.split("_")) + "Spider")


@pytest.fixture(scope="module", params=SITES)
def saved(request, newspaper, tmp_path_factory):
    """A site, the project into which its declaration was saved, and the answer of the command."""
    with ExitStack() as stack:
        if request.param in made_up_sites.SITES:
            site = stack.enter_context(made_up_sites.serving(made_up_sites.SITES[request.param]()))
            url = f"{site.url}/"
        else:
            url = f"{newspaper.url}/{request.param.removeprefix('demo_')}/"
        project = Project.at(tmp_path_factory.mktemp(request.param), newspaper.url)
        answer = project.scrapy("probe", url, "--save", "--name", f"own_{request.param}")
        yield f"own_{request.param}", project, answer


def test_a_saved_module_follows_the_rules_for_outlets(saved, monkeypatch):
    name, project, answer = saved
    assert (answer.returncode, answer.stderr) == (0, "")
    assert f"own_spiders/{name}.py is written" in answer.stdout
    spider = project.load(name)
    monkeypatch.setattr(rules, "outlets", lambda: Outlets([spider]))
    for rule in RULES:
        rule(spider)


def test_an_existing_file_is_not_overwritten(saved):
    name, project, _ = saved
    before = (project.root / "own_spiders" / f"{name}.py").read_text()
    answer = project.scrapy("probe", "http://127.0.0.1:1/", "--save", "--name", name)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.endswith(f"own_spiders/{name}.py exists; remove it, or give another --name\n")
    assert (project.root / "own_spiders" / f"{name}.py").read_text() == before


@pytest.fixture
def project(paper, tmp_path):
    return Project.at(tmp_path / "project", paper.url)


def test_the_printed_module_is_python_and_nothing_is_stored(paper, project):
    answer = project.scrapy("probe", f"{paper.url}/portal/national")
    assert answer.returncode == 0
    compile(answer.stdout, "printed", "exec")
    assert "class PortalSpider(Witter, NewsSpider):" in answer.stdout
    assert "# not found: " in answer.stdout
    assert sorted(path.name for path in project.root.iterdir()) == ["own_spiders", "scrapy.cfg"]
    assert sum(path != "/robots.txt" for path in paper.site.asked) <= 30
    assert len([path for path in paper.site.asked if path.startswith("/daily/print/")]) == 0


def test_saved_pages_are_read_without_a_request(project):
    site = made_up_sites.numbers()
    (project.root / "listing.html").write_text(site.pages["/national"][0])
    for number, path in enumerate(site.national[:3]):
        own = f'<link rel="canonical" href="https://www.notunsokal.com{path}"></head>'
        (project.root / f"story{number}.html").write_text(site.pages[path][0].replace("</head>", own))
    pages = [word for number in range(3) for word in ("--page", f"story{number}.html")]
    url = "https://www.notunsokal.com/national"
    answer = project.scrapy("probe", url, "--listing", "listing.html", *pages)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "class NotunsokalSpider(NewsSpider):" in answer.stdout
    assert r"(?P<section>[\w-]+)/(?P<key>\d+)" in answer.stdout
    assert 'national = ["https://www.notunsokal.com/national"]' in answer.stdout
    assert 'container = ".khobor-mul"' in answer.stdout
    assert "3 of 3 pages are articles" in answer.stdout


def test_an_outlets_declaration_is_checked(paper, newspaper):
    place = Place(PROJECT_ROOT, paper.url)
    answer = place.scrapy("probe", "demo_tv")
    assert answer.returncode == 0, answer.stdout
    lines = answer.stdout.splitlines()
    assert "Section /tv/category/national/: 20 links, 12 articles, 12 may be national" in lines
    assert any(line.startswith("byline: .meta-author: on ") for line in lines)


def test_a_source_that_lists_nothing_is_named(paper):
    paper.site.missing = "/portal/feed/"
    answer = Place(PROJECT_ROOT, paper.url).scrapy("probe", "demo_portal")
    assert answer.returncode == 3
    assert "Feed /portal/feed/: http-404" in answer.stdout


@pytest.mark.parametrize("how", ["403", "challenge"])
@pytest.mark.parametrize("given", ["{url}/daily/", "demo_daily"])
def test_a_refusing_site_is_one_line(how, given, paper):
    paper.break_("daily", how)
    answer = Place(PROJECT_ROOT, paper.url).scrapy("probe", given.format(url=paper.url), *QUIET)
    assert (answer.returncode, answer.stdout) == (4, "")
    reason = "challenge" if how == "challenge" else "http-403"
    assert answer.stderr.count("\n") == 1
    assert f"refuses khobor: {reason}" in answer.stderr


def test_refusals_in_a_row_end_a_probe(paper):
    places = ("feed/", "rss.xml", "rss/rss.xml", "feed", "sitemap.xml")
    paper.site.for_subscribers = {"/feed/", *(f"/daily/{place}" for place in places)}
    answer = Place(PROJECT_ROOT, paper.url).scrapy("probe", f"{paper.url}/daily/", *QUIET)
    assert (answer.returncode, answer.stdout) == (4, "")
    assert answer.stderr.endswith("/feed/ refuses khobor: http-403, as 5 requests in a row\n")
    assert "/daily/sitemap.xml" not in paper.site.asked


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (["demo_dail"], 2, "unknown outlet 'demo_dail': did you mean demo_daily"),
        ([], 2, "probe takes one address or outlet"),
        (["http://127.0.0.1:1/", "demo_daily"], 2, "probe takes one address or outlet"),
        (["http://127.0.0.1:1/"], 1, "http://127.0.0.1:1/ could not be fetched: connection-refused"),
        (["http://no-such-host.invalid/", "-s", "CONTACT=a@b.org"], 1, "could not be fetched: no-such-host"),
        (["127.0.0.1:8765"], 2, "127.0.0.1:8765 is no address and no outlet: an address begins with https://"),
        (["http//x"], 2, "an address begins with https:// or http://"),
        (["{url}/daily/absent/x"], 1, "could not be fetched: http-404"),
        (["{url}/daily/print/article/1/x"], 1, "could not be fetched: robots"),
        (["http://127.0.0.1:1/", "--save", "--name", "No"], 2, "--name No: a name has lower case"),
        (["demo_daily", "--save"], 2, "need an address, not an outlet"),
        (["http://127.0.0.1:1/", "--page", "x"], 2, "--page needs the page of a listing"),
        (["http://127.0.0.1:1/", "--listing", "/absent"], 1, "/absent can't be read"),
        (["http://127.0.0.1:1/", "--lsiting", "x"], 2, "no option --lsiting"),
    ],
)
def test_a_mistake_is_one_line(words, exit_code, said, paper):
    words = [word.format(url=paper.url) for word in words]
    answer = Place(PROJECT_ROOT, paper.url).scrapy("probe", *words, *QUIET)
    assert (answer.returncode, answer.stdout) == (exit_code, "")
    assert answer.stderr.count("\n") == 1
    assert said in answer.stderr


def test_a_site_without_articles_is_reported(paper):
    paper.break_("daily", "empty")
    answer = Place(PROJECT_ROOT, paper.url).scrapy("probe", f"{paper.url}/daily/", *QUIET)
    assert answer.returncode == 3
    assert answer.stdout.startswith("# article: no pattern was found")
    assert f"# national: {paper.url}/daily/national\n" in answer.stdout
    assert "has no pattern of articles; give the address of the page of national news" in answer.stderr
