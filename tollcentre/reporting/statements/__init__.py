"""Statements as files: one document of plain rows, set as a workbook or as a PDF."""

from .document import Cell, Document, Kind, Table
from .pages import pdf_of
from .workbook import xlsx_of

__all__ = ["Cell", "Document", "Kind", "Table", "pdf_of", "xlsx_of"]
