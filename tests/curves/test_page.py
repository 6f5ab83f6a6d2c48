"""Answers as HTML."""

import pytest
from bs4 import BeautifulSoup

import plaw
from helpers.curves import with_offset
from plaw.curves.page import report, write_report
from plaw.errors import PlawError


@pytest.fixture(scope="module")
def answer():
    x, y = with_offset()
    return plaw.estimate(x, 1 - y, 0.97, metric="accuracy", at=[1e4], cost=0.1, budget=1000)


def test_a_notebook_shows_the_answer(answer):
    page = BeautifulSoup(answer._repr_html_(), "html.parser")
    assert page.caption.text.startswith("accuracy 0.97 needs n = ")
    rows = {row.th.text: row.td.text for row in page.find_all("tr")}
    assert rows["closest law"].startswith("power_offset: e_inf") and "n = " in rows["assurance"]
    assert "expected at n = 10,000" in rows and "budget" in rows


def test_the_report_is_one_page_that_needs_nothing_else(answer, tmp_path):
    write_report({"": answer}, tmp_path / "out.html")
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    page = BeautifulSoup(text, "html.parser")
    assert page.h1.text == "How many examples does an accuracy of 0.97 need?"
    assert not page.find_all(["script", "link", "img", "iframe"]) and "@import" not in text and "url(http" not in text
    assert page.svg["role"] == "img" and page.svg["aria-label"].startswith("accuracy 0.97 needs n = ")
    assert len(page.find_all("table")) == 3 and page.html["lang"] == "en"
    points = page.find_all("table")[-1].find_all("tr")
    assert len(points) == 1 + len(answer.fit.curve.y)


def test_several_curves_stand_on_one_page(answer):
    text = report({"<b>old</b>": answer, "new": answer}, ["new is <better>"])
    page = BeautifulSoup(text, "html.parser")
    assert [heading.text for heading in page.find_all("h2")] == ["<b>old</b>", "new"]
    assert page.body.p.text == "new is <better>." and len(page.find_all("svg")) == 1


def test_a_target_that_is_never_reached_has_its_page(tmp_path):
    text = report({"": plaw.estimate(*with_offset(), 0.01)})
    assert "needs n = inf" in text and 'class="warning"' in text


def test_a_page_that_cannot_be_written_is_refused(answer, tmp_path):
    with pytest.raises(PlawError, match="The report cannot be written"):
        write_report({"": answer}, tmp_path / "none" / "out.html")
