import pytest
from wording import check_module

MODULE = '''"""Documents that are asked
for."""
# These can't be
# meant.
def tell_a(said):
    """Return a list, as it
    were."""
    said.told = 1
    raise ValueError("so many " f"files in vain: {said}")
'''


def test_every_kind_of_text_in_a_module_is_checked():
    lines = [line for line, _ in check_module(MODULE)]
    assert sorted(lines) == [1, 3, 5, 5, 6, 8, 9, 9]


@pytest.mark.parametrize("source", ["standings = 1\n", "# Tellers count.\n", 'WORDS = "told"\n', "file.tell()\n"])
def test_similar_words_are_accepted(source):
    assert not list(check_module(source))
