"""Files of every kind become plain rows, and what cannot be read is refused in one sentence."""

import datetime
import io
import zipfile
from decimal import Decimal
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from cppcc_office.lib.sheets import MAX_COLUMNS, MAX_ROWS, Row, Unreadable, read_paragraphs, read_tables
from tests.lib.papers import BILLION_LAUGHS, HEADER, OLE, open_document, repacked, workbook

DATA = Path(__file__).parents[2] / "docs" / "samples"
OLD_FORMAT = Path(__file__).parents[1] / "data" / "old-format.xls"
SPREADSHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHARED_STRINGS = (
    b'<Override PartName="/xl/sharedStrings.xml"'
    b' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)
STRICT = b"http://purl.oclc.org/ooxml/"
CSV = "序号,重点任务,牵头处室\n1,组织开展政协讲堂,信息中心\n"


def sentence(file: io.BytesIO | Path, name: str) -> str:
    with pytest.raises(Unreadable) as refused:
        read_tables(file, name)
    (only,) = refused.value.reasons
    assert only.endswith("。")
    return only


def texts(rows: tuple[Row, ...]) -> list[tuple[str, ...]]:
    return [row.texts for row in rows]


def worksheet(rows: str) -> bytes:
    return f"<worksheet {SPREADSHEET}><sheetData>{rows}</sheetData></worksheet>".encode()


def parts_of(file: io.BytesIO) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# --- .xlsx ---


def test_the_shown_plan_reads_as_openpyxl_reads_it() -> None:
    theirs = openpyxl.load_workbook(DATA / "plan-2026.xlsx").worksheets[0]

    (sheet,) = read_tables(DATA / "plan-2026.xlsx", "plan-2026.xlsx")

    own = [[cell.own_text for cell in row.cells] for row in sheet.rows]
    assert own == [["" if value is None else str(value) for value in row] for row in theirs.iter_rows(values_only=True)]
    assert [row.number for row in sheet.rows] == list(range(1, 143))


def test_a_merged_value_belongs_to_all_its_cells_and_says_whence() -> None:
    file = workbook([("标题", None), ("类", "甲"), (None, "乙")], lambda sheet: sheet.merge_cells("A2:A3"))

    (sheet,) = read_tables(file, "a.xlsx")

    assert sheet.rows[2].cells[0].text == "类"
    assert sheet.rows[2].cells[0].merged_from == (2, 0)
    assert sheet.rows[1].cells[0].merged_from is None


def test_formulas_are_told() -> None:
    file = workbook([("a", "=ROW()-1")])

    (sheet,) = read_tables(file, "a.xlsx")

    assert sheet.rows[0].cells[1].formula == "=ROW()-1"
    assert sheet.rows[0].cells[1].text == ""


def test_a_date_is_a_date_and_a_shown_month_is_no_day() -> None:
    day = datetime.date(2026, 6, 1)

    def arrange(sheet: Worksheet) -> None:
        sheet["B1"].number_format = 'yyyy"年"m"月"'
        sheet["C1"].number_format = 'm"月"d"日"'

    (sheet,) = read_tables(workbook([(day, day, day)], arrange), "a.xlsx")

    assert [cell.date for cell in sheet.rows[0].cells] == [day, None, day]
    assert sheet.rows[0].texts == ("2026-06-01", "2026年6月", "2026-06-01")


def test_numbers_read_as_people_write_them() -> None:
    def arrange(sheet: Worksheet) -> None:
        sheet["D1"].number_format = "0%"
        sheet["E1"].number_format = "000"

    (sheet,) = read_tables(workbook([(1.0, 0.1 + 0.2, 1000000, 0.95, 7, True)], arrange), "a.xlsx")

    assert sheet.rows[0].texts == ("1", "0.3", "1000000", "95%", "007", "TRUE")
    assert sheet.rows[0].cells[3].number == Decimal("0.95")


def test_rows_keep_their_numbers_and_hidden_ones_are_flagged() -> None:
    def arrange(sheet: Worksheet) -> None:
        sheet.row_dimensions[3].hidden = True

    (sheet,) = read_tables(workbook([("a",), (None,), (" b \r\n c ",)], arrange), "a.xlsx")

    assert [(row.number, row.hidden, row.texts) for row in sheet.rows] == [(1, False, ("a",)), (3, True, ("b\nc",))]
    assert "1 行是隐藏的" in sheet.notes[0]


def test_all_sheets_are_read_and_hidden_ones_flagged() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["甲"])
    book.create_sheet("空")
    hidden = book.create_sheet("旧表")
    hidden.append(["乙"])
    hidden.sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    file.seek(0)

    sheets = read_tables(file, "a.xlsx")

    assert [(sheet.name, sheet.hidden) for sheet in sheets] == [("Sheet", False), ("旧表", True)]


