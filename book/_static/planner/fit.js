// Fit a law to a curve, and the limits of what it says by profile likelihood: plaw/curves/fitting.py, limits.py and profile.py.
"use strict";

plaw.fit = (() => {
  const { clip, dot, matrix, times, spaced, unique, pseudoInverse, normalQuantile, studentQuantile } = plaw.numbers;
  const { cost, jacobian, solve } = plaw.solver;
  const FIRST_STEPS = 100, FINALISTS = 3, LAST_STEPS = 5000; // all starts walk a little, the best to the end of the narrowest valley
  const FAR = 70; // sizes are sought within e^70 times those measured
  const MET = 13; // sizes at once at which the band is asked whether it meets a target that the best curve never meets
  const STIFFNESS = 100; // how much the constraint weighs against the data: it is missed by 1e-4 of the half-width
  const PRECISION = 1e-4; // of a limit's distance from the best value
  const DOUBLINGS = 60, REFINEMENTS = 40; // the most steps outward, and then inside the bracket

  /** The best of many starts. `unit` is the linearised covariance of theta for residuals of unit variance. */
  function fitLaw(law, curve) {
    const p = law.parameters.length, different = unique(curve.x).length;
    if (different < p) {
      throw new plaw.Refusal(`${law.name} has ${p} parameters and needs as many different sizes, but the curve has ${different}: `
        + "measure more sizes or choose a simpler law.");
    }
    const [low, high] = law.bounds(curve.logX, curve.y);
    const residuals = (theta) => curve.logX.map((logX, i) => (law.logValue(theta, logX) - curve.logY[i]) / curve.logError[i]);
    const tried = law.starts(curve.logX, curve.y).map((start) => solve(residuals, start, low, high, FIRST_STEPS)).sort(cheaper);
    const finished = tried.slice(0, FINALISTS).map(({ theta }) => solve(residuals, theta, low, high, LAST_STEPS)).sort(cheaper);
    const { theta, cost: chi2, converged } = finished[0];
    const fit = { law, curve, low, high, residuals, theta, chi2, converged, dof: curve.y.length - p };
    fit.unit = covariance(residuals, theta);
    fit.predict = (logX) => law.logValue(theta, logX);
    return { ...fit, params: plaw.laws.natural(law, theta, low), status: status(fit) };
  }

  const cheaper = (first, second) => (first.cost === second.cost ? 0 : first.cost < second.cost ? -1 : 1);

  function covariance(residuals, theta) {
    const slopes = jacobian(residuals, theta), scale = slopes.map((slope) => Math.max(Math.sqrt(dot(slope, slope)), 1e-12));
    const p = theta.length;
    const inverse = pseudoInverse(matrix(p, p, (i, j) => dot(slopes[i], slopes[j]) / (scale[i] * scale[j])));
    return matrix(p, p, (i, j) => inverse[i][j] / (scale[i] * scale[j]));
  }

  /** What is to be known about a fit before it is used: whether it is settled, and the words for it. */
  function status({ law, curve, theta, low, high, chi2, dof, unit, converged }) {
    const atBound = law.parameters.filter((_, j) => theta[j] <= low[j] || theta[j] >= high[j]);
    const scale = curve.known ? 1 : dof ? chi2 / dof : 0;
    const wide = (name, j) => (law.logarithmic.includes(name) ? Math.log(10) : Math.max(1, Math.abs(theta[j])));
    const unresolved = law.parameters.filter((name, j) => Math.sqrt(scale * unit[j][j]) > wide(name, j) && !atBound.includes(name));
    const notes = [converged ? "converged" : "NOT converged"];
    if (atBound.length) notes.push(`at its bound: ${atBound.join(", ")}`);
    if (unresolved.length) notes.push(`flat ridge, the data do not determine: ${unresolved.join(", ")}`);
    if (dof === 0) notes.push("as many parameters as points: the law cannot be checked");
    return { settled: converged && !unresolved.length, words: notes.join("; ") };
  }

  /** Akaike's criterion with the correction for few points; infinite where the points are too few. */
  function akaike({ curve, theta, chi2 }) {
    const count = curve.y.length, free = theta.length + (curve.known ? 0 : 1);
    if (count <= free + 1) return Infinity;
    const misfit = curve.known ? chi2 : count * Math.log(Math.max(chi2 / count, 1e-300));
    return misfit + 2 * free + (2 * free * (free + 1)) / (count - free - 1);
  }

  /** The rise of chi2 that bounds an interval: z^2 where the errors are known, Student's t^2 for the scatter about the law, the larger. */
  function deltaChi2(level, chi2, dof, known) {
    const scatter = dof > 0 ? (studentQuantile(level, dof) ** 2 * chi2) / dof : NaN;
    const noise = normalQuantile(level) ** 2;
    return known ? (scatter > noise ? scatter : noise) : scatter;
  }

  const deltaChi2Of = (fit, level) => deltaChi2(level, fit.chi2, fit.dof, fit.curve.known);

  /** Low and high of the logarithm of the law at each of logX. */
  function band(fit, logX, level) {
    return logX.map((x) => {
      const value = (theta) => fit.law.logValue(theta, x);
      return profileLimits(fit, (theta, q) => value(theta) - q, value(fit.theta), spread(fit, value, level), [-700, 700], level);
    });
  }

  /** Linearised half-width of a quantity of theta. */
  function spread(fit, quantity, level) {
    const slopes = jacobian((theta) => [quantity(theta)], fit.theta).map(([slope]) => slope);
    return Math.sqrt(deltaChi2Of(fit, level) * Math.max(dot(slopes, times(fit.unit, slopes)), 0));
  }

  const searchRange = ({ curve }) => [Math.min(...curve.logX) - FAR, Math.max(...curve.logX) + FAR];

  /** The size at which the law passes y, with its interval; infinite where no number suffices, 0 where any does. */
  function invert(fit, y, level) {
    const logY = Math.log(y), best = logSize(fit, logY), [low, high] = sizeLimits(fit, best, logY, level);
    return { n: Math.exp(best), low: Math.exp(low), high: Math.exp(high), level };
  }

  /** Logarithm of the size at which the fit first passes y: infinite outside the range of the search. */
  function logSize(fit, logY) {
    const grid = spaced(...searchRange(fit), 321), higher = grid.map((x) => fit.predict(x) > logY);
    const falling = !higher.at(-1) || higher[0], before = higher.map((is) => is === falling);
    const first = before.findIndex((is, i) => is && before[i + 1] === false);
    if (first < 0) return before.at(-1) ? Infinity : -Infinity;
    let [low, high] = [grid[first], grid[first + 1]];
    for (let i = 0; i < 45; i++) {
      const middle = (low + high) / 2;
      if ((fit.predict(middle) > logY) !== falling) high = middle; else low = middle;
    }
    return (low + high) / 2;
  }

  function sizeLimits(fit, best, logY, level) {
    if (!Number.isFinite(best)) return sizeLimitsByBand(fit, best, logY, level);
    const range = searchRange(fit), constraint = (theta, q) => fit.law.logValue(theta, q) - logY;
    const slope = (fit.predict(best + 1e-4) - fit.predict(best - 1e-4)) / 2e-4;
    const step = spread(fit, (theta) => constraint(theta, best), level) / Math.max(Math.abs(slope), 1e-3);
    const [low, high] = profileLimits(fit, constraint, best, step, range, level);
    return [low <= range[0] ? -Infinity : low, high >= range[1] ? Infinity : high];
  }

  /** Where the best curve never meets y: the size from which on (or up to which) the band does. */
  function sizeLimitsByBand(fit, best, logY, level) {
    const never = best > 0, range = searchRange(fit);
    let grid = never ? spaced(...range, MET) : spaced(range[1], range[0], MET), edge;
    for (let i = 0; i < 4; i++) {
      const met = grid.findIndex((x) => {
        const [[low, high]] = band(fit, [x], level);
        return never ? low <= logY : high >= logY;
      });
      if (met < 0) return [best, best];
      edge = grid[met];
      if (met === 0) break;
      grid = spaced(grid[met - 1], edge, MET);
    }
    return never ? [edge, Infinity] : [-Infinity, edge === range[1] ? Infinity : edge];
  }

  /**
   * Least and greatest q whose best fit, forced by constraint(theta, q) = 0, has a chi2 within the allowed rise.
   * No search goes beyond `range`; a limit returned there means: as far as the law allows.
   */
  function profileLimits(fit, constraint, best, step, range, level) {
    const allowed = deltaChi2Of(fit, level);
    if (!(allowed > 1e-16)) return allowed >= 0 ? [best, best] : [NaN, NaN];
    step = clip(Number.isFinite(step) ? step : 1, 1e-9, 1);
    const stiff = (STIFFNESS * Math.sqrt(allowed)) / step, lowest = cost(fit.residuals(fit.theta));

    /** Root of the rise of chi2 over the allowed one, minus 1, and the fit; infinite where no fit has this q. */
    function excess(q, start) {
      const stacked = (theta) => [...fit.residuals(theta), constraint(theta, q) * stiff];
      const { theta } = solve(stacked, start, fit.low, fit.high, 60, 1e-8);
      const missed = Math.abs(constraint(theta, q)) > 0.01 * step;
      return [missed ? Infinity : Math.sqrt(Math.max(cost(fit.residuals(theta)) - lowest, 0) / allowed) - 1, theta];
    }

    return [-1, 1].map((sign, side) => between(excess, outward(excess, best, sign, step, range[side], fit.theta)));
  }

  /** Double the distance from the best value until the fit is too bad (excess > 0) or the search ends at its limit. */
  function outward(excess, best, sign, step, limit, theta) {
    const bracket = { inner: best, innerExcess: -1, outer: NaN, outerExcess: Infinity, theta };
    for (let i = 0; i < DOUBLINGS; i++, step *= 2) {
      const next = bracket.inner + sign * step, q = sign * (next - limit) > 0 ? limit : next;
      const [qExcess, qTheta] = excess(q, bracket.theta);
      if (!(qExcess <= 0)) return { ...bracket, outer: q, outerExcess: qExcess };
      Object.assign(bracket, { inner: q, innerExcess: qExcess, theta: qTheta });
      if (q === limit) break;
    }
    return bracket;
  }

  /**
   * Where the excess is zero, down to PRECISION: regula falsi, or bisection where no fit has the outer end. With the Illinois rule:
   * an end that stays for the second time in a row counts with half its excess.
   */
  function between(excess, { inner, innerExcess, outer, outerExcess, theta }) {
    if (Number.isNaN(outer)) return inner;
    let lastMoved = null; // the end that regula falsi moved last
    for (let i = 0; i < REFINEMENTS; i++) {
      const feasible = Number.isFinite(outerExcess);
      const part = feasible ? clip(-innerExcess / (outerExcess - innerExcess), 0.01, 0.99) : 0.5;
      const q = inner + part * (outer - inner), [qExcess, qTheta] = excess(q, theta);
      const moved = qExcess <= 0 ? "inner" : "outer", again = feasible && moved === lastMoved;
      if (moved === "inner") {
        [inner, innerExcess, theta] = [q, qExcess, qTheta];
        if (again) outerExcess /= 2;
      } else {
        [outer, outerExcess] = [q, qExcess];
        if (again) innerExcess /= 2;
      }
      lastMoved = feasible ? moved : null;
      if (Math.abs(qExcess) < PRECISION || Math.abs(outer - inner) < (feasible ? 1e-12 : PRECISION)) return q;
    }
    return inner;
  }

  return { fitLaw, akaike, deltaChi2, deltaChi2Of, band, invert };
})();
