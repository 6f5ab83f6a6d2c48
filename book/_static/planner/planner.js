// The planner of the page: reads the form, asks plaw.planning, and writes and draws the answer.
"use strict";

plaw.planner = (() => {
  const { spaced, general, grouped, plain } = plaw.numbers;
  const { estimate, sizeText, percent } = plaw.planning;
  const PAUSE = 300; // milliseconds after the last key until the answer is sought
  const BAND = 40; // sizes at which the band is drawn
  const form = document.getElementById("planner");
  const answer = document.getElementById("planner-answer"), chart = document.getElementById("planner-chart");
  const refusal = document.getElementById("planner-refusal"), figure = document.getElementById("planner-figure");
  const examples = JSON.parse(document.getElementById("planner-examples").textContent);
  let shown = null; // the estimate on the page, with its band as far as that is found
  let asked = 0; // questions so far: a band that is sought for an older one stops

  /** The fields as `plaw estimate` takes them; blank ones are left out. */
  function question() {
    const { curve, target, law, level, at, test } = Object.fromEntries(new FormData(form));
    const sizes = at.split(",").filter((part) => part.trim()).map(Number);
    if (sizes.some(Number.isNaN)) throw new plaw.Refusal(`Sizes are numbers with commas between them, like 240,5421; not ${at.trim()}.`);
    return {
      curve: plaw.curve.readCurve(curve, test.trim() ? Number(test) : undefined),
      options: { target: target.trim() ? Number(target) : NaN, law, level: Number(level), at: sizes },
    };
  }

  function ask() {
    asked += 1;
    try {
      const { curve, options } = question();
      shown = { ...estimate(curve, options), band: [] };
    } catch (error) {
      if (!(error instanceof plaw.Refusal)) throw error;
      shown = null;
      refusal.textContent = error.message;
      answer.replaceChildren();
      chart.replaceChildren();
    }
    refusal.hidden = shown !== null;
    figure.hidden = shown === null;
    if (!shown) return;
    answer.replaceChildren(...words(shown));
    shown.grid = spaced(...range(shown).map(Math.log), BAND);
    shown.line = shown.grid.map((logN) => [Math.exp(logN), predicted(shown, logN)]);
    draw();
    findBand(asked);
  }

  /** The error at log n: the average's median, or that of the one law. */
  const predicted = ({ forecast, fit }, logN) => Math.exp((forecast ?? fit).predict(logN));

  /** Low and high of the logarithm of the law at log n. */
  const bandAt = ({ forecast, fit, size }, logN) => (forecast ? forecast.band(logN, size.level) : plaw.fit.band(fit, [logN], size.level)[0]);

  /** The band, a little at a time, so that the page stays alive: it takes seconds for a law of five parameters. */
  function findBand(question) {
    const begun = performance.now();
    while (shown.band.length < BAND && performance.now() - begun < 50) {
      const [low, high] = bandAt(shown, shown.grid[shown.band.length]);
      shown.band.push([Math.exp(shown.grid[shown.band.length]), Math.exp(low), Math.exp(high)]);
    }
    draw();
    if (shown.band.length < BAND) setTimeout(() => { if (question === asked) findBand(question); });
  }

  /** The sizes from the first to the last of which the chart reaches, as in plaw/curves/drawing.py. */
  function range({ fit, size, target }) {
    const { x } = fit.curve, ends = [size.n, size.low, size.high].filter((n) => n > 0 && n < Infinity);
    return [Math.min(x[0], ...ends) / 1.5, Math.min(Math.max(x.at(-1), ...ends) * 1.5, 1e6 * x.at(-1))];
  }

  const made = (name, content, className) => {
    const node = document.createElement(name);
    node.append(...[content].flat());
    if (className) node.className = className;
    return node;
  };

  /** The answer as elements: the number, its interval, the law, the predicted errors, the advice and the warnings. */
  function words({ size, fit, forecast, why, expected, assured, chances = [], advice, warnings, target }) {
    const parameters = Object.entries(fit.params).map(([name, value]) => `${name} = ${general(value, 4)}`).join(", ");
    const rows = [
      ...(assured > 0 && assured < Infinity ? [["A new measurement", `reaches it with 80% probability at n = ${plain(assured)}`]] : []),
      ...(chances.length ? [["A new measurement", `reaches it with a probability of ${chances.map(({ n, chance }) => `${percent(chance)} at n = ${plain(n)}`).join(", ")}`]] : []),
      [forecast ? "Closest law" : "Law", `${fit.law.name}: ${fit.law.formula}, with ${parameters}`],
      ["Why", why],
      ...expected.map((e) => [`Error at ${grouped(general(e.n))}`, `${general(e.error, 4)} (${general(e.low, 4)} to ${general(e.high, 4)})`
        + (forecast ? `; a new measurement: ${general(e.newLow, 4)} to ${general(e.newHigh, 4)}` : "")]),
      ...(advice ? [["Next measurement", advice]] : []),
    ];
    return [
      made("p", [made("strong", headline(size)), ` for an error of ${general(target)}; ${intervalText(size)}.`], "headline"),
      ...warnings.map((warning) => made("p", `Beware: ${warning}.`, "warning")),
      made("dl", rows.flatMap(([name, text]) => [made("dt", name), made("dd", text)])),
    ];
  }

  const headline = ({ n }) => (Number.isNaN(n) ? "No number can be predicted" : n === Infinity ? "No number of examples" : n > 0 ? `${plain(n)} examples` : "Any number of examples");

  function intervalText({ low, high, level }) {
    if (Number.isNaN(low)) return "no interval";
    const name = `${percent(level)} interval`;
    if (low === Infinity) return `no number within the ${name}, either`;
    if (high === Infinity) return `${name}: ${plain(low)} or more, without an upper end`;
    return `${name}: ${plain(low)} to ${plain(high)}`;
  }

  function draw() {
    const { fit, forecast, size, target, band, grid, line } = shown, { curve } = fit;
    const errors = [target, ...curve.y, ...line.map(([, error]) => error)];
    const layers = [
      { kind: "level", y: target, label: `target ${general(target)}` },
      { kind: "line", points: line },
      { kind: "points", points: curve.x.map((n, i) => [n, curve.y[i], curve.yerr[i]]) },
    ];
    if (band.length === BAND) layers.unshift({ kind: "band", points: band });
    if (size.low < Infinity) layers.push({ kind: "interval", y: target, from: size.low, to: size.high });
    if (size.n > 0 && size.n < Infinity) layers.push({ kind: "mark", x: size.n, y: target, label: `n = ${plain(size.n)}` });
    plaw.chart.draw(chart, {
      x: [Math.exp(grid[0]), Math.exp(grid.at(-1))], y: [Math.min(...errors) / 1.5, Math.max(...errors) * 1.3],
      xLabel: "examples n", yLabel: "error", layers,
      title: "Errors against examples, on logarithmic axes",
      description: `${curve.x.length} measured sizes, ${forecast ? "the average over laws" : `the law ${fit.law.name}`} through them, its band, and the target ${general(target)}: n = ${sizeText(size)}`,
    });
  }

  function choose() {
    const chosen = examples[form.elements.example.value];
    if (!chosen) return;
    form.elements.curve.value = chosen.csv;
    form.elements.target.value = chosen.target;
    form.elements.test.value = chosen.test ?? "";
    ask();
  }

  let waiting;
  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    if (event.target.name === "example") { choose(); return; }
    if (["curve", "test"].includes(event.target.name)) form.elements.example.value = "";
    waiting = setTimeout(ask, PAUSE);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const [name, { title }] of Object.entries(examples)) form.elements.example.add(new Option(title, name));
  form.elements.example.value = Object.keys(examples)[0];
  choose();
  plaw.chart.onResize(chart, () => shown && draw());
})();
