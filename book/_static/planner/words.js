// The answer in words, as elements: the number, its interval, the law, what is expected, what to measure next, and what to beware of.
"use strict";

plaw.words = (() => {
  const { general, grouped, plain } = plaw.numbers;
  const { percent, ASSURANCE } = plaw.planning;
  const { formula, higherIsBetter } = plaw.metrics;
  const { inUnit } = plaw.answer;

  const made = (name, content, className) => {
    const node = document.createElement(name);
    node.append(...[content].flat());
    if (className) node.className = className;
    return node;
  };

  /** A number of examples in four digits, whole from ten on. */
  const count = (n) => plain(n >= 10 ? Math.round(n) : n);

  const wanted = ({ metric, asked }) => (metric.name === "error" ? `an error of ${general(asked)}` : `${metric.name} ${general(asked)}`);
  const headline = ({ n }) => (Number.isNaN(n) ? "No number can be predicted" : n === Infinity ? "No number of examples" : n > 0 ? `${count(n)} examples` : "Any number of examples");

  function intervalText({ n, low, high, level }) {
    if (Number.isNaN(low)) return "no interval";
    const name = `${percent(level)} interval`;
    if (low === Infinity) return `the ${name} holds no number, either`;
    if (n === 0 && high === 0) return "";
    if (high === Infinity) return `${name}: ${count(low)} or more, without an upper end`;
    return `${name}: ${count(low)} to ${count(high)}`;
  }

  function expectedText(metric, { error, low, high, newLow, newHigh }) {
    const [value, ...law] = inUnit(metric, error, low, high), [, ...fresh] = inUnit(metric, error, newLow, newHigh);
    const ends = (pair) => pair.map((end) => general(end, 4)).join(" to ");
    return `${general(value, 4)} (${ends(law)})${Number.isNaN(newLow) ? "" : `; a new measurement: ${ends(fresh)}`}`;
  }

  function priceText({ n, low, high }, cost) {
    if (Number.isNaN(n)) return "not known";
    const ends = Number.isNaN(low) || low === Infinity ? "" : ` (${plain(low * cost)} ${high < Infinity ? `to ${plain(high * cost)}` : "or more"})`;
    return n < Infinity ? `the target costs ${plain(n * cost)}${ends}` : `no sum buys the target${ends}`;
  }

  const budgetRows = ({ metric, size, bought: { n, cost, budget, value } }) => [
    ["Price", priceText(size, cost)],
    ["Budget", `${plain(budget)} buys ${count(n)} examples, with an expected ${metric.name} of ${expectedText(metric, value)}`],
  ];

  /** Of the runs that narrow the interval most for the money. */
  const planText = ({ runs, cost, now, factor }) => `${runs.map(([n, repeats]) => `${repeats} at n = ${plain(n)}`).join(" and ")} would cost ${plain(cost)} `
    + `and narrow the interval from a factor of ${general(now, 3)} to ${general(factor, 3)} either way`;

  /** The elements of an answer. */
  function elementsOf(answer) {
    const { metric, size, fit, forecast, why, expected, assured, chances, warnings, bought } = answer;
    const parameters = Object.entries(fit.params).map(([name, value]) => `${name} = ${general(value, 4)}`).join(", ");
    const reaches = chances.map(({ n, chance }) => `${percent(chance)} at n = ${plain(n)}`).join(", "), interval = intervalText(size);
    const rows = [
      ...(assured > 0 && assured < Infinity ? [["A new measurement", `reaches it with ${percent(ASSURANCE)} probability at n = ${count(assured)}`]] : []),
      ...(reaches ? [["A new measurement", `reaches it with a probability of ${reaches}`]] : []),
      ...expected.map((each) => [`${metric.name === "error" ? "Error" : metric.name} at ${grouped(general(each.n))}`, expectedText(metric, each)]),
      ...(bought ? budgetRows(answer) : []),
      ...(higherIsBetter(metric) ? [["Fitted", formula(metric)]] : []),
      [forecast ? "Closest law" : "Law", `${fit.law.name}: ${fit.law.formula}, with ${parameters}`],
      ["Why", why],
    ];
    return [
      made("p", [made("strong", headline(size)), ` for ${wanted(answer)}${interval && `; ${interval}`}.`], "headline"),
      ...warnings.map((warning) => made("p", `Beware: ${warning}.`, "warning")),
      made("dl", rows.flatMap(row)),
    ];
  }

  const row = ([name, text]) => [made("dt", name), made("dd", text)];

  return { made, count, wanted, elementsOf, row, planText };
})();
