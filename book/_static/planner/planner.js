// The planner of the page: what the reader types, drops or drags becomes a question, and the answer is written and drawn.
"use strict";

plaw.planner = (() => {
  const { made, elementsOf, row, planText, wanted } = plaw.words;
  const { general } = plaw.numbers;
  const PAUSE = 300; // milliseconds after the last key until the answer is sought
  const AT_ONCE = 50; // milliseconds of work until the page may draw itself
  const byId = (name) => document.getElementById(`planner${name && `-${name}`}`);
  const [form, answerPlace, chartPlace, refusal, figure, knob, said, legend] = ["", "answer", "chart", "refusal", "figure", "knob", "said", "legend"].map(byId);
  const examples = JSON.parse(byId("examples").textContent);
  const { elements } = form;
  const started = Object.fromEntries(new FormData(form)); // the fields as the page brings them
  let shown = null; // {answered, series, axes}: the answers on the page, their picture as far as it is found, and its scales
  let asked = 0; // questions so far: work that is left of an older one stops

  function ask() {
    asked += 1;
    let found = null;
    try {
      found = plaw.form.answers(plaw.form.read(Object.fromEntries(new FormData(form))));
    } catch (error) {
      if (!(error instanceof plaw.Refusal)) throw error;
      refuse(error);
    }
    refusal.hidden = found !== null;
    figure.hidden = found === null;
    shown = found && { answered: found.answered, series: plaw.picture.sketch(found.answered) };
    if (!shown) return;
    write(found.answered, found.left);
    later(asked, steps(found.answered));
  }

  function refuse(error) {
    refusal.textContent = plaw.form.inThePage(error.message);
    refusal.hidden = false;
    answerPlace.replaceChildren();
  }

  function write(answered, left) {
    const several = answered.length > 1;
    answerPlace.replaceChildren(
      ...(several ? plaw.savings.compare(answered).map(({ sentence }) => made("p", `${sentence}.`, "saving")) : []),
      ...left.map((sentence) => made("p", `Beware: ${sentence}`, "warning")),
      ...answered.map(([name, answer]) => made("section", [
        ...(several ? [made("h3", name)] : []),
        ...elementsOf({ ...answer, warnings: answer.warnings.map(plaw.form.inThePage) }),
      ])),
    );
    legend.hidden = several;
  }

  /** What takes longer, a little at a time: the bands, the next measurement, and the runs that the budget pays. */
  function steps(answered) {
    const lists = [...answerPlace.querySelectorAll("dl")];
    const add = (i, name, text) => text && lists[i].append(...row([name, text]));
    return [
      () => plaw.picture.widen(shown.series),
      ...answered.map(([, answer], i) => () => add(i, "Next measurement", plaw.design.advice(answer))),
      ...answered.filter(([, { bought }]) => bought).map(([, answer], i) => () => {
        answer.plan = plaw.design.plan(answer, answer.bought.cost, answer.bought.budget);
        add(i, "Runs for the budget", answer.plan && planText(answer.plan));
      }),
    ];
  }

  function later(question, left) {
    if (question !== asked) return;
    const begun = performance.now();
    while (left.length && performance.now() - begun < AT_ONCE) if (left[0]() !== true) left.shift();
    draw();
    answerPlace.setAttribute("aria-busy", left.length > 0);
    if (left.length) setTimeout(() => later(question, left));
  }

  /** dragged: the error of a target that is on its way. */
  function draw(dragged) {
    const { answer } = shown.series[0], chart = plaw.picture.chartOf(shown.series, dragged), error = dragged ?? answer.target;
    shown.axes = plaw.chart.draw(chartPlace, chart);
    const value = plaw.metrics.flip(answer.metric, error);
    plaw.handle.place(knob, shown.axes, error, value, wanted({ ...answer, asked: Number(value.toPrecision(4)) }));
  }

  function fill(fields) {
    for (const [name, text] of Object.entries({ ...started, ...fields })) if (elements[name]) elements[name].value = text;
    for (const part of form.querySelectorAll("details")) part.open = [...part.querySelectorAll("input, textarea")].some((field) => field.value);
    ask();
  }

  const choose = (name) => fill({ example: name, curve: examples[name].csv, target: examples[name].target, test: examples[name].test ?? "" });

  async function open(files) {
    const names = ["curve", "second"];
    try {
      for (const [i, file] of [...files].slice(0, 2).entries()) {
        elements[names[i]].value = plaw.table.decoded(new Uint8Array(await file.arrayBuffer()), file.name);
        elements[names[i]].closest("details")?.setAttribute("open", "");
      }
      elements.example.value = "";
      ask();
    } catch (error) {
      if (!(error instanceof plaw.Refusal)) throw error;
      refuse(error);
    }
  }

  const fields = () => [...new FormData(form)].filter(([name, text]) => name !== "example" && text !== started[name]);
  const tell = (text) => { said.textContent = text; };

  const ACTIONS = {
    async link() {
      const link = plaw.sharing.linkOf(fields());
      location.hash = link.split("#")[1];
      try {
        await navigator.clipboard.writeText(link);
        tell("The link is copied, and stands in the address bar.");
      } catch {
        tell("The link stands in the address bar.");
      }
    },
    json: () => plaw.sharing.saveText("answer.json", `${JSON.stringify(plaw.answer.toJson(shown.answered), null, 2)}\n`, "application/json"),
    csv: () => plaw.sharing.saveText("answer.csv", plaw.answer.toCsv(shown.answered), "text/csv"),
    svg: () => plaw.sharing.saveText("answer.svg", plaw.sharing.standalone(chartPlace.firstChild), "image/svg+xml"),
    png: () => plaw.sharing.savePng("answer.png", chartPlace.firstChild),
  };

  let waiting;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  };
  form.addEventListener("input", ({ target }) => {
    if (target.type === "file") return;
    if (target.name === "example") {
      clearTimeout(waiting);
      if (target.value) choose(target.value);
      return;
    }
    if (["curve", "test"].includes(target.name)) elements.example.value = "";
    soon();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  byId("files").addEventListener("change", ({ target }) => open(target.files));
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    open(event.dataTransfer.files);
  });
  byId("tools").addEventListener("click", ({ target }) => ACTIONS[target.dataset.action]?.());
  const errorNow = () => shown.series[0].answer.target;
  const setTarget = (error) => {
    const { metric } = shown.series[0].answer;
    elements.target.value = general(Number(plaw.metrics.flip(metric, error).toPrecision(6)));
    draw(error);
  };
  let onItsWay = null; // the target that the keyboard has moved and that is not yet answered
  plaw.handle.make(knob, {
    chart: () => shown.axes, target: () => onItsWay ?? errorNow(), moved: setTarget,
    dropped(error) {
      onItsWay = error;
      setTarget(error);
      clearTimeout(waiting);
      waiting = setTimeout(() => { onItsWay = null; ask(); }, PAUSE);
    },
  });
  const fromAddress = () => {
    const carried = plaw.sharing.fieldsOf(location.href);
    if (carried) fill({ example: "", ...carried });
    return carried;
  };
  addEventListener("hashchange", () => plaw.sharing.linkOf(fields()) === location.href || fromAddress());
  for (const [name, { title }] of Object.entries(examples)) elements.example.add(new Option(title, name));
  if (!fromAddress()) choose(Object.keys(examples)[0]);
  plaw.chart.onResize(chartPlace, () => shown && draw());
})();