def test_what_excel_and_wps_write_is_read() -> None:
    strings = (
        f"<sst {SPREADSHEET}><si><t>督办处</t></si><si><r><t>重点</t></r><r><t xml:space='preserve'>任务 </t></r>"
        "<rPh sb='0' eb='1'><t>ちゅう</t></rPh></si><si><t>a_x000D_\nb</t></si></sst>"
    )
    cells = (
        '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>2</v></c></row>'
        '<row><c t="e"><f>1/0</f><v>#DIV/0!</v></c><c t="b"><v>0</v></c><c t="str"><f t="shared" si="0"/><v>六月</v></c></row>'
        '<row><c t="d"><v>2026-06-30T00:00:00</v></c><c s="1"><v>46203</v></c><c s="2"><v>0.5</v></c></row>'
        '<row><c s="1"><v>99999999</v></c><c><v>1E+3</v></c></row>'
    )
    styles = f'<styleSheet {SPREADSHEET}><cellXfs><xf numFmtId="0"/><xf numFmtId="31"/><xf numFmtId="20"/></cellXfs></styleSheet>'
    types = parts_of(workbook([]))["[Content_Types].xml"].replace(b"</Types>", SHARED_STRINGS + b"</Types>")
    file = repacked(
        workbook([]),
        {
            "[Content_Types].xml": types,
            "xl/worksheets/sheet1.xml": worksheet(cells),
            "xl/sharedStrings.xml": strings.encode(),
            "xl/styles.xml": styles.encode(),
        },
    )

    (sheet,) = read_tables(file, "a.xlsx")

    assert texts(sheet.rows) == [
        ("督办处", "重点任务", "a\nb"),
        ("#DIV/0!", "FALSE", "六月"),
        ("2026-06-30", "2026-06-30", "12:00"),
        ("99999999", "1000", ""),
    ]
    assert [cell.formula for cell in sheet.rows[1].cells] == ["=1/0", "", "=…"]
    assert sheet.notes == ()


@pytest.mark.parametrize("odd", ['<c s="9"><v>1E+3</v></c>', "<c><v>nan</v></c>"], ids=["no such style", "no number"])
def test_what_openpyxl_refuses_is_read_all_the_same_and_says_what_to_look_at(odd: str) -> None:
    cells = f'<row r="3"><c t="inlineStr"><is><t>任务</t></is></c><c s="1"><v>46203</v></c>{odd}</row>'
    styles = f'<styleSheet {SPREADSHEET}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    parts = {"xl/worksheets/sheet1.xml": worksheet(cells), "xl/styles.xml": styles.encode()}

    (sheet,) = read_tables(repacked(workbook([]), parts), "a.xlsx")

    assert [row.number for row in sheet.rows] == [3]
    assert sheet.rows[0].texts == ("任务", "2026-06-30", "1000" if "E" in odd else "nan")
    assert sheet.rows[0].cells[1].date == datetime.date(2026, 6, 30)
    assert "看不出哪些格是公式" in sheet.notes[0]


def test_an_error_that_calamine_does_not_know_hinders_nothing() -> None:
    cells = '<row r="2"><c r="B2"><v>7</v></c><c r="C2" t="e"><f>FILTER(A:A,A:A)</f><v>#SPILL!</v></c></row>'

    (sheet,) = read_tables(repacked(workbook([]), {"xl/worksheets/sheet1.xml": worksheet(cells)}), "a.xlsx")

    assert [(row.number, row.texts) for row in sheet.rows] == [(2, ("", "7", "#SPILL!"))]
    assert sheet.rows[0].cells[2].formula == "=FILTER(A:A,A:A)"


def test_the_followers_of_a_shared_formula_tell_theirs() -> None:
    cells = (
        '<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">ROW()+B1</f><v>1</v></c></row>'
        '<row r="2"><c r="A2"><f t="shared" si="0"/><v>2</v></c></row>'
    )

    (sheet,) = read_tables(repacked(workbook([]), {"xl/worksheets/sheet1.xml": worksheet(cells)}), "a.xlsx")

    assert [(row.cells[0].text, row.cells[0].formula) for row in sheet.rows] == [("1", "=ROW()+B1"), ("2", "=ROW()+B2")]


