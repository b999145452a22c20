"""How numbers are written: the same in the page, in Markdown and beside plots."""

from __future__ import annotations

from pathlib import Path

from mtprompt.scoring.comet_name import short_name

MINUS = "−"


def digits(metric: str) -> int:
    """Places after the point that a metric's scores deserve: COMET's are about 0.8."""
    return 4 if metric.startswith("comet") else 1


def score_text(value: float, metric: str) -> str:
    """A score."""
    return signed_minus(f"{value:.{digits(metric)}f}")


def delta_text(value: float, metric: str) -> str:
    """A difference of scores, with its sign; one that rounds to zero has none."""
    text = f"{value:+.{digits(metric)}f}"
    return text[1:] if float(text) == 0 else signed_minus(text)


def p_text(p: float) -> str:
    """A p-value with its relation: ``= 0.031``, ``< 0.001``."""
    if p < 0.001:
        return "< 0.001"
    # never rounded up to the limit that it is below
    return f"= {p:.4f}" if 0.0495 <= p < 0.0505 else f"= {p:.3f}"


def count_text(value: float) -> str:
    """A count, with thousands apart."""
    return f"{value:,.0f}"


def counted(count: int, what: str) -> str:
    """``1 pair``, ``2 pairs``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def share_text(part: float, whole: float) -> str:
    """A share in per cent; a dash where there is no whole."""
    return f"{100 * part / whole:.0f} %" if whole else "–"


def signed_minus(text: str) -> str:
    """With the typographic minus, which is as wide as the plus."""
    return text.replace("-", MINUS, 1) if text.startswith("-") else text


METRIC_NAMES = {"bleu": "BLEU", "chrf": "chrF", "chrf++": "chrF++", "ter": "TER"}


def metric_name(metric: str) -> str:
    """As the field writes it: ``chrf++`` is chrF++, ``comet:org/model`` COMET (model).

    Of a file's path its name and its folder are left: ``terms:/data/law/terms.tsv`` is terms (law/terms.tsv).
    """
    name, _, argument = metric.partition(":")
    if name == "comet" and argument:
        model, guarded, _ = argument.partition(" guarded")
        path = Path(model.partition(".ckpt(")[0] + ".ckpt" if ".ckpt(" in model else model)
        shown = short_name(path) if path.suffix == ".ckpt" else path.name
        return f"COMET ({shown}){guarded}"
    if name == "terms" and argument:
        return f"terms ({'/'.join(Path(argument).parts[-2:])})"
    return METRIC_NAMES.get(metric, metric)
