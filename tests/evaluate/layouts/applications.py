"""Pages that a script builds in the browser: Next.js, its flight data, Nuxt 2 and 3, plain state."""

from __future__ import annotations

import json
from typing import Any

from evaluate.markup import SITE, as_json, blocks, body, credit, crumbs, heading, page, shown_date
from evaluate.page import Story, layout


def _news(story: Story) -> dict[str, Any]:
    gold = story.gold
    return {
        "id": gold.key,
        "title": gold.title,
        "published_at": gold.published.isoformat(),
        "author": {"name": gold.credit.name},
        "category": {"name": gold.section, "slug": "x"},
        "body": "".join(blocks(gold.blocks)),
    }


def _teasers(story: Story) -> list[dict[str, str]]:
    return [
        {"title": each.title, "summary": each.lead, "published_at": each.published.isoformat()} for each in story.others
    ]


@layout("next-data", date="second")
def next_data(story: Story) -> str:
    data = {"props": {"pageProps": {"news": _news(story), "related": _teasers(story)}}, "page": "/[slug]"}
    script = f'<script id="__NEXT_DATA__" type="application/json">{as_json(data)}</script>'
    return page(story, '<div id="__next"></div>' + script, title=f"{story.gold.title} | {SITE}", around=False)


@layout("next-flight", date="second")
def next_flight(story: Story) -> str:
    row = (
        "1:"
        + json.dumps(["$", "div", None, {"news": _news(story), "more": _teasers(story)}], ensure_ascii=False)
        + "\n"
    )
    parts = [row[start : start + 900] for start in range(0, len(row), 900)]
    scripts = "".join(f"<script>self.__next_f.push({as_json([1, part])})</script>" for part in parts)
    return page(story, heading(story) + "<script>self.__next_f=self.__next_f||[]</script>" + scripts, around=False)


@layout("next-flight-text-row", date="second")
def next_flight_text_row(story: Story) -> str:
    news = _news(story)
    markup = news["body"].encode()
    news["body"] = "$2"
    rows = f"2:T{len(markup):x},{markup.decode()}1:{json.dumps({'data': news}, ensure_ascii=False)}\n"
    scripts = f"<script>self.__next_f.push({as_json([1, rows])})</script>"
    return page(story, heading(story) + scripts, around=False)


@layout("nuxt-function", section=False)
def nuxt_function(story: Story) -> str:
    shown = shown_date(story)
    state = (
        f"window.__NUXT__=(function(a,b){{return {{data:[{{title:a,teaser:b}}]}}}}({as_json(story.gold.title)},null))"
    )
    main = f"""<div id="__nuxt">{heading(story)}{credit(story, "author")}<p class="publish-time">প্রকাশ: {shown}</p>
<div class="content">{body(story)}</div></div><script>{state}</script>"""
    return page(story, main)


@layout("nuxt-function-only", date="second")
def nuxt_function_only(story: Story) -> str:
    news = _news(story)
    fields = ",".join(f"{key}:{name}" for key, name in zip(news, "abcdef", strict=True))
    values = ",".join(as_json(value) for value in news.values())
    state = f"window.__NUXT__=(function(a,b,c,d,e,f){{return {{state:{{news:{{{fields}}}}}}}}}({values}))"
    return page(story, f'<div id="__nuxt"></div><script>{state}</script>', around=False)


@layout("nuxt-state", date="second")
def nuxt_state(story: Story) -> str:
    script = (
        f"<script>window.__NUXT__={as_json({'state': {'details': _news(story), 'latest': _teasers(story)}})};</script>"
    )
    return page(story, f'<div id="__nuxt">{heading(story)}</div>{script}', around=False)


@layout("nuxt-payload", date="second")
def nuxt_payload(story: Story) -> str:
    """Nuxt 3: one list has every value; objects and lists refer to its indexes."""
    values: list[Any] = [None]
    values[0] = {"data": _place({"news": _news(story), "latest": _teasers(story)}, values)}
    script = f'<script type="application/json" id="__NUXT_DATA__" data-ssr="true">{as_json(values)}</script>'
    return page(story, f'<div id="__nuxt">{heading(story)}</div>{script}', around=False)


def _place(value: Any, values: list[Any]) -> int:
    at = len(values)
    values.append(value)
    if isinstance(value, dict):
        values[at] = {key: _place(each, values) for key, each in value.items()}
    elif isinstance(value, list):
        values[at] = [_place(each, values) for each in value]
    return at


@layout("initial-state", date="second")
def initial_state(story: Story) -> str:
    script = f"<script>window.__INITIAL_STATE__ = {as_json({'article': _news(story)})};</script>"
    return page(story, f'{crumbs(story)}{heading(story)}<div id="root"></div>{script}', around=False)
