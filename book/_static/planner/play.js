// Play with a power law: three sliders, its line on logarithmic axes, the number of examples, and what twice the data buys.
"use strict";

plaw.play = (() => {
  const { general, grouped, plain } = plaw.numbers;
  const AXES = { x: [1, 1e7], y: [1e-3, 1] };
  const form = document.getElementById("play"), answer = document.getElementById("play-answer"), chart = document.getElementById("play-chart");
  const curves = JSON.parse(document.getElementById("play-curves").textContent);
  const LOGARITHMIC = ["c0", "target"]; // sliders that move along a logarithm of ten

  const value = (name) => {
    const position = Number(form.elements[name].value);
    return Number((LOGARITHMIC.includes(name) ? 10 ** position : position).toPrecision(3));
  };
  const sizeText = (n) => (n < 1e15 ? plain(n < 10 ? n : Math.round(n)) : `about 10^${Math.round(Math.log10(n))}`);

  function show() {
    const [c0, rho, target] = ["c0", "rho", "target"].map(value), n = (c0 / target) ** (1 / rho);
    for (const [name, number] of Object.entries({ c0, rho, target })) {
      form.elements[`${name}-value`].value = general(number, 3);
      form.elements[name].setAttribute("aria-valuetext", general(number, 3));
    }
    const twice = 2 ** -rho, half = 2 ** (1 / rho);
    answer.textContent = `An error of ${general(target, 3)} needs ${sizeText(n)} examples. Twice the data brings ${general(target * twice, 3)}, `
      + `${Math.round(100 * (1 - twice))}% less; to halve the error takes ${grouped(general(half, 3))} times the data, ${sizeText(n * half)}.`;
    draw(c0, rho, target, n, answer.textContent);
  }

  function draw(c0, rho, target, n, description) {
    const error = (size) => c0 * size ** -rho, [first, last] = AXES.x, layers = [
      { kind: "level", y: target, label: `target ${general(target, 3)}` },
      { kind: "line", points: [[first, error(first)], [last, error(last)]] },
    ];
    if (n >= first && n <= last) {
      layers.push({ kind: "steps", points: [[n, target], [2 * n, target], [2 * n, error(2 * n)]] });
      layers.push({ kind: "mark", x: n, y: target, label: `n = ${sizeText(n)}` });
    }
    plaw.chart.draw(chart, { ...AXES, xLabel: "examples n", yLabel: "error", layers, title: "A power law on logarithmic axes", description });
  }

  function choose() {
    const chosen = curves[form.elements.curve.value];
    if (!chosen) return;
    form.elements.c0.value = Math.log10(chosen.c0);
    form.elements.rho.value = chosen.rho;
    show();
  }

  form.addEventListener("input", (event) => {
    if (event.target.name === "curve") { choose(); return; }
    if (event.target.name !== "target") form.elements.curve.value = "";
    show();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const [name, { title }] of Object.entries(curves)) form.elements.curve.add(new Option(title, name));
  form.elements.curve.value = Object.keys(curves)[0];
  choose();
  plaw.chart.onResize(chart, show);
})();
