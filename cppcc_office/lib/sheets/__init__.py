"""Reading any table file of an office (.xlsx .xls .ods .csv, tables and text of .docx) into plain rows."""

from cppcc_office.lib.sheets.reading import read_paragraphs, read_tables
from cppcc_office.lib.sheets.tables import MAX_COLUMNS, MAX_ROWS, Cell, Row, Sheet, Unreadable

__all__ = ["MAX_COLUMNS", "MAX_ROWS", "Cell", "Row", "Sheet", "Unreadable", "read_paragraphs", "read_tables"]
