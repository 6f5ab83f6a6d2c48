// Which measurements would make an answer surer: one more of them, or those that a budget pays: plaw/curves/design.py, planning.py, budget.py.
"use strict";

plaw.design = (() => {
  const { dot, matrix, times, spaced, unique, median, general, plain } = plaw.numbers;
  const { deltaChi2, deltaChi2Of, invert } = plaw.fit;
  const SHARES = spaced(0, 1, 11); // of the budget, for the first of two sizes
  const FORECAST_SIZES = 3, FORECAST_SHARES = [0.5]; // of a plan for a forecast, which is made again for each
  const MOST_REPEATS = 20;

  /** The factor either way that spans the interval of a size. */
  const factorOf = ({ low, high }) => (low > 0 ? Math.sqrt(high / low) : Infinity);

  /** The same for a quantity of a fit that changes with theta as `direction` says. */
  function intervalFactor(direction, covariance, allowed) {
    const exponent = Math.sqrt(Math.max(dot(direction, times(covariance, direction)), 0) * allowed);
    return exponent < 700 ? Math.exp(exponent) : Infinity;
  }

  /** d log y / d theta at a size. */
  const slopesAt = (fit, logN) => plaw.solver.jacobian((theta) => [fit.law.logValue(theta, logN)], fit.theta).map(([slope]) => slope);

  /** d log n / d theta of the size at which the law passes a given error. */
  function gradientOfSize(fit, n) {
    const logN = Math.log(n), steepness = (fit.predict(logN + 1e-4) - fit.predict(logN - 1e-4)) / 2e-4;
    return slopesAt(fit, logN).map((slope) => slope / steepness);
  }

  /** A fit's linearised covariance once a point of this variance was measured, too. */
  function updated(fit, covariance, n, variance) {
    const slopes = slopesAt(fit, Math.log(n)), gain = times(covariance, slopes), total = variance + dot(slopes, gain);
    return matrix(gain.length, gain.length, (i, j) => covariance[i][j] - (gain[i] * gain[j]) / total);
  }

  /** Which further measurement would narrow the interval most, in words; null where there is none to advise. */
  function advice({ fit, forecast, size, target }) {
    if (!(size.low > 0 && size.n < Infinity) || (!forecast && size.high === Infinity)) return null;
    const { now, measurements } = forecast ? nextOfForecast(forecast, size, target) : nextOfFit(fit, size);
    const best = measurements.reduce((best, next) => (next.factor < best.factor ? next : best));
    if (!(best.factor < Infinity)) return null;
    const either = `${general(best.factor, 3)} either way`;
    const gain = now < Infinity ? `narrow from a factor of ${general(now, 3)} to ${either}` : `get an upper end, a factor of ${either}`;
    return `measured at n = ${plain(best.n)} too, the interval would ${gain}`;
  }

  /** The factor now, and after one more run at the largest size and at 2 and 4 times it: the forecast is made again with each. */
  function nextOfForecast(forecast, size, target) {
    const measurements = [1, 2, 4].map((times) => {
      const n = times * forecast.curve.x.at(-1);
      return { n, factor: factorOf(forecast.after([n, 1]).invert(target, size.level)) };
    });
    return { now: factorOf(size), measurements };
  }

  /** The factor now, and after one more measurement at each old size, and at 2 and 4 times the largest; linearised. */
  function nextOfFit(fit, { n, level }) {
    const { curve, unit, dof } = fit, direction = gradientOfSize(fit, n), largest = curve.x.at(-1);
    const scale = dof ? fit.chi2 / dof : NaN, allowed = deltaChi2(level, scale * (dof + 1), dof + 1, curve.known);
    const measurements = unique([...curve.x, 2 * largest, 4 * largest]).map((size) =>
      ({ n: size, factor: intervalFactor(direction, updated(fit, unit, size, median(curve.logError) ** 2), allowed) }));
    return { now: intervalFactor(direction, unit, deltaChi2Of(fit, level)), measurements };
  }

  /** The examples that a budget buys at the price of one. */
  function examplesBought(cost, budget) {
    if (cost === undefined || budget === undefined) {
      throw new plaw.Refusal("A budget needs the price of an example, and a price a budget: give both cost and budget.");
    }
    for (const [name, amount] of [["price of an example", cost], ["budget", budget]]) {
      if (!(Number.isFinite(amount) && amount > 0)) throw new plaw.Refusal(`The ${name} must be a positive number, not ${general(amount)}.`);
    }
    return budget / cost;
  }

  /** The runs {runs: [[n, repeats]], cost, now, factor}, at one size or two, that narrow the interval most for the money; or null. */
  function plan({ fit, forecast, size, target }, cost, budget) {
    const { curve } = forecast ?? fit, largest = curve.x.at(-1);
    if (!(size.low > 0 && size.high < Infinity && budget >= cost * curve.x[0])) return null;
    let sizes = unique([...curve.x, 2 * largest, 4 * largest]).filter((n) => n * cost <= budget);
    if (forecast) sizes = sizes.slice(-FORECAST_SIZES);
    const direction = forecast ? null : gradientOfSize(fit, size.n);
    const now = forecast ? factorOf(size) : intervalFactor(direction, fit.unit, deltaChi2Of(fit, size.level));
    const after = (runs) => (forecast ? factorOf(forecast.after(...runs).invert(target, size.level)) : factorAfter(fit, direction, size.level, runs));
    const repeats = (money, price) => Math.min(Math.trunc((money / price) * (1 + 1e-9)), MOST_REPEATS), plans = [];
    sizes.forEach((first, i) => sizes.slice(i).forEach((second) => {
      for (const share of first === second ? [1] : forecast ? FORECAST_SHARES : SHARES) {
        const parts = first === second ? [[first, 1]] : [[first, share], [second, 1 - share]];
        const runs = parts.map(([n, part]) => [n, repeats(part * budget, n * cost)]).filter(([, count]) => count);
        if (runs.length) plans.push({ runs, cost: runs.reduce((total, [n, count]) => total + n * cost * count, 0), now, factor: after(runs) });
      }
    }));
    const rounded = ({ factor }) => Number(factor.toFixed(6));
    const best = plans.reduce((best, next) => (rounded(next) < rounded(best) || (rounded(next) === rounded(best) && next.cost < best.cost) ? next : best));
    return Number.isFinite(now) && Number.isFinite(best.factor) ? best : null;
  }

  /** The factor of the interval after these runs. */
  function factorAfter(fit, direction, level, runs) {
    const { curve, dof } = fit, scale = dof ? fit.chi2 / dof : NaN, point = median(curve.logError);
    const excess = curve.known && scale > 0 ? Math.max(scale - 1, 0) * point ** 2 : 0;
    let covariance = fit.unit;
    for (const [n, repeats] of runs) {
      covariance = updated(fit, covariance, n, (curve.runNoise ** 2 / repeats + excess) / (curve.known ? Math.max(scale, 1) : 1));
    }
    const after = dof + runs.filter(([n]) => !curve.x.includes(n)).length; // repeats say nothing of the scatter from size to size
    return intervalFactor(direction, covariance, deltaChi2(level, scale * after, after, curve.known));
  }

  return { advice, examplesBought, plan };
})();
