"""Placeholders, tags and addresses of the source are in the translation, or a flag is raised."""

from __future__ import annotations

import pytest

from mtprompt.postprocess.preserved import lost

PLACEHOLDERS = [
    *(
        "%s",
        "%d",
        "%1$s",
        "%2$d",
        "%(name)s",
        "%.2f",
        "%-10s",
        "%lu",
        "%@",
        "%1",
        "%L1",
        "%PATH%",
        "%PRODUCTNAME",
    ),
    *("{}", "{0}", "{name}", "{user.name}", "{{count}}", "{{ count }}", "${x}", "${a b}", "$(ARG1)", "$VAR$"),
    *("$VAR", "$name", "{0:.2f}", "{0:,}", "{count, number}", "{0,number,#}", "{d, date, short}"),
    *("{{ name|title }}", "{% if x %}", "%*d", "%.*f"),
]
TAGS = [
    "<b>",
    "</b>",
    "<br>",
    "<br/>",
    "<br />",
    '<a href="x">',
    '<g id="1">',
    "<x/>",
    "</0>",
    "<1/>",
    "&amp;",
    "&lt;",
    "&gt;",
]
ADDRESSES = [
    *("https://example.org", "http://example.org/a/b?c=d&e=f#g", "ftp://example.org", "file:///C:/a.odt"),
    *("www.example.org", "user@example.org", "first.last+tag@mail.example.org", "https://example.org:8080/é"),
]


def _both(flag: str, values: list[str]) -> list[tuple[str, str]]:
    return [(flag, value) for value in values]


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        *_both("lost_placeholder", PLACEHOLDERS),
        *_both("lost_tag", TAGS),
        *_both("lost_url", ADDRESSES),
    ],
)
def test_what_must_stay_is_missed_only_where_it_is_missing(flag: str, value: str) -> None:
    source = f"Die Datei {value} wurde gespeichert."
    assert lost(source, f"Saved {value} the file.") == ()
    assert lost(source, f"The file was saved ({value}).") == ()
    assert lost(source, "The file was saved.") == (flag,)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("%s und %s", "%s and"),
        ("{name}", "{Name}"),
        ("{name}", "{ name}"),
        ("{datei}", "{file}"),
        ("%d von %d", "%s of %d"),
        ("${x}", "{x}"),
    ],
)
def test_placeholders_count_and_stay_as_they_are(source: str, text: str) -> None:
    assert lost(source, text) == ("lost_placeholder",)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("%1$s sagt %2$s", "%2$s is said by %1$s"),
        ("%s sagt %d", "%2$d is said by %1$s"),  # positions may be added to change places
        ("50 % der Fälle", "50 percent of cases"),
        ("100%ig sicher, 20%der Fälle", "100 percent sure, 20 percent of cases"),
        ("kostet 5 $", "costs 5 dollars"),
        ("US$ 5", "5 US dollars"),
        ("Zelle $A$1 und $Tabelle2.C4", "cell A1 of Sheet2"),
        ("die Menge {a, b; c}", "the set of a, b and c"),
        ("{=SUMME(A1:A2)}", "{=SUM(A1:A2)}"),
        ("{d, date, short}", "{d, date, long}"),
        ("{n, plural, one {{a} da} other {{a} da}}", "{n, plural, one {{a}} few {{a}} other {{a}}}"),
        ("{count, plural, one {Datei} other {Dateien}}", "{count, plural, one {file} other {files}}"),
    ],
)
def test_what_only_looks_like_a_placeholder_may_change(source: str, text: str) -> None:
    assert lost(source, text) == ()


@pytest.mark.parametrize(
    ("languages", "source", "text"),
    [
        ("tr-en", "%50 arttı", "increased by 50%"),
        ("tr-en", "%50 arttı", "increased by 50 percent"),
        ("tr-en", "%50'si arttı", "50% of them increased"),
        ("tr-en", "%1,5 arttı", "increased by 1.5%"),
        ("ar-en", "زيادة %50", "an increase of 50%"),
        ("tr-en", "%1 dosya silindi", "%1 files were deleted"),
    ],
)
def test_a_percentage_with_its_sign_first_is_no_placeholder(languages: str, source: str, text: str) -> None:
    ours, theirs = languages.split("-")
    assert lost(source, text, (ours, theirs)) == ()
    assert lost(text, source, (theirs, ours)) == ()


