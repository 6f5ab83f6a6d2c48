// The average over laws, each of which may be a little wrong: plaw/curves/forecast.py and plaw/curves/priors.py.
"use strict";

plaw.forecast = (() => {
  const { logAddExp, sum, dot, matrix, times, spaced, unique, solveLinear, normalBelow } = plaw.numbers;
  const { LAWS } = plaw.laws;
  const WIDENING = 1.1; // of the law's spread in log y
  const MOST_POINTS = 24; // more are averaged in bins of equal width in log n
  const ROUGH = 0.2; // the rough part of g's variance, one measured range away
  const geometric = (first, last, count) => spaced(Math.log(first), Math.log(last), count).map(Math.exp);
  const NOISE = geometric(5e-4, 0.4, 7), DEVIATION = geometric(1e-3, 0.8, 7); // trial sizes, in log y
  const LOG_NOISE = [-4, 1], LOG_DEVIATION = [-3, 1]; // mean and spread of their logarithms beforehand
  const NEGLIGIBLE_EVIDENCE = 6; // a pair so much less likely than the best of its law is left out
  const REACH = Math.log(1e6); // sizes are sought up to a million times the largest one

  // --- what is believed of a curve before it is seen ---

  const lawNamed = (name) => LAWS.find((law) => law.name === name).logValue;

  /** Logarithms of the floor and of the rest of the last error; `floor`: the logit of the floor's share. */
  const parts = (end, floor) => [end - logAddExp(0, -floor), end - logAddExp(0, floor)];

  function brokenLog(theta, logX) {
    const f = Math.exp(theta[5]);
    return logAddExp(theta[0], theta[1] - theta[2] * logX - theta[3] * f * logAddExp(0, (logX - theta[4]) / f));
  }

  /** Each law with the mean and deviation of its coordinates u, and theta(u, logN, logY) of a curve that ends there. */
  const PRIORS = [
    {
      name: "power_offset", logValue: lawNamed("power_offset"), mean: [0, -0.5, -1], deviation: [0.5, 2, 0.5],
      theta(u, logN, logY) {
        const [logFloor, logRest] = parts(u[0] + logY, u[1]), rho = Math.exp(u[2]);
        return [logFloor, logRest + rho * logN, rho];
      },
    },
    {
      name: "shifted_power", logValue: lawNamed("shifted_power"), mean: [0, -1.5, -1], deviation: [0.5, 2.5, 0.5],
      theta(u, logN, logY) {
        const logG = u[1] - logN, c = Math.exp(u[2]);
        return [u[0] + logY - c * logAddExp(-logN, logG), logG, c];
      },
    },
    {
      name: "m4", logValue: lawNamed("m4"), mean: [0, -1, 0, 0, -0.7], deviation: [0.5, 2, 1.5, 0.7, 0.5],
      theta(u, logN, logY) {
        const end = u[0] + logY, [logFloor, logRest] = parts(end, u[1]);
        const logRoom = end + u[2], a = Math.exp(u[3]), c = Math.exp(u[4]);
        return [logFloor, logAddExp(logRoom, logRest), a, logRest - a * logRoom + c * logN, c];
      },
    },
    {
      name: "broken", logValue: brokenLog, mean: [0, -1.5, 0.1, 0.4, -2, 0], deviation: [0.5, 2, 0.2, 0.3, 2, 0.7],
      theta(u, logN, logY) {
        const [logFloor, logRest] = parts(u[0] + logY, u[1]), [, , early, late] = u, logD = logN + u[4], f = Math.exp(u[5]);
        const logB = logRest + early * logN + (late - early) * f * logAddExp(0, (logN - logD) / f);
        return [logFloor, logB, early, late - early, logD, u[5]];
      },
    },
  ];

  // --- the curve as the forecast sees it ---

  /** log n, log y, known variances, and the share of the unknown noise's, of at most MOST_POINTS points. */
  function thin({ logX, logY, logError, known }) {
    const variance = logError.map((error) => (known ? error ** 2 : 0));
    if (logX.length <= MOST_POINTS) return finished({ logX, logY, variance, share: logX.map(() => 1) });
    const edges = spaced(logX[0], logX.at(-1), MOST_POINTS + 1).slice(1, -1);
    const place = logX.map((x) => edges.filter((edge) => edge <= x).length);
    const bins = unique(place).map((bin) => place.flatMap((p, i) => (p === bin ? [i] : [])));
    const mean = (values) => bins.map((bin) => sum(bin.map((i) => values[i])) / bin.length);
    return finished({
      logX: mean(logX), logY: mean(logY), variance: mean(variance).map((v, b) => v / bins[b].length),
      share: bins.map((bin) => 1 / bin.length),
    });
  }

  /** With the largest size and the error there, a mean of the last eighth. */
  function finished(thinned) {
    const last = thinned.logY.slice(-Math.max(1, Math.floor(thinned.logY.length / 8)));
    return { ...thinned, logN: thinned.logX.at(-1), logEnd: sum(last) / last.length };
  }

  /** From the largest size, in measured ranges; beyond it never more than one. */
  function distance(logX, thinned) {
    const ranges = (logX - thinned.logX.at(-1)) / (thinned.logX.at(-1) - thinned.logX[0]);
    return ranges > 0 ? -Math.expm1(-ranges) : ranges;
  }

  /** Covariance of g at two sizes for a deviation of 1: a random walk of the slope and one of the level, from the largest size. */
  function walks(logA, logB, thinned) {
    const a = distance(logA, thinned), b = distance(logB, thinned);
    const near = Math.min(Math.abs(a), Math.abs(b)), far = Math.max(Math.abs(a), Math.abs(b));
    return a * b > 0 ? ((1 - ROUGH) * near ** 2 * (3 * far - near)) / 2 + ROUGH * near : 0;
  }

  // --- linear algebra ---

  /** The lower triangle L of a symmetric matrix L L^T. */
  function cholesky(a) {
    const size = a.length, lower = matrix(size, size, () => 0);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) {
        let rest = a[i][j];
        for (let k = 0; k < j; k++) rest -= lower[i][k] * lower[j][k];
        lower[i][j] = i === j ? Math.sqrt(rest) : rest / lower[j][j];
      }
    }
    return lower;
  }

  function inverseLower(lower) {
    const size = lower.length, inverse = matrix(size, size, () => 0);
    for (let j = 0; j < size; j++) {
      for (let i = j; i < size; i++) {
        let rest = i === j ? 1 : 0;
        for (let k = j; k < i; k++) rest -= lower[i][k] * inverse[k][j];
        inverse[i][j] = rest / lower[i][i];
      }
    }
    return inverse;
  }

  const logSumExp = (values) => { const high = Math.max(...values); return high + Math.log(sum(values.map((v) => Math.exp(v - high)))); };
  const largest = (values) => values.indexOf(Math.max(...values));

  // --- one law ---

  /** Trial pairs of noise and deviation, the whitening of each, what speaks for it, and the likeliest. */
  function trialPairs(thinned) {
    const pairs = [], standard = (value, [mean, spread]) => (Math.log(value) - mean) / spread, count = thinned.logX.length;
    const g = matrix(count, count, (i, j) => walks(thinned.logX[i], thinned.logX[j], thinned));
    for (const noise of NOISE) {
      for (const deviation of DEVIATION) {
        const root = cholesky(matrix(count, count, (i, j) =>
          deviation ** 2 * g[i][j] + (i === j ? noise ** 2 * thinned.share[i] + thinned.variance[i] + 1e-9 : 0)));
        const believed = -0.5 * (standard(noise, LOG_NOISE) ** 2 + standard(deviation, LOG_DEVIATION) ** 2);
        pairs.push({ noise, deviation, whiten: inverseLower(root), believed, evidence: believed - sum(root.map((row, i) => Math.log(row[i]))) });
      }
    }
    return pairs;
  }

  /** One law, fitted under its prior and the best pair, then linearised for all pairs that are not negligible. */
  function component(prior, thinned, pairs) {
    const { mean, deviation } = prior, p = mean.length, { logX, logY } = thinned;
    const curveOf = (u) => { const theta = prior.theta(u, thinned.logN, thinned.logEnd); return logX.map((x) => prior.logValue(theta, x)); };
    const moved = (j, sign) => mean.map((value, k) => value + (k === j ? sign * deviation[k] : 0));
    let starts = [mean, ...[1, -1].flatMap((sign) => mean.map((_, j) => moved(j, sign)).slice(1))];
    let pair = largest(pairs.map(({ believed }) => believed)), best, linear, evidence;
    for (let round = 0; round < 2; round++) {
      const { whiten } = pairs[pair];
      const residuals = (u) => {
        const value = curveOf(u);
        return [...times(whiten, logY.map((y, i) => y - value[i])), ...u.map((v, j) => (v - mean[j]) / deviation[j])];
      };
      const low = mean.map((m, j) => m - 6 * deviation[j]), high = mean.map((m, j) => m + 6 * deviation[j]);
      best = starts.map((start) => plaw.solver.solve(residuals, start, low, high, 60, 1e-6))
        .reduce((least, next) => (next.cost < least.cost ? next : least)).theta;
      const slopes = plaw.solver.jacobian(curveOf, best), value = curveOf(best);
      const rest = logY.map((y, i) => y - value[i] + sum(slopes.map((slope, j) => slope[i] * (best[j] - mean[j]))));
      linear = pairs.map((trial) => linearised(trial, slopes.map((slope, j) => slope.map((s) => s * deviation[j])), rest));
      evidence = linear.map(({ misfit }, h) => pairs[h].evidence - misfit / 2);
      pair = largest(evidence);
      starts = [best];
    }
    const most = Math.max(...evidence), kept = evidence.flatMap((e, h) => (e > most - NEGLIGIBLE_EVIDENCE ? [h] : []));
    const total = logSumExp(kept.map((h) => evidence[h]));
    return {
      prior, u: best,
      terms: kept.map((h) => {
        const { scaled, left, precision, shift } = linear[h], inverse = inverseLower(cholesky(precision));
        return {
          ...pairs[h], weight: Math.exp(evidence[h] - total),
          mean: shift.map((s, j) => mean[j] + deviation[j] * s - best[j]),
          root: matrix(p, p, (i, j) => deviation[i] * inverse[j][i]),
          residual: left.map((value, i) => value - sum(scaled.map((column, j) => column[i] * shift[j]))),
          slopes: scaled.map((column, j) => column.map((s) => s / deviation[j])),
        };
      }),
    };
  }

  /** Least squares of the shift from the prior's mean, in deviations, for one pair. scaled: whitened columns. */
  function linearised({ whiten }, columns, rest) {
    const scaled = columns.map((column) => times(whiten, column)), left = times(whiten, rest), p = scaled.length;
    const precision = matrix(p, p, (i, j) => (i === j ? 1 : 0) + dot(scaled[i], scaled[j]));
    const pull = scaled.map((column) => dot(column, left)), shift = solveLinear(precision, pull);
    const logDeterminant = 2 * sum(cholesky(precision).map((row, i) => Math.log(row[i])));
    return { scaled, left, precision, shift, misfit: dot(left, left) - dot(pull, shift) + logDeterminant };
  }

  // --- the average ---

  /** The forecast from a curve (see curve.js): predict, band, newBand, chance, invert, assured and after. */
  function forecast(curve) {
    const thinned = thin(curve), pairs = trialPairs(thinned);
    const components = PRIORS.map((prior) => component(prior, thinned, pairs));
    const terms = components.flatMap(({ prior, u, terms }) =>
      terms.map((term) => ({ ...term, prior, u, share: term.weight / components.length })));
    const third = curve.logError.slice(-Math.max(1, Math.floor(curve.logError.length / 3)));
    const knownNoise = curve.known ? sum(third.map((error) => error ** 2)) / third.length : 0;

    const known = new Map(); // by log n, since an interval's ends and the assured size are sought among the same sizes

    /** Share, unknown noise, mean and variance of log y of the law at log n, for each of the normal distributions of the forecast. */
    function partsAt(logX) {
      if (known.has(logX)) return known.get(logX);
      const cross = thinned.logX.map((x) => walks(logX, x, thinned)), reach = Math.abs(distance(logX, thinned));
      const own = (1 - ROUGH) * reach ** 3 + ROUGH * reach;
      const values = new Map(components.map(({ prior, u }) => {
        const at = (v) => [prior.logValue(prior.theta(v, thinned.logN, thinned.logEnd), logX)];
        return [prior, { value: at(u)[0], slopes: plaw.solver.jacobian(at, u).map(([slope]) => slope) }];
      }));
      const parts = terms.map((term) => {
        const { value, slopes } = values.get(term.prior), gain = times(term.whiten, cross).map((v) => v * term.deviation ** 2);
        const free = slopes.map((slope, j) => slope - dot(term.slopes[j], gain));
        const spread = term.root[0].map((_, j) => sum(free.map((f, i) => f * term.root[i][j])));
        return {
          share: term.share, noise: term.noise, mean: value + dot(term.mean, slopes) + dot(gain, term.residual),
          variance: dot(spread, spread) + term.deviation ** 2 * own - dot(gain, gain),
        };
      });
      known.set(logX, parts);
      return parts;
    }

    /** The normal distributions of log y at log n that make up the forecast; noise: of a new measurement, or null for the law. */
    function mixture(logX, noise) {
      const parts = partsAt(logX), centre = sum(parts.map(({ share, mean }) => share * mean));
      return parts.map(({ share, noise: unknown, mean, variance }) => ({
        share, mean: centre + WIDENING * (mean - centre),
        deviation: Math.sqrt(Math.max(WIDENING ** 2 * variance + (noise === null ? 0 : unknown ** 2 + noise), 1e-14)),
      }));
    }

    const below = (parts, logY) => sum(parts.map(({ share, mean, deviation }) => share * normalBelow((logY - mean) / deviation)));

    /** The p-quantile of log y at log n. */
    function quantile(logX, p, noise = null) {
      const parts = mixture(logX, noise);
      let low = Math.min(...parts.map(({ mean, deviation }) => mean - 9 * deviation));
      let high = Math.max(...parts.map(({ mean, deviation }) => mean + 9 * deviation));
      for (let i = 0; i < 45; i++) {
        const middle = (low + high) / 2;
        if (below(parts, middle) < p) low = middle; else high = middle;
      }
      return (low + high) / 2;
    }

    const probability = (logX, y, noise = null) => below(mixture(logX, noise), Math.log(y));

    /** The first size at which the probability of at most y is p. */
    function first(y, p, noise) {
      const start = thinned.logX[0], last = thinned.logX.at(-1);
      // below the measured sizes the curve may be anything: only what the first error meets is sought there
      const from = y >= curve.y[0] ? 2 * start - last : start;
      let grid = [...spaced(from, last, 60), ...spaced(0, REACH, 120).slice(1).map((x) => last + x)];
      for (let i = 0; i < 4; i++) {
        const reached = grid.findIndex((x) => probability(x, y, noise) >= p);
        if (reached < 0) return Infinity;
        if (reached === 0) return grid[0] >= start ? Math.exp(grid[0]) : 0;
        grid = spaced(grid[reached - 1], grid[reached], 17);
      }
      return Math.exp((grid[0] + grid.at(-1)) / 2);
    }

    const ends = (level) => [(1 - level) / 2, (1 + level) / 2];
    return {
      curve,
      laws: components.map(({ prior }) => prior.name),
      predict: (logX) => quantile(logX, 0.5),
      band: (logX, level) => ends(level).map((p) => quantile(logX, p)),
      newBand: (logX, level) => ends(level).map((p) => quantile(logX, p, knownNoise)),
      probability,
      chance: (logX, y) => probability(logX, y, knownNoise),
      invert: (y, level) => {
        const [n, low, high] = [0.5, ...ends(level)].map((p) => first(y, p, null));
        return { n, low, high, level };
      },
      assured: (y, p) => first(y, p, knownNoise),
      /** Once runs [n, repeats] were made, too, each as noisy as those given and where it is expected. */
      after: (...runs) => {
        const measured = runs.flatMap(([n, repeats]) => {
          const error = Math.exp(quantile(Math.log(n), 0.5)), std = curve.known ? error * curve.runNoise : undefined;
          return new Array(repeats).fill({ n, error, std });
        });
        const points = [...curve.x.map((x, i) => ({ n: x, error: curve.y[i], std: curve.yerr[i] })), ...measured];
        return forecast(plaw.curve.makeCurve(points.sort((a, b) => a.n - b.n)));
      },
    };
  }

  return { forecast, REACH };
})();
