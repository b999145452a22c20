"""TBX in both dialects."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.read import read_entries
from mtprompt.errors import DataError

MARTIF = """<?xml version="1.0"?>
<!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd">
<martif type="TBX"><text><body>
<termEntry id="1"><descrip type="subjectField">vehicles</descrip>
 <langSet xml:lang="de-DE"><tig><term>Rad</term><termNote type="partOfSpeech">noun</termNote></tig></langSet>
 <langSet xml:lang="en"><ntig><termGrp><term>cart <hi>wheel</hi><!-- no --></term></termGrp></ntig>
  <tig><term> wheel
   rim </term><termNote type="administrativeStatus">preferredTerm-admn-sts</termNote></tig>
  <tig><term>weel</term>
   <termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></tig></langSet>
 <langSet xml:lang="fr"><tig><term>roue</term></tig></langSet>
</termEntry>
<termEntry id="2"><langSet xml:lang="fr"><tig><term>cheval</term></tig></langSet></termEntry>
</body></text></martif>
"""

TBX_3 = """<?xml version="1.0"?>
<tbx xmlns="urn:iso:std:iso:30042:ed-2" xmlns:min="http://www.tbxinfo.net/ns/min"
     xmlns:basic="http://www.tbxinfo.net/ns/basic" type="TBX-Basic" style="dct" xml:lang="en"><text><body>
<conceptEntry id="1"><min:subjectField>vehicles</min:subjectField>
 <langSec xml:lang="en"><termSec><term>wheel</term>
  <min:partOfSpeech>noun</min:partOfSpeech></termSec></langSec>
 <langSec xml:lang="de"><termSec><term>Rad</term></termSec><termSec><term>Wagenrad</term>
   <min:administrativeStatus>preferred</min:administrativeStatus></termSec></langSec>
</conceptEntry>
</body></text></tbx>
"""


def read(folder: Path, content: str, languages: tuple[str, str] = ("de", "en")) -> list[Entry]:
    path = folder / "terms.tbx"
    path.write_text(content, encoding="utf-8")
    problems: list[str] = []
    entries = list(read_entries(path, languages, problems))
    assert problems == []
    return entries


def test_the_older_dialect_with_the_preferred_term_first_and_none_that_is_deprecated(tmp_path: Path) -> None:
    assert read(tmp_path, MARTIF) == [
        Entry("Rad", "wheel rim", pos="noun", note="vehicles"),
        Entry("Rad", "cart wheel", pos="noun", note="vehicles"),
    ]


def test_a_deprecated_term_may_stand_in_a_text_to_be_translated(tmp_path: Path) -> None:
    found = read(tmp_path, MARTIF, ("en", "fr"))
    assert [entry[:2] for entry in found] == [("wheel rim", "roue"), ("cart wheel", "roue"), ("weel", "roue")]


def test_the_newer_dialect_with_categories_as_elements(tmp_path: Path) -> None:
    assert read(tmp_path, TBX_3, ("en-GB", "de-AT")) == [
        Entry("wheel", "Wagenrad", pos="noun", note="vehicles"),
        Entry("wheel", "Rad", pos="noun", note="vehicles"),
    ]


def test_terms_come_through_as_they_were_written(tmp_path: Path) -> None:
    content = TBX_3.replace(">wheel<", ">to turn (sth.); e&lt;x&gt;<").replace(">Rad<", ">Zelle(n) {f}<")
    assert read(tmp_path, content, ("en", "de"))[1][:2] == ("to turn (sth.); e<x>", "Zelle(n) {f}")


def test_a_base_without_one_of_the_languages_is_an_error_that_names_those_it_has(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match="no concept has terms in both de and cs; languages in it: de-DE, en, fr"
    ):
        read(tmp_path, MARTIF, ("de", "cs"))


@pytest.mark.parametrize("content", ["<martif></martif>", "<html><body/></html>"])
def test_xml_without_concepts_is_an_error(tmp_path: Path, content: str) -> None:
    with pytest.raises(DataError, match=r"terms\.tbx: no usable entry; expected concepts with terms"):
        read(tmp_path, content)


@pytest.mark.parametrize("content", ["", "no xml", MARTIF.replace("</body>", "")])
def test_what_is_not_well_formed_is_an_error_with_its_line(tmp_path: Path, content: str) -> None:
    with pytest.raises(DataError, match=r"terms\.tbx:\d+: not well-formed XML"):
        read(tmp_path, content)


def test_an_entity_of_its_own_is_refused_and_no_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    doctype = f'<!DOCTYPE martif [<!ENTITY x SYSTEM "{tmp_path / "secret"}">]>'
    content = MARTIF.replace('<!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd">', doctype).replace(
        ">Rad<", ">&x;<"
    )
    with pytest.raises(DataError, match=r"uses the entity &x;"):
        read(tmp_path, content)
