import codecs
import html

import pytest
from article_pages import read
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.bengali.mojibake import is_garbled
from crawler.extraction.page import decoding
from crawler.extraction.page.decoding import declared_encoding

BENGALI = "নদীর পাড়ে “ঝড়ের” রাতে ঐক্য, ঠিক আছে। উদ্\u200cযাপন র\u200d্যাব — ৳১২৩ এঁকেছেন কাঠ ঢাকা’র"
LATIN = "L’été à la carte, naïve façade — “ça va”, 5 €, Ünïcödé, SÃO, voilà"
MARKS = {"utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
MARKS |= {"utf-32-le": codecs.BOM_UTF32_LE, "utf-32-be": codecs.BOM_UTF32_BE}


def a_page(text: str, head: str = "") -> str:
    return f"<!doctype html><html><head>{head}<title>{text}</title></head><body><p>{text}</p></body></html>"


def as_windows_1252(text: str) -> str:
    """Return UTF-8 as browsers show it when it is declared windows-1252: open bytes are control characters."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


def as_latin_1(text: str) -> str:
    return text.encode().decode("latin-1")


def decode(body: bytes, content_type: str | None = None) -> str:
    text = decoding.decode(body, content_type)
    assert decoding.to_utf8(body, content_type) == text.encode("utf-8", "replace")
    return text


@pytest.mark.parametrize("encoding", MARKS)
@pytest.mark.parametrize("text", [a_page(BENGALI), a_page(LATIN), BENGALI * 3, f"{BENGALI}\n\tplain text"])
def test_unicode_is_read_with_and_without_a_byte_order_mark(encoding, text):
    assert decode(text.encode(encoding)) == text
    assert decode(MARKS[encoding] + text.encode(encoding)) == text


def test_utf_16_of_english_is_no_text_full_of_nuls():
    assert decode(a_page("The river").encode("utf-16-le")) == a_page("The river")


@pytest.mark.parametrize("before", [0, 1000, 5000, 40000])
def test_a_declaration_counts_though_it_stands_far_down(before):
    head = f"<script>{'x' * before}</script><meta http-equiv=content-type content='text/html; charset=windows-1251'>"
    assert "Музей" in decode(a_page("Музей открыт", head).encode("cp1251"))


def test_the_header_goes_before_the_page():
    page = a_page("Музей", '<meta charset="windows-1252">').encode("cp1251")
    assert "Музей" in decode(page, "text/html; charset=windows-1251")


@pytest.mark.parametrize(
    "name", ["rot13", "undefined", "idna", "punycode", "base64", "utf-7", "unicode_escape", "zlib"]
)
def test_a_codec_that_is_not_a_web_encoding_is_ignored(name):
    content_type = f"text/html; charset={name}"
    assert declared_encoding(b"", content_type) is None
    assert decode("façade ici".encode("cp1252"), content_type) == "façade ici"


@pytest.mark.parametrize("alias", ["latin1", "ISO_8859-1", "cp1252", "WINDOWS-1252", "ansi", "x-ansi"])
def test_the_web_reads_latin_1_as_windows_1252(alias):
    assert decode("l’été — ça".encode("cp1252"), f"text/html; charset={alias}") == "l’été — ça"


@pytest.mark.parametrize("damage", [b"\xff", b"\xe0\xa6", b"\xa9", b"\xc3\x28", b"\x80\x81\x82"])
def test_broken_bytes_cost_themselves_only(damage):
    before, after = a_page(BENGALI).encode(), a_page(BENGALI[::-1]).encode()
    text = decode(before + damage + after)
    assert text.startswith(a_page(BENGALI))
    assert text.endswith(a_page(BENGALI[::-1]))
    for size in (1, 2):
        assert decode("খবর ".encode() + damage[:size]).startswith("খবর ")


@pytest.mark.parametrize("misread", [as_windows_1252, as_latin_1])
def test_bengali_decoded_with_a_wrong_encoding_is_repaired(misread):
    page = a_page(misread(BENGALI))
    assert decode(page.encode()) == a_page(BENGALI)
    for again in (as_windows_1252, as_latin_1):
        assert decode(again(page).encode()) == a_page(BENGALI)


def test_what_is_right_beside_garbled_letters_stays():
    page = a_page(f"{BENGALI} {as_windows_1252(BENGALI)} {LATIN}")
    assert decode(page.encode()) == a_page(f"{BENGALI} {BENGALI} {LATIN}")
    half = BENGALI[:9] + as_windows_1252(BENGALI[9:21]) + BENGALI[21:]
    assert decode(half.encode()) == BENGALI


@pytest.mark.parametrize("misread", [as_windows_1252, as_latin_1])
def test_signs_that_stayed_garbled_between_right_letters_are_repaired(misread):
    half = "".join(
        misread(sign) if sign in "“”’—\u200c\u200d\u00a0।" else sign for sign in f"{BENGALI}\u00a0তিনি বলেন।"
    )
    assert decode(a_page(half).encode()) == a_page(f"{BENGALI}\u00a0তিনি বলেন।")


def test_garbled_letters_written_as_entities_are_repaired():
    names = html.entities.codepoint2name
    text = "".join(f"&{names[ord(sign)]};" if ord(sign) in names else sign for sign in as_windows_1252("ঢাকা’র পথ।"))
    assert decode(a_page(text).encode()) == a_page("ঢাকা’র পথ।")


def test_letters_that_lost_a_byte_are_kept_and_reported():
    lost = "".join(sign for sign in as_windows_1252("ঝড়ে এক পথ") if not 0x80 <= ord(sign) < 0xA0)
    text = decode(lost.encode())
    assert is_garbled(text)
    assert "পথ" in text
    assert not is_garbled(BENGALI + LATIN)


@settings(max_examples=300)
@given(
    st.binary(max_size=300), st.sampled_from([None, "text/html; charset=utf-8", "charset=x", "text/html; charset=gbk"])
)
@example(b"\xff\xfe\x00", None)
@example(b"\x00\x00\xfe\xff\x00", None)
@example(b"\x00" * 9, None)
def test_no_bytes_make_it_raise(body, content_type):
    assert "\0" not in decode(body, content_type)


def test_a_page_with_unrepairable_letters_is_reported():
    text = "নদীর ঘাটে সকাল থেকে নৌকার ভিড় ছিল, এক মাঝি বলেন এমন দিন কম আসে। ঝড়ের পর পারাপার বন্ধ রাখা হয়।"
    garbled = as_windows_1252(a_page("</p><p>".join(f"{day} তারিখে {text}" for day in "১২৩"), "<meta charset=utf-8>"))
    lost = "".join(sign for sign in garbled if not 0x80 <= ord(sign) < 0xA0)
    repaired, damaged = read(garbled), read(lost)
    assert (repaired.language, "mojibake" in repaired.warnings) == ("bn", False)
    assert "mojibake" in damaged.warnings
