"""Every text of a page has its English, and the machine file is what the text file says."""

import gettext
from io import BytesIO

from tollcentre.config import catalogue

PO = catalogue.LOCALE / "en" / "LC_MESSAGES" / "django.po"


def test_every_text_is_translated():
    entries = catalogue.read_po(PO)
    missing = [text for text in catalogue.texts_of_package() if not entries.get(text)]
    assert missing == []


def test_no_line_is_left_over():
    assert sorted(catalogue.read_po(PO)) == catalogue.texts_of_package()


def test_places_are_the_same_on_both_sides():
    for source, text in catalogue.read_po(PO).items():
        for place in catalogue.PLACE_OF_TEXT.findall(source):
            assert place in text, source


def test_machine_file_is_compiled_from_the_text_file():
    compiled = catalogue.mo_bytes(catalogue.read_po(PO))
    assert PO.with_suffix(".mo").read_bytes() == compiled


def test_machine_file_is_read_by_gettext():
    entries = {"清分日": "Clear date", "第 %(n)s 页": 'page "%(n)s"\nof many', "空": ""}
    read = gettext.GNUTranslations(BytesIO(catalogue.mo_bytes(entries)))
    assert read.gettext("清分日") == "Clear date"
    assert read.gettext("第 %(n)s 页") == 'page "%(n)s"\nof many'
    assert read.gettext("空") == "空"


def test_text_file_comes_back_as_it_was(tmp_path):
    entries = {'引"号': 'quo"te', "反\\斜": "back\\slash", "行\n行": "line\nline"}
    catalogue.write_po(tmp_path / "x.po", entries)
    assert catalogue.read_po(tmp_path / "x.po") == entries


def test_texts_of_templates_are_found():
    block = "{% blocktranslate with n=x|y %}共 {{ n }} 条 100%{% endblocktranslate %}"
    source = '{% translate "甲" %}' + block
    assert list(catalogue.texts_of_template(source)) == ["甲", "共 %(n)s 条 100%%"]