def test_a_file_saved_as_strict_is_read() -> None:
    plain = workbook([("任务", 1.0), ("讲堂", None)], lambda sheet: sheet.merge_cells("B1:B2"))
    strict = {
        name: content.replace(
            b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", STRICT + b"spreadsheetml/main"
        ).replace(b"http://schemas.openxmlformats.org/officeDocument/2006/", STRICT + b"officeDocument/")
        for name, content in parts_of(plain).items()
    }

    (sheet,) = read_tables(repacked(plain, strict), "a.xlsx")

    assert texts(sheet.rows) == [("任务", "1"), ("讲堂", "1")]
    assert "看不出哪些格是公式" in sheet.notes[0]


# --- .xls .ods .csv ---


def test_an_old_workbook_is_read_with_merges_dates_and_hidden_sheets() -> None:
    first, second = read_tables(OLD_FORMAT, "old-format.xls")

    assert first.rows[3].texts == ("2", "一、思想政治引领", "组织开展政协讲堂", "信息中心", "11月30日前", "邓建国")
    assert first.rows[3].cells[1].merged_from == (4, 1)
    assert first.rows[2].cells[4].date == datetime.date(2026, 6, 30)
    assert second.hidden


def test_a_damaged_old_workbook_cannot_take_the_server_with_it() -> None:
    data = bytearray((OLD_FORMAT).read_bytes())
    data[0x18:0x50] = b"\xff" * (0x50 - 0x18)

    assert "已损坏" in sentence(io.BytesIO(bytes(data)), "a.xls")


def test_an_open_document_is_read_with_merges_repeats_and_formulas() -> None:
    file = open_document(
        '<table:table table:name="表"><table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
        '<table:table-row><table:table-cell table:number-rows-spanned="2" office:value-type="string"><text:p>类</text:p>'
        "<office:annotation><text:p>批注</text:p></office:annotation></table:table-cell>"
        '<table:table-cell office:value-type="date" office:date-value="2026-06-30"><text:p>2026/6/30</text:p></table:table-cell>'
        '<table:table-cell office:value-type="float" office:value="2" table:formula="of:=1+1"><text:p>2</text:p></table:table-cell>'
        '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
        '<table:table-row><table:covered-table-cell/><table:table-cell table:number-columns-repeated="2"'
        ' office:value-type="string"><text:p>甲</text:p><text:p>乙<text:s text:c="2"/>丙</text:p></table:table-cell>'
        '</table:table-row><table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row></table:table>'
    )

    (sheet,) = read_tables(file, "a.ods")

    assert [row.number for row in sheet.rows] == [3, 4]
    assert texts(sheet.rows) == [("类", "2026-06-30", "2"), ("类", "甲\n乙  丙", "甲\n乙  丙")]
    assert sheet.rows[0].cells[1].date == datetime.date(2026, 6, 30)
    assert sheet.rows[0].cells[2].formula == "=1+1"
    assert sheet.rows[1].cells[0].merged_from == (3, 0)


def test_an_open_document_that_repeats_without_end_is_refused() -> None:
    file = open_document(
        '<table:table table:name="表"><table:table-row table:number-rows-repeated="1048576"><table:table-cell'
        ' office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row></table:table>'
    )

    assert "20,000 行" in sentence(file, "a.ods")


def test_an_encrypted_open_document_is_refused() -> None:
    file = open_document("<table:table/>", "<manifest><file-entry><encryption-data/></file-entry></manifest>")

    assert "密码" in sentence(file, "a.ods")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separated_text_is_read_in_the_encodings_offices_use(encoding: str, separator: str) -> None:
    data = CSV.replace(",", separator).encode(encoding)

    (sheet,) = read_tables(io.BytesIO(data), "a.csv")

    assert texts(sheet.rows) == [("序号", "重点任务", "牵头处室"), ("1", "组织开展政协讲堂", "信息中心")]


def test_a_cell_of_several_lines_is_one_record() -> None:
    data = '序号,举措\n1,"1.起草，\n2.印发"\n2,x\n'.encode()

    (sheet,) = read_tables(io.BytesIO(data), "a.csv")

    assert [(row.number, row.texts[1]) for row in sheet.rows] == [(1, "举措"), (2, "1.起草，\n2.印发"), (3, "x")]


