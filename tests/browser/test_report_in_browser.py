"""The report in a real browser: it opens, sorts, filters, compares, and runs nothing of the data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from made_results import Plan, make_results
from opened_page import HOSTILE, Opened

from mtprompt.report.write import write_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def column(page: Page, table: str, number: int) -> list[str]:
    """The texts of a column, from the first row on."""
    return page.locator(f"{table} tbody tr > :nth-child({number})").all_inner_texts()


def numbers(page: Page) -> list[float]:
    """The differences in the list of segments."""
    texts = page.locator(".list .number").all_text_contents()
    return [float(its.replace("−", "-")) for its in texts]


def choose(page: Page, key: str, label: str) -> None:
    page.select_option(f"#choose-{key}", label=label)


def test_it_opens_from_disk_and_asks_for_nothing(opened: Opened) -> None:
    assert opened.page.title() == "Translation strategies on medical, software · mtprompt"
    opened.browse()
    assert opened.page.locator(".list li[role=option]").count() == 24


def test_no_part_is_wider_than_a_phone(browser: Browser, report: Path) -> None:
    its = Opened(browser, report)
    its.page.set_viewport_size({"width": 360, "height": 700})
    its.browse()
    assert its.page.evaluate("document.documentElement.scrollWidth") == 360
    its.page.close()


def test_tables_sort_by_mouse_and_by_keyboard(opened: Opened) -> None:
    page, table = opened.page, "#table-cells"
    head = page.locator(f"{table} th", has_text="prompt tokens")
    number = head.evaluate("head => head.cellIndex") + 1
    head.locator("button").click()
    sorted_by = f"{table} th:has-text('prompt tokens')[aria-sort={{}}]"
    page.wait_for_selector(sorted_by.format("descending"))  # a busy browser answers a click late
    tokens = [its for its in column(page, table, number) if its != "–"]
    assert tokens == sorted(tokens, key=lambda its: -float(its.replace(",", "")))
    # what has no tokens comes last, either way
    assert column(page, table, number)[-2:] == ["–", "–"]
    head.locator("button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(sorted_by.format("ascending"))
    assert [its for its in column(page, table, number) if its != "–"] == tokens[::-1]
    assert column(page, table, number)[-2:] == ["–", "–"]
    strategy = page.locator(f"{table} th.first button").first
    strategy.click()
    page.wait_for_selector(f"{table} th.first[aria-sort]")
    names = column(page, table, 1)
    assert names == sorted(names) and names[0].startswith("online-A")
    assert head.get_attribute("aria-sort") is None


def test_the_other_metric_shows_its_own_numbers(opened: Opened) -> None:
    page = opened.page
    first = page.locator(".matrix:visible .score").first.inner_text()
    page.locator("#metric-choice label", has_text="BLEU").click()
    assert page.locator(".matrix:visible").count() == 1
    assert page.locator(".matrix:visible .score").first.inner_text() != first
    assert "BLEU" in page.locator(".findings:visible").inner_text()


def test_segments_begin_with_the_best_cells_largest_wins_over_the_baseline(opened: Opened) -> None:
    opened.browse()
    assert opened.page.locator("#choose-a option:checked").inner_text() == "zero"
    deltas = numbers(opened.page)
    assert deltas == sorted(deltas, reverse=True) and deltas[0] > 0


def test_the_compared_pair_can_be_chosen_and_swapped(opened: Opened) -> None:
    opened.browse()
    page = opened.page
    choose(page, "a", "rbm25@1 · own pool")
    choose(page, "b", "rbm25@4 · hints entries · other pool")
    names = page.locator(".side > header span:last-child").all_inner_texts()
    assert names == ["rbm25@1 · own pool", "rbm25@4 · hints entries · other pool"]
    before = numbers(page)
    page.click("#swap")
    names = page.locator(".side > header span:last-child").all_inner_texts()
    assert names == ["rbm25@4 · hints entries · other pool", "rbm25@1 · own pool"]
    assert sorted(-its for its in numbers(page)) == sorted(before)
    choose(page, "order", "largest losses of B")
    assert numbers(page) == sorted(-its for its in before)


def test_filters_leave_what_they_say(opened: Opened) -> None:
    from playwright.sync_api import expect

    opened.browse()
    page = opened.page
    everything = page.locator(".list li").count()
    choose(page, "flag", "any flag")
    flagged = page.locator(".list li").count()
    choose(page, "flag", "no flag")
    assert 0 < flagged < everything
    assert page.locator(".list li").count() == everything - flagged
    choose(page, "flag", "repetition")
    for item in page.locator(".list li").all():
        item.click()
        assert "repetition" in page.locator(".flag").all_inner_texts()
    choose(page, "flag", "all")
    page.fill("#choose-query", "medical-7")
    expect(page.locator(".list li")).to_have_count(1)
    assert "1 of 24 segments" in page.locator(".overview").inner_text()
    page.fill("#choose-query", "no such words anywhere")
    expect(page.locator(".list li")).to_have_count(0)
    assert page.locator(".detail").inner_text() == "No segment is left by these filters."


def test_only_differing_segments_are_left_on_request(opened: Opened) -> None:
    opened.browse()
    page = opened.page
    choose(page, "b", "zero")
    assert page.locator(".list li").count() == 24
    page.check("#choose-differ")
    assert page.locator(".list li").count() == 0


def test_a_segment_shows_differences_shared_words_hints_and_the_whole_prompt(opened: Opened) -> None:
    opened.browse()
    page = opened.page
    choose(page, "a", "zero")
    choose(page, "b", "rbm25@4 · hints entries · own pool")
    choose(page, "flag", "no flag")
    right = page.locator(".side").nth(1)
    assert page.locator(".output mark.a").count() and page.locator(".output mark.b").count()
    assert right.locator(".example").count() == 4
    # examples of the same domain share words with the source
    assert right.locator(".example p:first-child mark").count()
    assert right.locator(".hint").count() == 2
    assert "in the reference" in right.locator(".hint").first.inner_text()
    right.locator("summary").click()
    source = page.locator(".detail .words-of").first.inner_text()
    prompt = right.locator("pre").inner_text()
    assert prompt.startswith("German: ") and prompt.endswith(f"German: {source}\nEnglish:")
    choose(page, "marks", "none")
    assert page.locator(".output mark").count() == 0


def test_a_number_of_the_matrix_opens_its_segments_beside_the_baselines(opened: Opened) -> None:
    page = opened.page
    row = page.locator(".matrix:visible tr", has=page.locator("th[data-value='rbm25@4 ']")).first
    row.locator("td a").nth(1).click()
    page.wait_for_selector(".list li[aria-selected=true]")
    chosen = [page.locator(f"#choose-{key} option:checked").inner_text() for key in ("test", "a", "b")]
    assert chosen == ["software", "zero", "rbm25@4 · own pool"]


def test_the_list_of_segments_obeys_the_keyboard(opened: Opened) -> None:
    opened.browse()
    page = opened.page
    page.focus(".list")
    ids = page.locator(".list .name").all_text_contents()
    for key, place in (("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("End", 23), ("Home", 0)):
        page.keyboard.press(key)
        assert page.locator(".detail h3").inner_text() == ids[place]
    active = page.get_attribute(".list", "aria-activedescendant")
    assert page.locator(f"#{active}").get_attribute("aria-selected") == "true"


def test_everything_that_acts_can_be_reached_by_tab(opened: Opened) -> None:
    opened.browse()
    reached = opened.page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, a[href], summary, .list, .scroll')]
            .filter((its) => its.offsetParent && its.tabIndex < 0).map((its) => its.outerHTML.slice(0, 80))"""
    )
    assert reached == []


