"""Lines with dates near the headline: which give the date of the article, and which are of something else."""

import pytest
from test_extraction_article_dates import PUBLICATION, published


@pytest.mark.parametrize(
    "near",
    [
        "<p>প্রকাশ: ২৩ নভেম্বর ২০২৬</p><p>০৯:১৫</p>",
        "<p>প্রকাশ: ২৩ নভেম্বর ২০২৬</p><p>সময়: সকাল ০৯:১৫</p>",
        "<table><tr><td>তারিখ<td>২৩ নভেম্বর ২০২৬<tr><td>সময়<td>০৯:১৫</table>",
        "<p>প্রকাশ:</p><p>২৩ নভেম্বর ২০২৬, ০৯:১৫</p>",
        "<div><span>প্রকাশ:</span><span>২৩ নভেম্বর ২০২৬, ০৯:১৫</span></div>",
        "<p>২৩ নভেম্বর ২০২৬ খ্রিঃ, ০৯:১৫</p>",
        "<p>সকাল ০৯ঃ১৫ মিঃ, ২৩ নভেম্বর ২০২৬</p>",
        "<p>২৩ নভেম্বর ২০২৬ খ্রি: ০৯:১৫</p>",
        "<p>নভেম্বর ২৩, ২০২৬ ০৯:১৫ Asia/Dhaka</p>",
        "<p>২৩/১১/২৬, ০৯:১৫</p>",
        "<p>প্রকাশ: ২৩ নভেম্বর ২০২৬, ০৯:১৫</p><p>পরীক্ষার তারিখ: ৫ জুন ২০২৬</p>",
        "<p>জন্ম: ৫ মে ১৯৯৯</p><p>২৩ নভেম্বর ২০২৬, ০৯:১৫</p>",
        "<p>নিজস্ব প্রতিবেদক | ২৩ নভেম্বর ২০২৬, ০৯:১৫ | আপডেট: ২৪ নভেম্বর ২০২৬, ০৯:০০</p>",
    ],
)
def test_a_day_and_its_time_near_the_headline_are_read(near: str) -> None:
    assert published(near) == "2026-11-23T09:15"


@pytest.mark.parametrize(
    "around",
    [
        "<figure><img src=a.jpg><figcaption>ছবিটি তোলা ১২ জুলাই ২০২২</figcaption></figure>",
        "<figcaption>ছবি: ১২ জুলাই ২০২২</figcaption>",
        "<p class=photo-caption>১২ জুলাই ২০২২</p>",
        "<div><img src=a.jpg><span>ছবি: ১২ জুলাই ২০২২</span></div>",
        "<div><img src=a.jpg><span>ফাইল ছবি, ১২ জুলাই ২০২২</span></div>",
        "<p>রেজি নং: ১২-০৭-২০১১</p>",
        "<p>আগামী বৃহস্পতিবার, ২৬ নভেম্বর ২০২৬</p>",
        "<p>পরীক্ষার তারিখ: ১৫ নভেম্বর ২০২৬</p>",
        "<p>ঢাকা, মঙ্গলবার ২৪ নভেম্বর ২০২৬</p>",
        "<p>শুক্রবার, ২৩ নভেম্বর ২০২৬</p>",
        "<p>ফল প্রকাশ: ৫ মে ২০২৬</p>",
        "<div><b>পরীক্ষার তারিখ:</b> <span>৫ মে ২০২৬</span></div>",
        "<p>আবেদনের শেষ তারিখ</p><p>৫ মে ২০২৬</p>",
        "<p>শুনানির দিন: <time datetime='2026-05-05'>৫ মে</time></p>",
        "<p>প্রকাশিত হবে ৫ মে ২০২৬</p>",
        "<p>জন্ম: ৫ মে ১৯৯৯</p>",
        "<p>© ১ জানুয়ারি ২০২৬</p>",
        "<p>৫ মে ২০২৮</p>",
    ],
)
def test_a_date_of_another_thing_before_the_text_is_ignored(around: str) -> None:
    assert published(around) is None
    assert published(around + PUBLICATION) == "2026-11-23T09:15"