@pytest.mark.parametrize("encoding", ["big5", "shift_jis"])
def test_other_encodings_are_refused_rather_than_shown_as_rubbish(encoding: str) -> None:
    words = {
        "big5": "臺灣會議紀錄，重點任務與辦公廳",
        "shift_jis": "ひらがなとカタカナの会議録",
    }

    assert "文字编码" in sentence(io.BytesIO((words[encoding] * 20).encode(encoding)), "a.csv")


# --- .docx ---


def test_tables_of_a_document_are_read_with_their_merges() -> None:
    document = docx.Document()
    document.add_paragraph("正文")
    table = document.add_table(3, 3)
    table.cell(0, 0).merge(table.cell(0, 2)).text = "标题"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "类"
    table.cell(1, 1).text, table.cell(2, 2).text = "甲", "乙"
    file = io.BytesIO()
    document.save(file)
    file.seek(0)

    (sheet,) = read_tables(file, "a.docx")

    assert texts(sheet.rows) == [("标题", "标题", "标题"), ("类", "甲", ""), ("类", "", "乙")]
    assert sheet.rows[2].cells[0].merged_from == (2, 0)


def test_what_python_docx_passes_over_in_a_document_is_read() -> None:
    run = "<w:r><w:t>{}</w:t></w:r>"
    paragraph = (
        run.format("完成时限：")
        + f'<w:smartTag w:element="chsdate">{run.format("6月30日")}</w:smartTag>'
        + f'<w:ins w:id="1">{run.format("前")}</w:ins>'
        + "<w:r><w:rPr/><w:pict><w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
    )
    inner = f"<w:p>{paragraph}</w:p>"
    table = (
        f"<w:tbl><w:sdt><w:sdtContent><w:tr><w:trPr><w:gridBefore w:val='1'/></w:trPr><w:tc>{inner}</w:tc></w:tr>"
        "</w:sdtContent></w:sdt></w:tbl>"
    )
    body = f"<w:body><w:sdt><w:sdtContent>{inner}</w:sdtContent></w:sdt>{table}</w:body>"
    document = f'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">{body}</w:document>'
    file = repacked(io.BytesIO((DATA / "work-points-2026.docx").read_bytes()), {"word/document.xml": document.encode()})

    lines = read_paragraphs(file, "a.docx")
    file.seek(0)
    (sheet,) = read_tables(file, "a.docx")

    assert lines == ["完成时限：6月30日前"]
    assert texts(sheet.rows) == [("", "完成时限：6月30日前")]


def test_a_document_that_lost_a_picture_or_has_macros_is_read() -> None:
    parts = parts_of(io.BytesIO((DATA / "work-points-2026.docx").read_bytes()))
    lost = b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"'
    relations, types = "word/_rels/document.xml.rels", "[Content_Types].xml"
    odd = {
        relations: parts[relations].replace(b"</Relationships>", lost + b' Target="NULL"/></Relationships>'),
        types: parts[types].replace(
            b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            b"application/vnd.ms-word.document.macroEnabled.main+xml",
        ),
    }

    file = repacked(io.BytesIO((DATA / "work-points-2026.docx").read_bytes()), odd)

    assert len(read_paragraphs(file, "a.docm")) > 10


def test_a_document_without_table_says_where_to_go() -> None:
    assert "按“正文”导入" in sentence(DATA / "work-points-2026.docx", "work-points-2026.docx")


def test_the_shown_paper_reads_as_its_paragraphs() -> None:
    theirs = [paragraph.text for paragraph in docx.Document(str(DATA / "work-points-2026.docx")).paragraphs]

    assert read_paragraphs(DATA / "work-points-2026.docx", "work-points-2026.docx") == theirs


def test_automatic_numbers_are_written_out() -> None:
    document = docx.Document()
    for words in ("修订办法", "召开会议"):
        document.add_paragraph(words, style="List Number")
    broken = document.add_paragraph("一、标题")
    broken.runs[0].add_break()
    broken.add_run("下一行")
    gone = broken.add_run("删去")
    deleted = OxmlElement("w:del")
    deleted.set(qn("w:id"), "1")
    gone._r.addprevious(deleted)
    deleted.append(gone._r)
    file = io.BytesIO()
    document.save(file)
    file.seek(0)

    assert read_paragraphs(file, "a.docx") == ["1.修订办法", "2.召开会议", "一、标题", "下一行"]


