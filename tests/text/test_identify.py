"""Telling languages apart: sure or silent."""

from __future__ import annotations

import pytest

from mtprompt.errors import MissingDependency
from mtprompt.text.identify import LanguageIdentifier, alike

pytest.importorskip("py3langid")

SENTENCES = {
    "ar": "يرجى حفظ جميع الملفات قبل إعادة تشغيل جهاز الحاسوب",
    "de": "Bitte speichern Sie alle Dateien, bevor Sie den Computer neu starten.",
    "en": "Please save all files before you restart your computer.",
    "ja": "コンピューターを再起動する前に、必ずすべてのファイルを保存してください。",
    "sw": "Tafadhali hifadhi faili zote kabla ya kuanzisha upya kompyuta yako",
    "th": "กรุณาบันทึกไฟล์ทั้งหมดก่อนเริ่มเครื่องคอมพิวเตอร์ใหม่",
    "tr": "Lütfen bilgisayarınızı yeniden başlatmadan önce tüm dosyaları kaydedin",
    "zh": "请在安装之前仔细阅读本手册并妥善保存以备日后查阅参考使用。",
}


@pytest.fixture(scope="module")
def identifier() -> LanguageIdentifier:
    return LanguageIdentifier()


@pytest.mark.parametrize("language", SENTENCES)
def test_a_sentence_is_in_its_own_language_and_in_no_other(
    identifier: LanguageIdentifier, language: str
) -> None:
    for other in SENTENCES:
        expected = None if other == language else language
        assert identifier.other_language(SENTENCES[language], other) == expected


def test_a_region_or_script_in_the_code_makes_no_difference(identifier: LanguageIdentifier) -> None:
    assert identifier.other_language(SENTENCES["zh"], "zh-Hant-TW") is None
    assert identifier.other_language(SENTENCES["de"], "de-AT") is None


def test_languages_that_short_texts_do_not_tell_apart_stand_for_each_other(
    identifier: LanguageIdentifier,
) -> None:
    norwegian = "Vennligst lagre alle filer før du starter datamaskinen på nytt."
    croatian = "Molimo spremite sve datoteke prije ponovnog pokretanja računala."
    for code in ("nb", "no", "nn", "da"):
        assert identifier.other_language(norwegian, code) is None
    for code in ("hr", "bs", "sr"):
        assert identifier.other_language(croatian, code) is None
    # the model divides its certainty among them, and is sure of them together
    assert identifier.other_language(norwegian, "en") is not None
    assert identifier.other_language(croatian, "en") is not None


@pytest.mark.parametrize("text", ["", "Datei speichern", "Guten Tag!", "12345 67890 " * 5, "…" * 30])
def test_short_texts_and_texts_without_letters_are_left_alone(
    identifier: LanguageIdentifier, text: str
) -> None:
    assert sum(map(str.isalpha, text)) < 20
    assert identifier.other_language(text, "sw") is None


def test_a_language_that_the_model_does_not_know_is_never_called_wrong(
    identifier: LanguageIdentifier,
) -> None:
    assert not identifier.knows("gsw")
    assert identifier.other_language(SENTENCES["de"], "gsw") is None


def test_the_package_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mtprompt.errors.find_spec", lambda _name: None)
    with pytest.raises(MissingDependency, match=r"py3langid.*pip install 'mtprompt\[langid\]'"):
        LanguageIdentifier()


def test_alike_languages() -> None:
    assert alike("en-US", "en-GB") and alike("nb", "nn") and alike("zh-Hant", "yue")
    assert not alike("de", "nl") and not alike("ru", "uk")