def test_a_number_that_is_a_percentage_must_stay() -> None:
    assert lost("%50 arttı", "increased by 60%", ("tr", "en")) == ("lost_number",)
    assert lost("increased by 50%", "%60 arttı", ("en", "tr")) == ("lost_number",)
    assert lost("%1 Dateien", "1 file", ("de", "en")) == ("lost_placeholder",)


def test_the_argument_of_a_plural_form_must_stay() -> None:
    assert lost("{count, plural, one {Datei} other {Dateien}}", "{files}") == ("lost_placeholder",)


def test_a_placeholder_beside_a_plural_form_must_stay() -> None:
    source = "%s: {count, plural, one {Datei} other {Dateien}} in {folder}"
    assert lost(source, "%s: {count, plural, other {files}} in {folder}") == ()
    assert lost(source, "{count, plural, other {files}} in {folder}") == ("lost_placeholder",)
    assert lost(source, "%s: {count, plural, other {files}}") == ("lost_placeholder",)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Drücken Sie <Strg>", "Press <Ctrl>"),  # a key
        ("<Name der Spalte>", "<column name>"),
        ("wenn a < b und c > d", "if a is less than b, and c more than d"),
        ("<A2:C2>", "the range"),
        ('<a title="Haus">Link</a>', '<a title="house">link</a>'),  # attributes may be translated
        ("<BR>", "<BR/>"),
        ("<B>x</B>", "<b>x</b>"),
        ("K&uuml;che &bdquo;neu&ldquo;", "“new” kitchen"),
        ("Forschung & Entwicklung", "research and development"),
    ],
)
def test_what_only_looks_like_a_tag_may_change(source: str, text: str) -> None:
    assert lost(source, text) == ()


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<b>fett</b>", "<b>bold<b>"),
        ("<b>fett</b>", "bold"),
        ("<0>fett</0>", "bold"),
        ("<menge>10</menge>", "<quantity>10</quantity>"),
        ("A &amp; B", "A & B"),
        ("a<br>b<br>c", "a<br>b c"),
    ],
)
def test_a_tag_or_entity_must_stay(source: str, text: str) -> None:
    assert lost(source, text) == ("lost_tag",)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Siehe https://example.org.", "See (https://example.org)!"),
        ("„http://example.org“", '"https://example.org/"'),
        ("<https://example.org>", "https://example.org"),
        ("WWW.Example.org", "www.example.org"),
        ("@ ist das Zeichen", "the sign is at"),
        ("und/oder", "or"),
        ("请看http://x.de/a的文件", "See http://x.de/a file"),
        ("http://x.de/a。", "http://x.de/a."),
        ("ดูที่ http://x.de/aครับ", "See http://x.de/a"),
        ("https://example.org'dan indirin.", "Download it from https://example.org."),
        ("https://example.org/'ye gidin", "Go to https://example.org."),
        ("https://example.org/help를 방문하세요", "Visit https://example.org/help"),
        ("زيارة https://example.org/help، من فضلك", "Visit https://example.org/help, please"),
        ("https://example.org/help۔", "Visit https://example.org/help."),
        ("https://example.org/help। पर जाएं", "Visit https://example.org/help."),
    ],
)
def test_punctuation_case_and_a_secure_protocol_change_no_address(source: str, text: str) -> None:
    assert lost(source, text) == ()
    assert lost(text, source) == ()


@pytest.mark.parametrize(
    "text", ["https://example.org/en/a", "https://example.com/de/a", "example.org/de/a", "the page"]
)
def test_an_address_must_stay(text: str) -> None:
    assert lost("https://example.org/de/a", text) == ("lost_url",)


def test_numbers_in_tags_addresses_and_placeholders_are_not_asked_for_twice() -> None:
    assert lost("<h1>x</h1> {47} https://example.org/4711", "x") == (
        "lost_url",
        "lost_tag",
        "lost_placeholder",
    )


def test_several_losses_stand_side_by_side_and_a_lost_number_is_one() -> None:
    assert lost("%s: 4711 <b>x</b>", "x") == ("lost_tag", "lost_placeholder", "lost_number")
    assert lost("Zeile 4711", "the line") == ("lost_number",)
    assert lost("٤٧١١", "the line") == ("lost_number",)  # no digit of ASCII in it
    assert lost("Der Arzt kommt.", "") == ()