def test_automatic_chinese_headings_count_by_level_and_start_again() -> None:
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{style}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for level, (style, text) in enumerate(
            [("chineseCounting", "%1、"), ("decimalEnclosedCircle", "%2"), ("bullet", "·")]
        )
    )
    restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="11"/></w:lvlOverride>'
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    numbering = (
        f'<w:numbering {space}><w:abstractNum w:abstractNumId="7">{levels}</w:abstractNum><w:num w:numId="1">'
        f'<w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="7"/>{restart}</w:num></w:numbering>'
    )
    listed = [(1, 0), (1, 1), (1, 1), (1, 0), (1, 1), (1, 2), (2, 0), (2, 0), (9, 0)]
    body = "".join(
        f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>'
        for number, level in listed
    )
    document = f"<w:document {space}><w:body>{body}</w:body></w:document>"
    parts = {"word/numbering.xml": numbering.encode(), "word/document.xml": document.encode()}
    file = repacked(io.BytesIO((DATA / "work-points-2026.docx").read_bytes()), parts)

    assert read_paragraphs(file, "a.docx") == ["一、x", "①x", "②x", "二、x", "①x", "x", "十一、x", "十二、x", "x"]


def test_plain_text_is_read_as_paragraphs() -> None:
    assert read_paragraphs(io.BytesIO("一、总则\r\n\r\n1.召开会议".encode("gb18030")), "a.txt") == [
        "一、总则",
        "1.召开会议",
    ]


# --- refusals ---


def test_an_empty_file_and_an_empty_table_are_refused() -> None:
    assert "是空的" in sentence(io.BytesIO(), "a.xlsx")
    assert "没有内容" in sentence(workbook([]), "a.xlsx")


@pytest.mark.parametrize("name", ["a.et", "a.wps", "a.doc", "A.DOC", "a.xlsb", "a.rtf"])
def test_kinds_of_other_programs_ask_to_be_saved_otherwise(name: str) -> None:
    assert "另存为" in sentence(io.BytesIO(b"anything"), name)


def test_a_wrong_type_is_refused_by_what_it_contains() -> None:
    assert "不是能读的表格" in sentence(io.BytesIO(b"\x89PNG\r\n\x1a\n"), "a.png")
    assert "却不是这种文件" in sentence(io.BytesIO(b"%PDF-1.7"), "a.xlsx")
    assert "却不是这种文件" in sentence(io.BytesIO(b"%PDF-1.7"), "a.csv")
    assert "其实是网页" in sentence(io.BytesIO(b"<html><table></table></html>"), "a.xls")
    assert "旧格式的文字文档" in sentence(io.BytesIO(OLE + "WordDocument".encode("utf-16-le")), "a.xls")


def test_a_file_named_otherwise_is_read_by_its_content_and_says_so() -> None:
    (sheet,) = read_tables(workbook([HEADER]), "a.xls")

    assert sheet.notes == ("文件名以 .xls 结尾，内容其实是 .xlsx，已按 .xlsx 读取。",)


