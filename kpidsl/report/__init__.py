"""Reports: results as tables, charts and files. Rendering only: no number is computed here."""

from kpidsl.report.chart import render_chart
from kpidsl.report.errors import ReportError
from kpidsl.report.progress import progress
from kpidsl.report.result import Result
from kpidsl.report.table import render_table
from kpidsl.report.write import FORMATS, Format, write

__all__ = [
    "FORMATS",
    "Format",
    "ReportError",
    "Result",
    "progress",
    "render_chart",
    "render_table",
    "write",
]
