"""Paragraphs without plain <p> elements."""

from __future__ import annotations

from evaluate.markup import credit, heading, lines, page, shown_date, text
from evaluate.page import Story, layout


def _set(story: Story, html: str) -> str:
    shown = f'<div class="time">প্রকাশ: {shown_date(story)}</div>'
    return page(story, f"{heading(story)}{credit(story)}{shown}{html}")


@layout("paragraphs-br", section=False)
def breaks(story: Story) -> str:
    return _set(story, f'<div class="news-details">{"<br><br>".join(lines(story))}</div>')


@layout("paragraphs-br-once", section=False)
def single_breaks(story: Story) -> str:
    return _set(story, f'<div id="newsDtl">{"<br/>".join(lines(story))}</div>')


@layout("paragraphs-br-one-holder", section=False)
def one_holder(story: Story) -> str:
    """Byline, date and text in one element, separated by breaks."""
    top = f"<b>{story.gold.credit.name}</b><br>প্রকাশ: {shown_date(story)}<br><br>"
    return page(story, f'{heading(story)}<div class="detail">{top}{"<br><br>".join(lines(story))}</div>')


@layout("paragraphs-span", section=False)
def spans(story: Story) -> str:
    held = "".join(f'<span style="display:block">{line}</span>' for line in lines(story))
    return _set(story, f'<div class="details_view">{held}</div>')


@layout("paragraphs-nested-div", section=False)
def nested(story: Story) -> str:
    held = "".join(f'<div class="row"><div class="cell"><div>{line}</div></div></div>' for line in lines(story))
    return _set(story, f'<div class="storybody">{held}</div>')


@layout("paragraphs-bare-div", section=False)
def bare(story: Story) -> str:
    return _set(
        story, f'<div class="x1"><div class="x2">{"".join(f"<div>{line}</div>" for line in lines(story))}</div></div>'
    )


@layout("paragraphs-word-processor", section=False)
def word_processor(story: Story) -> str:
    held = "".join(
        f'<p class="MsoNormal"><span style="font-size:13pt"><o:p></o:p>{line}</span></p><p>&nbsp;</p>'
        for line in lines(story)
    )
    return _set(story, f'<div class="news-content">{held}</div>')


@layout("paragraphs-old-table", section=False)
def old_table(story: Story) -> str:
    rows = f"""<tr><td><font size=5>{text(story.gold.title)}</font></td></tr>
<tr><td><font size=2>{story.gold.credit.name}</font></td></tr><tr><td>তারিখ: {shown_date(story)}</td></tr>
<tr><td><font face="SolaimanLipi">{"<br><br>".join(lines(story))}</font></td></tr>"""
    return page(story, f"<table><tr><td width=160><a href=/>প্রচ্ছদ</a></td><td><table>{rows}</table></td></tr></table>")
