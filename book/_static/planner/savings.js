// How much data one method saves over another: plaw/curves/savings.py.
"use strict";

plaw.savings = (() => {
  const { plain, general } = plaw.numbers;

  /** How many times the examples of the first the second needs: {value, low, high, level}; by MOVER, on logarithms. */
  function dataFactor(first, second) {
    const { level } = first, [a, b] = [first, second].map(({ n, low, high }) => [n, low, high].map(Math.log));
    if (Number.isNaN(a[0]) || Number.isNaN(b[0])) return { value: NaN, low: NaN, high: NaN, level };
    if (!Number.isFinite(a[0]) || !Number.isFinite(b[0])) {
      return { value: a[0] === b[0] ? NaN : b[0] < a[0] ? Math.exp(b[0] - a[0]) : Infinity, low: NaN, high: NaN, level };
    }
    const value = b[0] - a[0], down = Math.hypot(b[0] - b[1], a[2] - a[0]), up = Math.hypot(b[2] - b[0], a[0] - a[1]);
    const [best, low, high] = [value, value - down, value + up].map(Math.exp);
    return { value: best, low, high, level };
  }

  /** The curve that needs the fewest examples beside each of the others: [{best, name, factor, sentence}]. answers: [[name, answer]]. */
  function compare(answers) {
    const needed = ([, { size }]) => (Number.isNaN(size.n) ? Infinity : size.n);
    const best = answers.reduce((best, next) => (needed(next) < needed(best) ? next : best));
    return answers.filter((each) => each !== best).map(([name, { size }]) => {
      const factor = dataFactor(best[1].size, size);
      return { best: best[0], name, factor, sentence: sentence(best[0], name, factor) };
    });
  }

  function sentence(best, name, { value, low, high, level }) {
    if (!Number.isFinite(value)) return `${name} does not reach the target${value > 0 ? `, ${best} does` : ""}`;
    return `${name} needs ${plain(value)} (${general(100 * level)}% interval ${plain(low)} ... ${plain(high)}) times the examples of ${best}`;
  }

  return { dataFactor, compare };
})();
