// How many examples a wanted error needs, how sure that is, and what to beware of: plaw/curves/planning.py.
"use strict";

plaw.planning = (() => {
  const { dot, matrix, times, unique, median, general, plain } = plaw.numbers;
  const { LAWS } = plaw.laws;
  const { fitLaw, akaike, deltaChi2, deltaChi2Of, band, invert } = plaw.fit;
  const RIVAL = 4; // difference of Akaike's criterion below which another law is not refuted
  const FAR_RANGES = 1; // measured ranges (in logarithms) beyond the data, from which on an answer is far away

  const percent = (level) => `${Math.round(100 * level)}%`;

  /** A size with its interval, in words. */
  const sizeText = ({ n, low, high, level }) => `${plain(n)} (${percent(level)} interval ${plain(low)} ... ${plain(high)})`;

  /**
   * The number of examples at which a curve (see curve.js) comes down to `target`: {target, size: {n, low, high, level}, fit, why,
   * expected, advice, warnings}. law: a name, or "auto"; at: sizes whose error is to be predicted. Throws plaw.Refusal.
   */
  function estimate(curve, { target, law = "auto", level = 0.95, at = [] }) {
    if (!(Number.isFinite(target) && target > 0)) {
      throw new plaw.Refusal(`The target must be a positive error, not ${general(target)}.`);
    }
    if (!at.every((n) => n > 0)) throw new plaw.Refusal("Errors are predicted at positive sizes only, and at finite ones.");
    const { fit, why, rivals } = law === "auto"
      ? chooseLaw(curve)
      : { fit: fitLaw(LAWS.find(({ name }) => name === law), curve), why: "as asked for", rivals: [] };
    if (!(fit.predict(curve.logX.at(-1)) < fit.predict(curve.logX[0]))) {
      throw new plaw.Refusal("The fitted curve does not fall with n: no number of examples can be predicted from it, measure more sizes; if more is better, name the metric, like accuracy.");
    }
    const size = invert(fit, target, level);
    const bands = band(fit, at.map(Math.log), level);
    const expected = at.map((n, i) => ({ n, error: Math.exp(fit.predict(Math.log(n))), low: Math.exp(bands[i][0]), high: Math.exp(bands[i][1]) }));
    return { target, size, fit, why, expected, advice: advice(fit, size), warnings: warnings(fit, size, target, rivals) };
  }

  /** The law of least Akaike criterion, why, and the other fits that are not refuted. */
  function chooseLaw(curve) {
    const sizes = unique(curve.x).length;
    const fits = LAWS.filter((law) => law.parameters.length < sizes || law.name === "power").map((law) => fitLaw(law, curve));
    const scored = fits.map((fit) => ({ fit, score: akaike(fit) })).filter(({ score }) => Number.isFinite(score));
    scored.sort((first, second) => first.score - second.score);
    if (scored.length < 2) return { fit: fits[0], why: `${sizes} sizes are too few to ask for more than a power law`, rivals: [] };
    const scores = scored.map(({ fit, score }) => `${fit.law.name} ${score.toFixed(1)}`).join(", ");
    const rivals = scored.slice(1).filter(({ score }) => score - scored[0].score < RIVAL).map(({ fit }) => fit);
    return { fit: scored[0].fit, why: `least Akaike criterion, corrected for few points: ${scores}`, rivals };
  }

  function warnings(fit, size, target, rivals) {
    const sentences = [], { curve, law } = fit, first = curve.logX[0], last = curve.logX.at(-1);
    if (size.n === Infinity) {
      const floor = general(Math.exp(fit.predict(last + 60)), 4);
      sentences.push(`the target ${general(target)} lies below the fitted irreducible error ${floor}: under this law no number of examples reaches it`);
    } else {
      const ranges = size.n > 0 ? (Math.log(size.n) - last) / (last - first) : 0;
      if (ranges > FAR_RANGES) {
        sentences.push(`the answer lies ${ranges.toFixed(1)} times the measured range (in logarithms) beyond the data: the law is not tested there`);
      }
      if (size.high === Infinity) sentences.push("the data do not exclude that the target is never reached: the interval has no upper end");
    }
    if (Number.isNaN(size.low)) {
      sentences.push(`${curve.y.length} points without known errors leave nothing to estimate the noise from: no interval`);
    }
    if (law.name === "power" && fit.dof < 3) {
      const blind = `${curve.y.length} sizes cannot tell a power law from one that levels off`;
      sentences.push(`${blind}: if the error has a floor, more examples are needed`);
    }
    for (const rival of rivals) {
      const rivalSize = invert(rival, target, size.level);
      if (!(size.low <= rivalSize.n && rivalSize.n <= size.high)) sentences.push(`${rival.law.name} fits about as well and says n = ${sizeText(rivalSize)}`);
    }
    if (!fit.status.settled) sentences.push(`the fit: ${fit.status.words}`);
    return sentences;
  }

  /** Which further measurement would narrow the interval most; null where the interval has no two ends. */
  function advice(fit, size) {
    if (!(size.low > 0 && size.high < Infinity)) return null;
    const { now, measurements } = nextMeasurement(fit, size);
    const best = measurements.reduce((best, next) => (next.factor < best.factor ? next : best));
    return `measured at n = ${plain(best.n)} too, the interval would narrow from a factor of ${general(now, 3)} to `
      + `${general(best.factor, 3)} either way`;
  }

  /** The factor of the interval now, and after one more measurement at each old size, and at 2 and 4 times the largest; linearised. */
  function nextMeasurement(fit, { n, level }) {
    const { curve, unit, dof } = fit, logN = Math.log(n), p = fit.theta.length;
    const steepness = (fit.predict(logN + 1e-4) - fit.predict(logN - 1e-4)) / 2e-4;
    const direction = slopes(fit, logN).map((slope) => slope / steepness);
    const noise = median(curve.logError);
    const factor = (covariance, allowed) => Math.exp(Math.sqrt(Math.max(dot(direction, times(covariance, direction)), 0) * allowed));
    const scale = dof ? fit.chi2 / dof : NaN;
    const allowedAfter = deltaChi2(level, scale * (dof + 1), dof + 1, curve.known);
    const largest = curve.x.at(-1);
    const measurements = unique([...curve.x, 2 * largest, 4 * largest]).map((size) => {
      const gradient = slopes(fit, Math.log(size)), gain = times(unit, gradient);
      const total = noise ** 2 + dot(gradient, gain);
      return { n: size, factor: factor(matrix(p, p, (i, j) => unit[i][j] - (gain[i] * gain[j]) / total), allowedAfter) };
    });
    return { now: factor(unit, deltaChi2Of(fit, level)), measurements };
  }

  /** d log y / d theta at a size. */
  const slopes = (fit, logN) => plaw.solver.jacobian((theta) => [fit.law.logValue(theta, logN)], fit.theta).map(([slope]) => slope);

  return { estimate, sizeText, percent };
})();
