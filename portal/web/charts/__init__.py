"""Charts as plain drawings, counted here and drawn by templates/_macros/charts.html as SVG."""

from portal.web.charts.bars import Bar, bar_chart
from portal.web.charts.editions import Span, edition_timeline
from portal.web.charts.plot import Chart
from portal.web.charts.steps import Piece, step_chart

__all__ = ["Bar", "Chart", "Piece", "Span", "bar_chart", "edition_timeline", "step_chart"]