def test_the_theme_follows_the_system_and_the_button(browser: Browser, report: Path) -> None:
    its = Opened(browser, report, color_scheme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = its.page.evaluate(paper)
    assert its.page.locator("#theme").inner_text() == "Light"
    its.page.click("#theme")
    light = its.page.evaluate(paper)
    its.page.emulate_media(color_scheme="light")
    its.page.reload()
    assert its.page.evaluate(paper) == light != dark
    its.page.emulate_media(media="print", color_scheme="dark")
    assert its.page.evaluate(paper) == "rgb(255, 255, 255)"
    its.page.close()


def test_hostile_text_is_shown_as_it_is_and_runs_nothing(browser: Browser, hostile: Path) -> None:
    its = Opened(browser, hostile)
    its.browse()
    page = its.page
    choose(page, "b", "rbm25@2 · hints entries · own pool")
    page.locator(".side summary").last.click()
    page.wait_for_timeout(200)
    assert page.evaluate("window.ran") is None
    assert page.locator("img, .detail script, .detail svg, .list script").count() == 0
    assert page.locator(".side pre").last.inner_text() == HOSTILE
    assert page.locator(".detail .words-of").first.inner_text() == HOSTILE
    assert page.locator(".side").last.locator(".flag").first.inner_text().replace(
        " ", "_"
    ) == HOSTILE.replace(" ", "_")
    assert its.complaints == []
    assert its.requests == [hostile.as_uri()]
    page.close()


def test_right_to_left_text_leaves_its_neighbours_in_their_order(browser: Browser, hostile: Path) -> None:
    its = Opened(browser, hostile)
    its.browse()
    assert its.page.locator(".detail .words-of").first.get_attribute("dir") == "auto"
    left = its.page.evaluate(
        """() => [...document.querySelectorAll('.side')].map((its) => its.getBoundingClientRect().left)"""
    )
    assert left == sorted(left)
    its.page.close()


def test_twenty_thousand_segments_fit_and_open_at_once(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    selects = {"zero": 0.2, **{f"{name}@4": 0.5 + 0.04 * at for at, name in enumerate(["a", "b", "c"])}}
    plan = Plan(
        tests=("medical",),
        other_pools=("news",),
        selects=selects | {f"{name}@8": 0.6 for name in ("d", "e", "f", "g", "h")} | {"i@8": 0.7, "j@8": 0.8},
        segments=1000,
        metrics=("overlap",),
        system="online-A",
        word_scale=2,
    )
    page = write_report(make_results(tmp_path_factory.mktemp("large"), plan))[0]
    assert page.stat().st_size < 15e6
    seconds = []
    for _ in range(3):
        its = Opened(browser, page)
        seconds.append(its.page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd / 1000"))
        its.browse()
        assert "1,000 of 1,000 segments" in its.page.locator(".overview").inner_text()
        its.page.close()
    assert min(seconds) < 2
