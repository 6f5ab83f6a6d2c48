// The answer as data: the JSON of `plaw estimate --json`, and rows for a spreadsheet.
"use strict";

plaw.answer = (() => {
  const { higherIsBetter, flip } = plaw.metrics;
  const finite = (value) => (Number.isFinite(value) ? value : null);
  const rounded = (value) => Number(value.toPrecision(12));

  /** A value and its ends in the unit of the metric: ends of a score change places. */
  function inUnit(metric, value, low, high) {
    const ends = [low, high].map((end) => flip(metric, end));
    return [flip(metric, value), ...(higherIsBetter(metric) ? ends.reverse() : ends)];
  }

  /** As plaw/curves/planning.py's Estimate.to_dict; numbers without end or meaning are null. */
  function toDict({ metric, target, size, assured, fit, forecast, why, expected, warnings, bought, plan }) {
    const score = higherIsBetter(metric);
    const parameters = Object.entries(fit.params).map(([name, value]) => [name, finite(value)]);
    const entry = ({ n, error, low, high, newLow, newHigh }) => {
      const named = { n, error, low, high, new_low: newLow, new_high: newHigh };
      if (score) {
        const [value, valueLow, valueHigh] = inUnit(metric, error, low, high), [, valueNewLow, valueNewHigh] = inUnit(metric, error, newLow, newHigh);
        Object.assign(named, { value, value_low: valueLow, value_high: valueHigh, value_new_low: valueNewLow, value_new_high: valueNewHigh });
      }
      return Object.fromEntries(Object.entries(named).map(([name, value]) => [name, finite(value)]));
    };
    return {
      target: score ? rounded(flip(metric, target)) : target, n: finite(size.n), low: finite(size.low), high: finite(size.high),
      assured: finite(assured), level: size.level, metric: metric.name, law: fit.law.name, why, params: Object.fromEntries(parameters), warnings,
      ...(forecast ? { laws: Object.fromEntries(forecast.laws.map((name) => [name, 1 / forecast.laws.length])) } : {}),
      ...(expected.length ? { expected: expected.map(entry) } : {}),
      ...(bought ? { budget: budgetOf(bought, size, plan) } : {}),
    };
  }

  function budgetOf({ cost, budget, n }, size, plan) {
    const price = { value: finite(size.n * cost), low: finite(size.low * cost), high: finite(size.high * cost) };
    if (!plan) return { cost, budget, n, price };
    return { cost, budget, n, price, plan: { ...plan, runs: plan.runs.map(([n, repeats]) => ({ n, repeats })) } };
  }

  /** One answer as `plaw estimate --json` prints it, several as with --group. */
  function toJson(answers) {
    if (answers.length === 1) return toDict(answers[0][1]);
    const comparisons = plaw.savings.compare(answers).map(({ best, name, factor }) =>
      ({ best, name, factor: { value: finite(factor.value), low: finite(factor.low), high: finite(factor.high) } }));
    return { curves: answers.map(([name, answer]) => ({ name, ...toDict(answer) })), comparisons };
  }

  const cell = (value) => (typeof value === "string" ? (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value) : value === null ? "" : String(value));
  const NAMES = ["curve", "asked", "at", "value", "low", "high", "new_low", "new_high"];

  /** A line for each number: the examples that the target needs, and what is expected at each size asked about. answers: [[name, answer]]. */
  function toCsv(answers) {
    const rows = answers.flatMap(([name, answer]) => {
      const { metric, asked, size, assured, expected } = answer;
      return [
        [name, "examples", asked, size.n, size.low, size.high, null, null],
        ...(Number.isFinite(assured) ? [[name, "examples for 80% of new measurements", asked, assured, null, null, null, null]] : []),
        ...expected.map(({ n, error, low, high, newLow, newHigh }) =>
          [name, metric.name, n, ...inUnit(metric, error, low, high), ...inUnit(metric, error, newLow, newHigh).slice(1)]),
      ].map((row) => row.map((value) => (typeof value === "number" ? finite(value) : value)));
    });
    return [NAMES, ...rows].map((row) => row.map(cell).join(",")).join("\n").concat("\n");
  }

  return { inUnit, toDict, toJson, toCsv };
})();
