// How many examples a wanted error needs, how sure that is, and what to beware of: plaw/curves/planning.py.
"use strict";

plaw.planning = (() => {
  const { dot, matrix, times, unique, median, general, plain } = plaw.numbers;
  const { LAWS } = plaw.laws;
  const { fitLaw, akaike, deltaChi2, deltaChi2Of, band, invert } = plaw.fit;
  const SHOWN = ["power", "power_offset", "shifted_power"]; // the one law beside the average: those that are fitted in no time
  const ASSURANCE = 0.8; // the probability with which a new measurement reaches the target at `assured` examples
  const FARTHER = [2, 10, 100]; // times the largest size, at which the probability of the target is told
  const NOT_FALLING = "The CURVE curve does not fall with n: no number of examples can be predicted from it, measure more sizes; "
    + "if more is better, name the metric, like accuracy.";
  const RIVAL = 4; // difference of Akaike's criterion below which another law is not refuted
  const FAR_RANGES = 1; // measured ranges (in logarithms) beyond the data, from which on an answer is far away

  const percent = (level) => `${Math.round(100 * level)}%`;

  /** A size with its interval, in words. */
  const sizeText = ({ n, low, high, level }) => `${plain(n)} (${percent(level)} interval ${plain(low)} ... ${plain(high)})`;

  /**
   * The number of examples at which a curve (see curve.js) comes down to `target`: {target, size: {n, low, high, level}, fit, why,
   * expected, advice, warnings}. law: "auto", an average over laws, which also gives {assured, forecast}; "akaike"; or a name. at: sizes
   * whose error is to be predicted; advise: whether the average says which measurement comes next. Throws plaw.Refusal.
   */
  function estimate(curve, { target, law = "auto", level = 0.95, at = [], advise = true }) {
    if (!(Number.isFinite(target) && target > 0)) {
      throw new plaw.Refusal(`The target must be a positive error, not ${general(target)}.`);
    }
    if (!at.every((n) => n > 0)) throw new plaw.Refusal("Errors are predicted at positive sizes only, and at finite ones.");
    if (law === "auto") return byAverage(curve, target, level, at, advise);
    const { fit, why, rivals } = law === "akaike"
      ? chooseLaw(curve)
      : { fit: fitLaw(LAWS.find(({ name }) => name === law), curve), why: "as asked for", rivals: [] };
    if (!(fit.predict(curve.logX.at(-1)) < fit.predict(curve.logX[0]))) {
      throw new plaw.Refusal(NOT_FALLING.replace("CURVE", "fitted"));
    }
    const size = invert(fit, target, level);
    const bands = band(fit, at.map(Math.log), level);
    const expected = at.map((n, i) => ({ n, error: Math.exp(fit.predict(Math.log(n))), low: Math.exp(bands[i][0]), high: Math.exp(bands[i][1]) }));
    return { target, size, fit, why, expected, advice: advice(fit, size), warnings: warnings(fit, size, target, rivals) };
  }

  /** The answer of an average over laws, each of which may be a little wrong. */
  function byAverage(curve, target, level, at, advise) {
    const { fit, why } = chooseLaw(curve, SHOWN), forecast = plaw.forecast.forecast(curve), shape = plaw.shape.shapeOf(curve);
    let size = forecast.invert(target, level), assured = forecast.assured(target, ASSURANCE);
    if (!shape.falls && !(target >= Math.min(...curve.y) && size.n <= curve.x.at(-1))) {
      if (!at.length) throw new plaw.Refusal(NOT_FALLING.replace("CURVE", "measured"));
      size = { n: NaN, low: NaN, high: NaN, level };
      assured = NaN;
    }
    const expected = at.map((n) => {
      const x = Math.log(n), [low, high] = forecast.band(x, level), [newLow, newHigh] = forecast.newBand(x, level);
      const [error, ...rest] = [forecast.predict(x), low, high, newLow, newHigh].map(Math.exp);
      return { n, error, low: rest[0], high: rest[1], newLow: rest[2], newHigh: rest[3] };
    });
    return {
      target, size, assured, fit, forecast, expected,
      why: `an average of ${forecast.laws.join(", ")}, and of what each may miss; the one law shown: ${why}`,
      chances: assured === Infinity && size.n === size.n
        ? FARTHER.map((factor) => ({ n: factor * curve.x.at(-1), chance: forecast.chance(Math.log(factor * curve.x.at(-1)), target) })) : [],
      advice: advise ? adviceOfAverage(forecast, size, target) : null, warnings: warningsOfAverage(forecast, shape, size, target),
    };
  }

  function warningsOfAverage(forecast, shape, size, target) {
    const sentences = [], { logX, x } = forecast.curve, first = logX[0], last = logX.at(-1), farthest = last + plaw.forecast.REACH;
    if (shape.name !== "falling") sentences.push(`the curve is ${shape.name}: ${shape.meaning}`);
    const chance = forecast.probability(farthest, target);
    if (size.n === Infinity) {
      const levelsOff = general(Math.exp(forecast.predict(farthest)), 2);
      sentences.push(`the target ${general(target)} is out of reach: with a million times the largest size the error is about ${levelsOff}, `
        + `and at most ${general(target)} with ${percent(chance)} probability`);
    } else if (size.n === size.n) {
      const ranges = size.n > 0 ? (Math.log(size.n) - last) / (last - first) : 0;
      if (ranges > FAR_RANGES) {
        sentences.push(`the answer lies ${ranges.toFixed(1)} times the measured range (in logarithms) beyond the data: no law is tested there`);
      }
      if (size.high === Infinity) {
        sentences.push(`the data do not exclude that the target is never reached (${percent(1 - chance)} probability): the interval has no upper end`);
      }
    }
    const sizes = unique(x).length;
    if (sizes < 5) {
      sentences.push(`${sizes} sizes cannot tell a power law from one that levels off: how far the interval reaches rests on how other curves behave`);
    }
    return sentences;
  }

  /** Which further measurement would narrow the interval most, the forecast made again with it. */
  function adviceOfAverage(forecast, size, target) {
    if (!(size.low > 0 && size.n < Infinity)) return null;
    const factorOf = ({ low, high }) => (low > 0 ? Math.sqrt(high / low) : Infinity), largest = forecast.curve.x.at(-1);
    const measured = [1, 2, 4].map((factor) => {
      const n = factor * largest;
      return { n, factor: factorOf(forecast.after(n).invert(target, size.level)) };
    });
    const best = measured.reduce((best, next) => (next.factor < best.factor ? next : best)), now = factorOf(size);
    if (best.factor === Infinity) return null;
    const either = `${general(best.factor, 3)} either way`;
    const gain = now < Infinity ? `narrow from a factor of ${general(now, 3)} to ${either}` : `get an upper end, a factor of ${either}`;
    return `measured at n = ${plain(best.n)} too, the interval would ${gain}`;
  }

  /** The law of least Akaike criterion, why, and the other fits that are not refuted. */
  function chooseLaw(curve, candidates = LAWS.map(({ name }) => name)) {
    const sizes = unique(curve.x).length;
    const fits = LAWS.filter((law) => candidates.includes(law.name)).filter((law) => law.parameters.length < sizes || law.name === "power").map((law) => fitLaw(law, curve));
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
