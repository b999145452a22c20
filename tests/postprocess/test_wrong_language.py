"""A text in another language than asked for: told by script, then by words; in doubt never."""

from __future__ import annotations

from itertools import permutations

import pytest

from mtprompt.postprocess import language as module
from mtprompt.postprocess.close_languages import are_close
from mtprompt.postprocess.language import wrong_language
from mtprompt.postprocess.repetition import pieces_of
from mtprompt.postprocess.small_words import evidence
from mtprompt.text.identify import LanguageIdentifier

SENTENCES = {
    "ar": "يرجى حفظ جميع الملفات قبل إعادة تشغيل جهاز الحاسوب",
    "bg": "Моля, запазете всички файлове, преди да рестартирате компютъра си.",
    "cs": "Před restartováním počítače prosím uložte všechny soubory.",
    "de": "Bitte speichern Sie alle Dateien, bevor Sie den Computer neu starten.",
    "el": "Παρακαλώ αποθηκεύστε όλα τα αρχεία πριν επανεκκινήσετε τον υπολογιστή σας.",
    "en": "Please save all files before you restart your computer.",
    "es": "Guarde todos los archivos antes de reiniciar el ordenador, por favor.",
    "fi": "Tallenna kaikki tiedostot ennen kuin käynnistät tietokoneen uudelleen.",
    "fr": "Veuillez enregistrer tous les fichiers avant de redémarrer votre ordinateur.",
    "hi": "कृपया कंप्यूटर को पुनः आरंभ करने से पहले सभी फ़ाइलें सहेज लें।",
    "ja": "コンピューターを再起動する前に、必ずすべてのファイルを保存してください。",
    "ko": "컴퓨터를 다시 시작하기 전에 모든 파일을 저장하십시오.",
    "pl": "Zapisz wszystkie pliki przed ponownym uruchomieniem komputera.",
    "ru": "Пожалуйста, сохраните все файлы перед перезагрузкой компьютера, чтобы они не были потеряны.",
    "sw": "Tafadhali hifadhi faili zote kabla ya kuanzisha upya kompyuta yako.",
    "th": "กรุณาบันทึกไฟล์ทั้งหมดก่อนเริ่มเครื่องคอมพิวเตอร์ใหม่",
    "tr": "Lütfen bilgisayarınızı yeniden başlatmadan önce tüm dosyaları kaydedin.",
    "uk": "Будь ласка, збережіть усі файли перед перезавантаженням комп'ютера, щоб їх не втратити.",
    "zh": "请在重新启动计算机之前保存所有文件，以免丢失您的数据和设置。",
}
SCRIPT = {"ar": 1, "bg": 2, "el": 3, "hi": 4, "ja": 5, "ko": 6, "ru": 2, "th": 7, "uk": 2, "zh": 5}


def is_wrong(source: str, text: str, languages: tuple[str, str]) -> bool:
    return wrong_language(source, text, pieces_of(text), languages)


@pytest.fixture
def no_identifier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_identifier", lambda: None)


@pytest.mark.parametrize("language", SENTENCES)
def test_a_sentence_in_its_own_language_is_never_wrong(language: str) -> None:
    for other, source in SENTENCES.items():
        if other != language:
            assert not is_wrong(source, SENTENCES[language], (other, language))


@pytest.mark.usefixtures("no_identifier")
@pytest.mark.parametrize(
    ("language", "wanted"),
    [pair for pair in permutations(SENTENCES, 2) if SCRIPT.get(pair[0]) != SCRIPT.get(pair[1])],
)
def test_another_script_is_told_without_the_identifier(language: str, wanted: str) -> None:
    source = next(code for code in ("fi", "tr", "pl") if code not in (language, wanted))
    assert is_wrong(SENTENCES[source], SENTENCES[language], (source, wanted))


@pytest.mark.usefixtures("no_identifier")
def test_without_the_identifier_the_same_script_is_never_wrong() -> None:
    assert not is_wrong(SENTENCES["fr"], SENTENCES["de"], ("fr", "en"))
    assert not is_wrong(SENTENCES["fr"], SENTENCES["ru"], ("fr", "uk"))


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        *[(language, "en") for language in ("de", "fr", "es", "fi", "cs", "pl", "sw", "tr")],
        *[("en", wanted) for wanted in ("de", "fr", "es", "fi", "cs", "pl", "sw", "tr")],
        *[("ru", "uk"), ("uk", "ru"), ("ru", "bg"), ("zh", "ja"), ("ja", "zh"), ("es", "fr")],
    ],
)
def test_another_language_in_the_same_script_is_told_by_its_words(language: str, wanted: str) -> None:
    pytest.importorskip("py3langid")
    assert is_wrong(SENTENCES["ko"], SENTENCES[language], ("ko", wanted))


