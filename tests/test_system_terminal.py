"""Foreign text on a terminal."""

import pytest

from crawler.system.terminal import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nkhobor: all sound", "a\\nkhobor: all sound"),
        ("\x1b[2J\x1b]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"),
        ("evil\u202egnp.exe", "evil\\u202egnp.exe"),
        ("a\u2028b\x85c\ud800", "a\\u2028b\\x85c\\ud800"),
        ("র‍্যাব উদ্‌যাপন", "র‍্যাব উদ্‌যাপন"),
    ],
)
def test_control_characters_are_escaped_and_bengali_is_not(text, shown):
    assert printable(text) == shown
