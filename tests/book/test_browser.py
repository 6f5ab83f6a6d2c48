"""The built book in a browser: opened from a folder with no network, read by axe, on a phone; the planner too.

The book is built once, without executing: the outputs come from the committed notebooks.
"""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from jupyter_cache import get_cache
from playwright.sync_api import expect, sync_playwright

from helpers.chapters import PAGES as FILES
from helpers.planner import ASK, DEFAULTS, SCRIPTS, cases, check_agreement
from plaw.curves import planning

ROOT = Path(__file__).parents[2]
PAGES = [page.stem for page in FILES]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
MOST_BYTES = 3_000_000  # of a page and its pictures
expect.set_options(timeout=30_000)  # milliseconds: a busy machine is no failure


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """The folder of the built pages. Notebooks out of step with their sources are not executed: the build fails."""
    folder = tmp_path_factory.mktemp("book")
    for part in ("book", "plaw"):  # chapters show the package's source
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "_toc.yml", folder)
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    config["execute"] |= {"execute_notebooks": "cache", "cache": str(folder / "cache"), "timeout": 1}
    (folder / "_config.yml").write_text(yaml.safe_dump(config))
    executed = get_cache(folder / "cache")
    for notebook in sorted((folder / "book").glob("*.ipynb")):
        executed.cache_notebook_file(str(notebook), check_validity=False)
    build = [Path(sys.executable).with_name("jupyter-book"), "build", ".", "-W", "--keep-going", "-n"]
    result = subprocess.run(build, cwd=folder, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr[-4000:]
    return folder / "_build" / "html"


@pytest.fixture(scope="module")
def browser():
    """The system's Chromium. Without one the tests are skipped, or fail where PLAW_REQUIRE_BROWSER is set.

    It ends with this module: an open one keeps an event loop running, which notebooks would trip over.
    """
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not executable:
        say = pytest.fail if os.environ.get("PLAW_REQUIRE_BROWSER") else pytest.skip
        say(f"no browser: none of {', '.join(BROWSERS)} is installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser, book):
    """visit("planner") -> the page, opened from its file with the network refused; its complaints and requests are in
    `page.seen`.
    """
    contexts = []

    def visit(name, viewport=DESKTOP, scheme="light"):
        context = browser.new_context(viewport=viewport, color_scheme=scheme, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.seen = {"complaints": [], "requests": []}
        page.on(
            "console",
            lambda message: message.type in ("error", "warning") and page.seen["complaints"].append(message.text),
        )
        page.on("pageerror", lambda error: page.seen["complaints"].append(str(error)))
        page.on("request", lambda request: page.seen["requests"].append(request.url))
        page.goto((book / "book" / f"{name}.html").as_uri())
        page.evaluate("window.MathJax?.startup?.promise")
        return page

    yield visit
    for context in contexts:
        context.close()


# Thousands of words of code and strokes of formulas are alike to axe: one word of each colour is enough.
THIN = """() => {
    const seen = new Set();
    for (const word of document.querySelectorAll(".highlight span")) {
        if (seen.has(word.className)) word.remove();
        else if (!word.firstElementChild) seen.add(word.className);
    }
    for (const stroke of document.querySelectorAll("mjx-container svg *")) stroke.remove();
}"""


# --- every page -------------------------------------------------------------------------------------------------------


# Rules of axe whose answer depends on colours or on the width; all others read the same document again.
ON_A_DARK_PHONE = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_offline_quiet_and_accessible_and_fits_its_screen(visit, name):
    page = visit(name)
    assert page.locator(".math").count() == page.locator("mjx-container").count()
    assert not violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= DESKTOP["width"]
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert not violations(page, ON_A_DARK_PHONE)
    assert page.seen["complaints"] == []
    assert [url for url in page.seen["requests"] if urlsplit(url).scheme not in ("file", "data")] == []


def violations(page, rules=None):
    """What axe finds serious: of all its rules, or of some."""
    page.evaluate(THIN)
    options = {"preload": False, "resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    found = Axe().run(page, options=options).response["violations"]
    return [
        (violation["id"], [node["html"] for node in violation["nodes"]])
        for violation in found
        if violation["impact"] in ("serious", "critical")
    ]


@cache
def attributes(file):
    """The names and values of a page's attributes that lead somewhere or are led to: (name, value)."""
    found = re.findall(r"""(?<![\w:-])(id|href|src)="([^"]*)\"""", file.read_text(encoding="utf-8"))
    return [(name, unescape(value)) for name, value in found]


@cache
def anchors(file):
    return {value for name, value in attributes(file) if name == "id"}


def addresses(html):
    """(file, anchor) of every link, picture, script and style sheet of a page that lies in the book."""
    for name, value in attributes(html):
        address = urlsplit(value)
        if name != "id" and not address.scheme and not address.netloc:
            yield (html.parent / unquote(address.path)).resolve() if address.path else html, unquote(address.fragment)


def test_every_link_inside_the_book_leads_somewhere(book):
    pages, broken = sorted(book.rglob("*.html")), set()
    pages = [html for html in pages if "_static" not in html.parts]
    assert {html.stem for html in pages} >= set(PAGES) and len(list(addresses(book / "book" / "fig1.html"))) > 50
    for html in pages:
        for file, anchor in set(addresses(html)):
            if not file.exists() or (anchor and file.suffix == ".html" and anchor not in anchors(file)):
                broken.add((html.name, file.name, anchor))
    assert not broken


@pytest.mark.parametrize("name", PAGES)
def test_no_table_is_left_as_its_source(book, name):
    assert not re.search(r"<p>\s*\|", (book / "book" / f"{name}.html").read_text(encoding="utf-8"))


ON_DEMAND = ("vega.js", "tex-svg-full.js")  # by a button; and, while the page is read already, for its formulas


@pytest.mark.parametrize("name", PAGES)
def test_a_page_with_all_that_it_loads_is_small(book, name):
    html = book / "book" / f"{name}.html"
    loaded = {file for file, _ in addresses(html) if file.suffix in (".svg", ".png", ".js", ".css")}
    assert len(loaded) > 10
    assert sum(file.stat().st_size for file in {html, *loaded} if file.name not in ON_DEMAND) < MOST_BYTES


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["fig3", "gallery", "network"])
def test_the_figures_of_a_phone_are_readable_and_in_the_colours_of_the_page(visit, name, scheme):
    page = visit(name, PHONE, scheme)
    figures = page.locator(".figure-svg")
    assert figures.count() >= 2
    sizes = page.evaluate(
        """() => [...document.querySelectorAll(".figure-svg .narrow svg")].flatMap((svg) =>
            [...svg.querySelectorAll("text")].map((text) =>
                parseFloat(getComputedStyle(text).fontSize) * svg.getScreenCTM().a))"""
    )
    assert len(sizes) > 20 and min(sizes) >= 11
    assert page.locator(".figure-svg .wide").first.is_hidden()
    ground = page.evaluate(
        """() => [document.body, document.querySelector(".figure-svg .narrow path")].map((node) =>
            getComputedStyle(node)[node === document.body ? "backgroundColor" : "fill"])"""
    )
    light = [sum(map(int, re.findall(r"\d+", colour)[:3])) if "rgb" in colour else colour for colour in ground]
    assert (light[0] > 600) == (scheme == "light")


def test_an_interactive_figure_opens_offline_and_answers_a_choice(visit):
    page = visit("gallery", PHONE, "dark")
    still = page.locator(".figure-svg").nth(3)
    button = page.get_by_role("button", name="Open the interactive figure").nth(1)
    button.click()
    chart = page.locator(".figure-place").nth(1)
    expect(chart.locator("svg")).to_be_visible()
    expect(chart).to_contain_text("ρ = 0.282")
    chart.get_by_label("fit up to").select_option("4400")
    expect(chart).not_to_contain_text("ρ = 0.282")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Back to the still figure").click()
    expect(chart).to_be_hidden()
    expect(still).to_be_visible()
    assert page.seen["complaints"] == []


def test_the_reader_chooses_the_sizes_and_the_law_of_a_fit(visit):
    page = visit("gallery")
    page.get_by_role("button", name="Open the interactive figure").nth(3).click()
    chart = page.locator(".figure-place").nth(3)
    expect(chart).to_contain_text("published 0.5")
    of_all = chart.locator(".mark-text").last.text_content()
    chart.get_by_label("fitted").select_option("without the largest")
    expect(chart.locator(".mark-text").last).not_to_have_text(of_all)
    chart.get_by_label("law").select_option("power law with a floor")
    expect(chart).to_contain_text("floor")
    chart.locator(".mark-symbol path").first.hover()
    expect(page.locator("#vg-tooltip-element")).to_contain_text("samples")
    assert not violations(page)
    assert page.seen["complaints"] == []


def test_on_paper_the_still_figures_are_shown(visit):
    page = visit("gallery")
    page.get_by_role("button", name="Open the interactive figure").first.click()
    page.emulate_media(media="print")
    expect(page.locator(".figure-svg").first).to_be_visible()
    expect(page.locator(".figure-button").first).to_be_hidden()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_scoreboard_is_searched_and_filtered(visit, viewport):
    page = visit("scoreboard", viewport)
    rows, count = page.locator("tr[data-verdict]:visible"), page.locator(".scoreboard .controls [role=status]")
    expect(count).to_have_text("65 rows")
    page.get_by_label("search the scoreboard").fill("accelerated exponent")
    expect(rows.first).to_contain_text("exponent")
    assert 0 < rows.count() < 10
    page.get_by_label("search the scoreboard").fill("")
    page.get_by_label("all sources").select_option("summary")
    expect(count).to_have_text("9 rows")
    page.get_by_label("all verdicts").select_option("differs")
    assert {row.get_attribute("data-verdict") for row in rows.all()} <= {"differs"}
    if viewport == PHONE:
        page.get_by_label("all verdicts").select_option("")
        for cell in rows.first.locator("td").all():
            box = cell.bounding_box()
            assert 0 <= box["x"] and box["x"] + box["width"] <= PHONE["width"]


# --- the planner and `plaw estimate` ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def planner(browser):
    """An empty page with the planner's scripts, those that compute: it needs no built book."""
    page = browser.new_page(offline=True)
    for script in SCRIPTS:
        page.add_script_tag(path=ROOT / "book" / "_static" / "planner" / f"{script}.js")
    yield page
    page.close()


IN_THE_BROWSER = ("four points", "accuracies, a budget", "notes")  # test_planner.py asks about all others, in node


@pytest.mark.parametrize("text, options", [case for name, *case in cases() if name in IN_THE_BROWSER])
def test_the_planner_agrees_with_the_command(planner, tmp_path, text, options):
    check_agreement(planner.evaluate(ASK, [text, DEFAULTS | options]), text, options, tmp_path)


def answered(page):
    """The answer, once all of it is found."""
    expect(page.locator("#planner-answer")).to_have_attribute("aria-busy", "false")
    return page.locator("#planner-answer")


def test_the_page_answers_what_is_typed(visit):
    page = visit("planner")
    answer, refusal = page.locator("#planner-answer"), page.locator("#planner-refusal")
    page.get_by_label("Law", exact=True).select_option("akaike")
    expect(answer).to_contain_text("1,061 examples for an error of 0.02; 95% interval: 803 to 1,462.")
    expect(page.get_by_role("img", name=re.compile("n = 1,061"))).to_be_visible()
    page.get_by_label("Law", exact=True).select_option("auto")
    page.locator("#planner-test").evaluate("(field) => { field.value = ''; }")
    page.locator("#planner-target").fill("0.03")
    page.get_by_label("Confidence").select_option("90%")
    page.get_by_label("Predict at").fill("240")
    expect(answer).to_contain_text("90% interval:")
    expect(answer).to_contain_text("Error at 240")
    command = planning.estimate([9, 15, 30, 60], [0.217, 0.168, 0.119, 0.084], 0.03, level=0.9)
    expect(answer).to_contain_text(f"{command.size.value:,.0f} examples for an error of 0.03")
    expect(answer).to_contain_text("a new measurement:")
    page.get_by_label("Learning curve").first.fill("n,error\n10,abc")
    expect(refusal).to_have_text("The curve, line 2: error must be a number, but the cell is 'abc'.")
    expect(answer).to_be_empty()
    page.get_by_label("Start from", exact=True).select_option(index=2)
    page.locator("#planner-target").fill("0.015")
    expect(answer).to_contain_text("No number of examples")
    expect(refusal).to_be_hidden()
    expect(page.locator("#planner-chart .band")).to_be_visible()
    assert page.seen["complaints"] == []


ACCURACY = "Train size;Accuracy\n1.000;60,5%\n2.000;69%\n4.000;75,5%\n8.000;80,7%\n16.000;84,8%\n"


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_two_files_are_dropped_compared_shared_and_downloaded(visit, tmp_path, viewport):
    page = visit("planner", viewport)
    contents = [ACCURACY.encode(), ACCURACY.replace("80,7%", "77,1%").replace("84,8%", "81%").encode("utf-16")]
    page.locator("#planner").evaluate(
        """(form, contents) => {
            const dataTransfer = new DataTransfer();
            for (const bytes of contents) dataTransfer.items.add(new File([Uint8Array.from(bytes)], "curve.csv"));
            form.dispatchEvent(new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true}));
        }""",
        [list(content) for content in contents],
    )
    page.locator("#planner-test").evaluate("(field) => { field.value = ''; }")
    page.locator("#planner-target").fill("86%")
    page.get_by_text("Price and budget").click()
    page.get_by_label("Price of an example").fill("0.01")
    page.locator("#planner-budget").fill("500")
    answer = answered(page)
    expect(answer).to_contain_text("times the examples of first curve")
    expect(answer).to_contain_text("for Accuracy 0.86")
    expect(answer).to_contain_text("500 buys 50,000 examples, with an expected Accuracy of 0.")
    expect(page.locator("#planner-chart .name")).to_have_text(["first curve", "second curve"])
    answered(page)
    assert not violations(page)
    for action in ("json", "csv", "svg", "png"):
        with page.expect_download() as download:
            page.locator(f"[data-action={action}]").click()
        download.value.save_as(tmp_path / f"answer.{action}")
    data = json.loads((tmp_path / "answer.json").read_text())
    assert [curve["name"] for curve in data["curves"]] == ["first curve", "second curve"]
    assert data["curves"][0]["target"] == 0.86 and data["comparisons"][0]["factor"]["value"] > 1
    rows = list(csv.DictReader((tmp_path / "answer.csv").read_text().splitlines()))
    assert float(rows[0]["value"]) == pytest.approx(data["curves"][0]["n"])
    assert "second curve" in (tmp_path / "answer.svg").read_text()
    assert (tmp_path / "answer.png").read_bytes().startswith(b"\x89PNG") and (
        tmp_path / "answer.png"
    ).stat().st_size > 5000
    page.get_by_role("button", name="Link to this answer").click()
    expect(page.locator("#planner-said")).to_contain_text("The link")
    words, address = answer.inner_text(), page.url
    page.goto("about:blank")
    page.goto(address)
    assert answered(page).inner_text() == words
    assert page.seen["complaints"] == []


def test_the_target_is_moved_on_the_picture(visit):
    page = visit("planner")
    page.get_by_label("Law", exact=True).select_option("power")
    knob, target = page.get_by_role("slider", name="Target on the picture"), page.locator("#planner-target")
    expect(answered(page)).to_contain_text("1,061 examples")
    knob.press("PageUp")
    expect(target).to_have_value("0.025")
    expect(knob).to_have_attribute("aria-valuetext", "an error of 0.025")
    expect(page.locator("#planner-answer")).to_contain_text("679 examples for an error of 0.025")
    knob.scroll_into_view_if_needed()
    box = knob.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 40, steps=4)
    page.mouse.up()
    expect(target).not_to_have_value("0.025")
    assert 0.03 < float(target.input_value()) < 0.2
    expect(page.locator("#planner-answer")).to_contain_text(f"for an error of {target.input_value()}")
    knob.press("End")
    expect(page.locator("#planner-answer")).to_contain_text("the target is already met")


@pytest.mark.parametrize(
    "field, text, sentence",
    [
        ("planner-target", "a little", "'a little' is not a number, like 0.02 or 2%."),
        ("planner-target", "", "The target is the wanted error, a number like 0.02 or 2%: none is given."),
        ("planner-at", "240;300", "Sizes are numbers with commas between them, like 240,5421 or 4k; not 240;300."),
        ("planner-second", "size,loss,auc\n1,2,3", "The second curve: loss, auc could all be the errors or scores: "
         "name one of them by the field “Column of errors or scores”."),
        ("planner-budget", "10", "A budget needs the price of an example, and a price a budget: "
         "give both cost and budget."),
    ],
)  # fmt: skip
def test_a_field_that_makes_no_sense_is_one_sentence(visit, field, text, sentence):
    page = visit("planner")
    page.evaluate("document.querySelectorAll('#planner details').forEach((part) => { part.open = true; })")
    page.locator(f"#{field}").fill(text)
    expect(page.get_by_role("alert")).to_have_text(sentence)


def test_the_sliders_move_with_the_keyboard_and_show_the_laws_numbers(visit):
    page = visit("planner", PHONE)
    answer = page.locator("#play-answer")
    expect(answer).to_contain_text("An error of 0.02 needs 1,056 examples. Twice the data brings 0.0141, 29% less")
    page.get_by_label("Exponent").press("End")
    expect(answer).to_contain_text(
        "An error of 0.02 needs 33 examples. Twice the data brings 0.01, 50% less; to halve the error takes 2 times"
    )
    page.get_by_label("Amplitude").press("ArrowRight")
    expect(page.get_by_label("Start from a line of the paper")).to_have_value("")
    expect(page.get_by_role("img", name=re.compile("An error of 0.02 needs 33 examples"))).to_be_visible()
