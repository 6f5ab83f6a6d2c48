// A measured learning curve from text, checked: plaw/curves/reading.py and plaw/curves/curve.py.
"use strict";

/** What is wrong with the input and what to do, in one sentence. */
plaw.Refusal = class extends Error {};

plaw.curve = (() => {
  const { sum, unique, median, general } = plaw.numbers;
  const FEW = 10; // samples per size; with fewer, their relative spread is pooled over the sizes
  const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

  function toNumber(text) {
    const word = (text ?? "").trim().toLowerCase();
    if (NUMBER.test(word)) return Number(word);
    if (/^[+-]?nan$/.test(word)) return NaN;
    if (/^[+-]?inf(inity)?$/.test(word)) return word.startsWith("-") ? -Infinity : Infinity;
    return undefined;
  }

  const cells = (line) => line.split(",").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));

  /** Rows of CSV text as objects of numbers: the columns n and error, and std where there is one. */
  function readRows(text) {
    const [header, ...lines] = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/).filter((line) => line !== "").map(cells);
    const names = ["n", "error", "std"].filter((name) => header?.includes(name));
    if (!lines.length || !names.includes("n") || !names.includes("error")) {
      throw new plaw.Refusal("The curve needs a first line that names the columns n and error (and optionally std), and rows below it.");
    }
    return lines.map((line, i) => {
      const given = names.map((name) => line[header.lastIndexOf(name)]), values = given.map(toNumber);
      if (values.includes(undefined)) {
        const shown = given.map((cell) => cell || "nothing").join(" and ");
        throw new plaw.Refusal(`The curve, line ${i + 2}: ${names.join(" and ")} must be numbers, but the line has ${shown}.`);
      }
      return Object.fromEntries(names.map((name, j) => [name, values[j]]));
    });
  }

  /**
   * The curve of CSV text: {x, y, yerr, known, logX, logY, logError}, sizes ascending. Rows of one size are samples, unless there is a
   * column std; testSize: of the test set, for the counting noise where the text gives none.
   */
  function readCurve(text, testSize) {
    const rows = readRows(text);
    rows.forEach(({ n, error }) => { if (Number.isNaN(n)) refuse("size", n); });
    const given = "std" in rows[0];
    const groups = given ? [] : unique(rows.map((row) => row.n)).map((n) => rows.filter((row) => row.n === n).map((row) => row.error));
    const sampled = groups.some((group) => group.length > 1);
    let points = given ? rows.map(({ n, error, std }) => ({ n, error, std })) : unique(rows.map((row) => row.n)).map((n, i) => ({
      n, error: sum(groups[i]) / groups[i].length,
    }));
    if (testSize !== undefined) {
      if (given || sampled) throw new plaw.Refusal("The noise is known already, from its own column or from several runs: leave out the test size.");
      points = points.map(({ n, error }) => ({ n, error, std: binomialError(error, testSize) }));
    }
    check(points, groups);
    if (sampled) standardErrors(points, groups);
    points.sort((a, b) => a.n - b.n);
    return makeCurve(points);
  }

  function makeCurve(points) {
    const x = points.map((point) => point.n), y = points.map((point) => point.error), known = points[0].std !== undefined;
    return {
      x, y, known, yerr: points.map((point) => point.std),
      logX: x.map(Math.log), logY: y.map(Math.log),
      logError: points.map(({ std, error }) => (known ? std / error : 1)),
      // the standard error of log y of one more run: as noisy as those behind the median of the points
      runNoise: known ? median(points.map(({ std, error, runs }) => (std / error) * Math.sqrt(runs ?? 1))) : 1,
    };
  }

  function refuse(name, value) {
    const fate = "a law on logarithms cannot use it, leave it out.";
    throw new plaw.Refusal(`Every ${name} must be a positive number, but one is ${general(value)}: ${fate}`);
  }

  function check(points, groups) {
    for (const [name, key] of [["size", "n"], ["y", "error"], ["yerr", "std"]]) {
      const wrong = points.find((point) => point[key] !== undefined && !(Number.isFinite(point[key]) && point[key] > 0));
      if (wrong) refuse(name, wrong[key]);
    }
    if (groups.flat().some((error) => !(error >= 0 && error < Infinity))) {
      throw new plaw.Refusal("Every sample must be a number and not negative: leave out the runs that failed.");
    }
  }

  /** Standard deviation of an error rate counted on `testSize` test examples. */
  function binomialError(error, testSize) {
    if (!(error > 0 && error < 1 && testSize > 0)) {
      throw new plaw.Refusal("Counting noise needs error rates between 0 and 1 and a positive number of test examples.");
    }
    return Math.sqrt((error * (1 - error)) / testSize);
  }

  /** Put the standard error of each mean into its point, where the samples show it. */
  function standardErrors(points, groups) {
    const counts = groups.map((group) => group.length);
    const squares = groups.map((group, i) => sum(group.map((error) => (error / points[i].error - 1) ** 2)));
    const pooled = sum(squares) / sum(counts.map((count) => count - 1));
    const own = Math.min(...counts) >= FEW && Math.min(...squares) > 0;
    if (!own && !(sum(squares) > 0)) return;
    points.forEach((point, i) => {
      const relative = own ? squares[i] / (counts[i] - 1) : pooled;
      point.std = point.error * Math.sqrt(relative / counts[i]);
      point.runs = counts[i];
    });
  }

  return { readCurve, makeCurve };
})();