@pytest.mark.parametrize(
    ("source", "text", "languages"),
    [
        ("Guten Tag!", "Guten Morgen!", ("de", "en")),  # too short to tell
        ("LibreOffice Writer", "LibreOffice Writer", ("en", "zh")),
        ("Microsoft Office, Corel WordPerfect", "Microsoft Office, Corel WordPerfect", ("en", "ru")),
        ("Adobe Photoshop Elements", "Adobe Photoshop Elements", ("de", "sw")),
        ("OK", "OK", ("en", "ja")),
        ("12345 67890 12345 67890", "12345 67890 12345 67890", ("en", "ar")),
        ("Siehe /usr/share/fonts/truetype/dejavu", "/usr/share/fonts/truetype/dejavu", ("de", "en")),
        ("Öffnen Sie LibreOffice Writer", "打开 LibreOffice Writer", ("de", "zh")),
        ("Der Winkel α ist größer", "The angle α is larger", ("de", "en")),
        ("Das Wort „Привет“ heißt Hallo.", "„Привет“", ("de", "en")),  # quoted in the source
    ],
)
def test_names_code_quoted_letters_and_short_texts_are_never_wrong(
    source: str, text: str, languages: tuple[str, str]
) -> None:
    assert not is_wrong(source, text, languages)


def test_five_letters_of_another_script_are_wrong_even_in_a_short_text() -> None:
    assert is_wrong("Привет, мир", "Привет, мир", ("ru", "en"))
    assert not is_wrong("да", "да", ("ru", "en"))


@pytest.mark.parametrize(
    ("a", "b"),
    [("cs", "sk"), ("nb", "da"), ("no", "sv"), ("hr", "sr"), ("bs", "hr"), ("id", "ms"), ("de", "lb")],
)
def test_close_languages_pass_for_one_another(a: str, b: str) -> None:
    assert are_close(a, b) and are_close(b, a)


def test_a_close_language_is_not_called_wrong() -> None:
    slovak = "Pred reštartovaním počítača uložte všetky súbory, ktoré sú ešte otvorené, prosím."
    assert not is_wrong(SENTENCES["en"], slovak, ("en", "cs"))
    danish = "Gem alle filer, før du genstarter computeren, og vent på at den er færdig."
    assert not is_wrong(SENTENCES["en"], danish, ("en", "nb"))


def test_serbian_may_be_written_in_both_its_scripts() -> None:
    assert not is_wrong(SENTENCES["en"], "Molimo vas da sačuvate sve datoteke pre pokretanja.", ("en", "sr"))
    assert not is_wrong(SENTENCES["en"], "Молимо вас да сачувате све датотеке пре покретања.", ("en", "sr"))
    assert is_wrong(SENTENCES["en"], "Молимо вас да сачувате све датотеке пре покретања.", ("en", "sr-Latn"))


def test_a_transcription_is_no_chinese() -> None:
    assert is_wrong("Please save it now", "Qing baocun suoyou wenjian", ("en", "zh"))


def test_small_words_speak_for_their_language_and_against_others() -> None:
    words = {code: pieces_of(SENTENCES[code]) for code in ("de", "en", "sw", "es")}
    for code, other in permutations(words, 2):
        assert evidence(words[code], code) > 0 > evidence(words[code], other)
    assert evidence(pieces_of("LibreOffice Writer"), "en") == 0
    assert evidence(pieces_of("in"), "de") < 1  # German and English and more


def test_the_identifier_is_asked_only_where_something_looks_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Identifier:
        def other_language(self, text: str, expected: str) -> None:
            asked.append((text, expected))

    monkeypatch.setattr(module, "_identifier", Identifier)
    assert not is_wrong(SENTENCES["de"], SENTENCES["en"], ("de", "en"))
    assert not is_wrong(SENTENCES["en"], SENTENCES["el"], ("en", "el"))
    assert asked == []
    is_wrong(SENTENCES["en"], SENTENCES["de"], ("en", "sw"))
    assert asked == [(SENTENCES["de"], "sw")]


def test_a_text_of_a_megabyte_is_judged_by_its_beginning() -> None:
    pytest.importorskip("py3langid")
    assert is_wrong(SENTENCES["fr"], SENTENCES["de"] * 15_000, ("fr", "en"))


def test_without_the_package_there_is_no_identifier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _name: None)
    module._identifier.cache_clear()
    assert module._identifier() is None
    module._identifier.cache_clear()


def test_the_identifier_is_the_one_that_cleans_pools() -> None:
    pytest.importorskip("py3langid")
    assert isinstance(module._identifier(), LanguageIdentifier)
