// A curve of sizes and errors, checked and sorted, and the means of neighbours where it has many points: plaw/curves/curve.py and binning.py.
"use strict";

plaw.curve = (() => {
  const { sum, median, general } = plaw.numbers;
  const FEW = 10; // samples per size; with fewer, their relative spread is pooled over the sizes
  const LEAST = 1e-200; // of all numbers, so that their squares and ratios are numbers too
  const LEAST_NOISE = 1e-12; // of y: the rounding of a computer is about 1e-16
  const MOST_POINTS = 100; // of a fit; a fit of more takes long and says no more

  /** The curve of sizes x and errors y, numbers or arrays of runs, with their standard errors or null. Throws plaw.Refusal. */
  function checkedCurve(x, y, yerr) {
    const runs = y.map((part) => (Array.isArray(part) ? part : [part])), sampled = y.some(Array.isArray);
    const points = x.map((n, i) => ({ n, error: sum(runs[i]) / runs[i].length, ...(yerr ? { std: yerr[i] } : {}) }));
    for (const [name, key] of [["size", "n"], ["y", "error"], ["yerr", "std"]]) refuseUnlessPositive(name, points.flatMap((point) => point[key] ?? []));
    if (points.some(({ std, error }) => std < LEAST_NOISE * error)) {
      throw new plaw.Refusal(`A yerr below ${general(LEAST_NOISE)} of its y is less than rounding: leave it out, or give the noise.`);
    }
    if (sampled) {
      if (runs.flat().some((error) => !(error >= 0 && error < Infinity))) {
        throw new plaw.Refusal("Every sample must be a number and not negative: leave out the runs that failed.");
      }
      standardErrors(points, runs);
    }
    return makeCurve(points.sort((a, b) => a.n - b.n));
  }

  /** The curve of checked points {n, error, std, runs}: {x, y, yerr, known, logX, logY, logError, runNoise}. */
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

  function refuseUnlessPositive(name, values) {
    const wrong = values.find((value) => !(Number.isFinite(value) && value > 0));
    if (wrong !== undefined) {
      throw new plaw.Refusal(`Every ${name} must be a positive number, but one is ${general(wrong)}: a law on logarithms cannot use it, leave it out.`);
    }
    const extreme = values.find((value) => value < LEAST || value > 1 / LEAST);
    if (extreme !== undefined) throw new plaw.Refusal(`Every ${name} must lie between ${general(LEAST)} and ${general(1 / LEAST)}, but one is ${general(extreme)}.`);
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

  /** Standard deviations of errors, parts of `whole`, that were counted on `testSize` test examples. */
  function countingNoise(errors, testSize, whole = 1) {
    const rates = errors.map((error) => error / whole);
    if (!rates.every((rate) => rate > 0 && rate < 1) || !(testSize > 0)) {
      throw new plaw.Refusal("Counting noise needs error rates between 0 and 1 and a positive number of test examples.");
    }
    return rates.map((rate) => whole * Math.sqrt((rate * (1 - rate)) / testSize));
  }

  /** The same curve, or at most MOST_POINTS points, each the mean of its neighbours, weighted by the noise. */
  function thinned(curve) {
    const count = curve.y.length;
    if (count <= MOST_POINTS) return curve;
    const edges = Array.from({ length: MOST_POINTS + 1 }, (_, i) => (i < MOST_POINTS ? Math.floor(i * (count / MOST_POINTS)) : count));
    return makeCurve(edges.slice(1).map((end, b) => {
      const places = Array.from({ length: end - edges[b] }, (_, i) => edges[b] + i), weights = places.map((i) => curve.logError[i] ** -2);
      const total = sum(weights), mean = (values) => Math.exp(sum(places.map((i, w) => weights[w] * values[i])) / total);
      const error = mean(curve.logY);
      return { n: mean(curve.logX), error, ...(curve.known ? { std: error / Math.sqrt(total) } : {}) };
    }));
  }

  return { MOST_POINTS, checkedCurve, makeCurve, countingNoise, thinned };
})();