def test_a_password_is_told() -> None:
    assert "密码" in sentence(io.BytesIO(OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le")), "a.xlsx")


def test_a_locked_zip_entry_is_told() -> None:
    data = bytearray(workbook([HEADER]).getvalue())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1

    assert "密码" in sentence(io.BytesIO(bytes(data)), "a.xlsx")


def test_a_broken_zip_is_told() -> None:
    data = workbook([HEADER]).getvalue()

    assert "已损坏" in sentence(io.BytesIO(data[: len(data) // 2]), "a.xlsx")


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = repacked(workbook([HEADER]), {"xl/worksheets/sheet1.xml": bytes(60 * 1024 * 1024)})

    assert "大得不正常" in sentence(bomb, "a.xlsx")


def test_a_list_of_sizes_that_lies_unpacks_no_more_than_it_says() -> None:
    data = bytearray(repacked(workbook([HEADER]), {"xl/styles.xml": b"<a>" + bytes(10_000_000)}).getvalue())
    real = (10_000_003).to_bytes(4, "little")
    while (at := data.find(real)) >= 0:
        data[at : at + 4] = (1000).to_bytes(4, "little")

    assert "已损坏" in sentence(io.BytesIO(bytes(data)), "a.xlsx")


def test_many_entries_are_refused() -> None:
    file = repacked(workbook([HEADER]), {f"xl/media/{number}.png": b"" for number in range(2_001)})

    assert "大得不正常" in sentence(file, "a.xlsx")


def test_entities_are_refused() -> None:
    file = repacked(workbook([HEADER]), {"xl/worksheets/sheet1.xml": BILLION_LAUGHS.encode()})

    assert "实体定义" in sentence(file, "a.xlsx")


def test_fifty_thousand_rows_are_refused_and_the_limit_itself_is_read() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 50_001))
    too_many = worksheet(rows)
    enough = too_many[: too_many.index(f'<row r="{MAX_ROWS + 1}">'.encode())] + b"</sheetData></worksheet>"

    (sheet,) = read_tables(repacked(workbook([]), {"xl/worksheets/sheet1.xml": enough}), "a.xlsx")

    assert len(sheet.rows) == MAX_ROWS
    assert "20,000 行" in sentence(repacked(workbook([]), {"xl/worksheets/sheet1.xml": too_many}), "a.xlsx")
    assert "20,000 行" in sentence(io.BytesIO(b"a,b\n" * 50_000), "a.csv")


def test_too_many_columns_are_refused() -> None:
    assert "200 列" in sentence(workbook([["x"] * (MAX_COLUMNS + 1)]), "a.xlsx")
    assert "200 列" in sentence(io.BytesIO(b"x," * 250 + b"x\n"), "a.csv")


def test_a_word_at_the_far_end_of_the_sheet_is_refused() -> None:
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'

    assert "很远的行或列" in sentence(repacked(workbook([]), {"xl/worksheets/sheet1.xml": worksheet(cells)}), "a.xlsx")


def test_a_word_far_below_is_read_with_its_number() -> None:
    cells = '<row r="3"><c r="C3"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>2</v></c></row>'

    (sheet,) = read_tables(repacked(workbook([]), {"xl/worksheets/sheet1.xml": worksheet(cells)}), "a.xlsx")

    assert [(row.number, row.texts) for row in sheet.rows] == [(3, ("", "", "1")), (1_048_576, ("2", "", ""))]


def test_a_long_text_that_thousands_of_cells_share_is_refused() -> None:
    strings = f"<sst {SPREADSHEET}><si><t>{'长' * 30_000}</t></si></sst>".encode()
    cells = "".join('<row><c t="s"><v>0</v></c></row>' for _ in range(1_000))
    parts = {"xl/worksheets/sheet1.xml": worksheet(cells), "xl/sharedStrings.xml": strings}

    assert "大得不正常" in sentence(repacked(workbook([]), parts), "a.xlsx")


def test_a_stray_format_far_below_costs_nothing() -> None:
    def arrange(sheet: Worksheet) -> None:
        sheet.cell(1_048_576, 16_384).number_format = "0"

    (sheet,) = read_tables(workbook([HEADER], arrange), "a.xlsx")

    assert len(sheet.rows) == 1
    assert len(sheet.rows[0].cells) == len(HEADER)


NAMES = ["a.xlsx", "a.xls", "a.ods", "a.csv", "a.docx", "a.et", "a.png", "a"]
HEADS = [b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf", b"<html>"]


@given(st.sampled_from(NAMES), st.sampled_from(HEADS), st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_random_bytes_are_read_or_refused(name: str, head: bytes, data: bytes) -> None:
    for read in (read_tables, read_paragraphs):
        try:
            result: list[object] = list(read(io.BytesIO(head + data), name))
        except Unreadable:
            continue
        assert result


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_damaged_documents_are_read_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["staff-2026.xlsx", "work-points-2026.docx"]))
    with zipfile.ZipFile(DATA / name) as archive:
        parts = [part for part in archive.namelist() if part.endswith((".xml", ".rels")) and "theme" not in part]
        part = data.draw(st.sampled_from(parts))
        content = bytearray(archive.read(part))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.sampled_from(b'<>/"=019AZ &;'))
    damaged = repacked(io.BytesIO((DATA / name).read_bytes()), {part: bytes(content)})

    for read in (read_tables, read_paragraphs):
        damaged.seek(0)
        try:
            result: list[object] = list(read(damaged, name))
        except Unreadable:
            continue
        assert result
