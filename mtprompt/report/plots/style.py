"""What all plots share: sizes, colours, quiet axes, labels that keep apart, and the step to SVG."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from mtprompt.errors import need_packages

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NEUTRAL_LINE = "#6e7178"
INK, MUTED, RULE, SURFACE = "#1b1d22", "#5c6068", "#dfdcd6", "#fefefe"
BETTER, WORSE = "#00619c", "#b04300"
WIDTH = 4.7  # inches: two plots side by side on the page, one on a phone
TEXT, SMALL = 7.6, 6.8  # points

_SETTINGS: dict[str, Any] = {
    "svg.hashsalt": "mtprompt",  # the same plot has the same bytes
    "svg.fonttype": "none",  # text stays text: it can be found, read aloud and takes the page's font
    "text.parse_math": False,  # a dollar in a name is a dollar
    "font.size": TEXT,
    "text.color": INK,
    "axes.edgecolor": RULE,
    "axes.labelcolor": MUTED,
    "axes.labelsize": SMALL,
    "axes.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.minor.size": 0,
    "lines.solid_capstyle": "round",
}


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot that is drawn.

    Attributes:
        name: Its file's, without an ending.
        section: The part of the report that shows it.
        metric: Whose scores it shows.
        alt: What it shows, for those who do not see it.
        svg: As matplotlib wrote it.
        tips: What is said of a mark, by the mark's id in the SVG.
    """

    name: str
    section: str
    metric: str
    alt: str
    svg: bytes
    tips: dict[str, str]


@contextmanager
def drawing() -> Iterator[None]:
    """Everything is drawn inside of it; nothing of the process's own settings changes.

    Raises:
        MissingDependency: Without matplotlib.
    """
    need_packages(["matplotlib"], "the report's plots", "report")
    import matplotlib

    settings: Any = _SETTINGS
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    with warnings.catch_warnings(), matplotlib.rc_context(settings):
        # only widths are measured here; the reader's browser has the letters
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def blank(title: str, height: float, *, left: float = 0.5, right: float = 0.15, bottom: float = 0.42) -> Axes:
    """An empty plot with its title and a quiet frame.

    Args:
        title: Stands above, at the left.
        height: In inches.
        left: Margin in inches, as are the others.
        right: For labels beside the marks.
        bottom: For the axis.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasSVG(figure)
    figure.patch.set_alpha(0)
    box = (left / WIDTH, bottom / height, (WIDTH - left - right) / WIDTH, (height - bottom - 0.34) / height)
    axes = figure.add_axes(box)
    axes.patch.set_alpha(0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    figure.text(0.06 / WIDTH, 1 - 0.17 / height, title, fontsize=TEXT + 0.9, fontweight=600, va="center")
    return axes


def figure_of(axes: Axes) -> Figure:
    """The figure that a plot's axes are on."""
    figure: Any = axes.figure
    return figure  # type: ignore[no-any-return]


def rules(axes: Axes, axis: str) -> None:
    """Thin lines behind the marks: ``x`` for upright ones, ``y`` for level ones."""
    axes.set_axisbelow(True)
    axes.grid(axis=axis, color=RULE, linewidth=0.6)  # type: ignore[arg-type]


def about_zero(title: str, height: float, *, left: float, right: float) -> Axes:
    """A plot of differences one below the other, with a line where there is none; as :func:`blank`."""
    axes = blank(title, height, left=left, right=right, bottom=0.44)
    rules(axes, "x")
    axes.spines["bottom"].set_visible(False)
    axes.axvline(0, color=NEUTRAL_LINE, linewidth=1, zorder=1)
    axes.set_yticks([])
    return axes


def write(
    axes: Axes,
    text: str,
    at: tuple[float, float],
    shift: tuple[float, float] = (0, 0),
    *,
    colour: str = INK,
    size: float = SMALL,
    align: str = "left",
    weight: int = 400,
    beside: bool = False,
) -> None:
    """Writes a few words, inside the plot or beside it.

    Args:
        axes: The plot.
        text: The words.
        at: Where, in the plot's numbers.
        shift: From there, in points.
        colour: Of the letters.
        size: In points.
        align: ``left`` if the words begin there, ``right`` if they end there.
        weight: 600 is bold.
        beside: Whether the first number of ``at`` is a share of the plot's width instead.
    """
    edge: Any = axes.get_yaxis_transform() if beside else axes.transData
    axes.annotate(
        text, at, shift, xycoords=edge, textcoords="offset points", va="center", ha=align,
        fontsize=size, color=colour, fontweight=weight, annotation_clip=False,
    )  # fmt: skip


def apart(wanted: Sequence[float], gap: float, low: float = float("-inf")) -> list[float]:
    """Places for labels, near where they are wanted, at least ``gap`` apart and none below ``low``."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    groups: list[tuple[float, list[int]]] = []  # centre and members, each a block of labels
    for i in order:
        groups.append((wanted[i], [i]))
        while len(groups) > 1:
            (first, before), (second, after) = groups[-2:]
            if second - first >= gap * (len(before) + len(after)) / 2:
                break
            members = before + after
            groups[-2:] = [(sum(wanted[j] for j in members) / len(members), members)]
    placed, next_free = list(wanted), low
    for centre, members in groups:
        for at, i in enumerate(members):
            placed[i] = max(centre + gap * (at - (len(members) - 1) / 2), next_free)
            next_free = placed[i] + gap
    return placed


def finished(axes: Axes, name: str, section: str, metric: str, alt: str, tips: dict[str, str]) -> Plot:
    """The plot as SVG."""
    stream = BytesIO()
    figure_of(axes).savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return Plot(name, section, metric, alt, stream.getvalue(), tips)
