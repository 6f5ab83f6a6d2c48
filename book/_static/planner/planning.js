// How many examples a wanted error needs, how sure that is, and what to beware of: plaw/curves/planning.py.
"use strict";

plaw.planning = (() => {
  const { sum, unique, general, grouped, plain, normalQuantile } = plaw.numbers;
  const { LAWS } = plaw.laws;
  const { fitLaw, akaike, band, invert } = plaw.fit;
  const { MOST_POINTS, checkedCurve, countingNoise, thinned } = plaw.curve;
  const { formula, flip, higherIsBetter, wrongUnit } = plaw.metrics;
  const CANDIDATES = ["power", "power_offset", "shifted_power", "m4"]; // of "akaike"
  const SHOWN = ["power", "power_offset", "shifted_power"]; // the one law beside the average: those that are fitted in no time
  const ASSURANCE = 0.8; // the probability with which a new measurement reaches the target at `assured` examples
  const FARTHER = [2, 10, 100]; // times the largest size, at which the probability of the target is told
  const RIVAL = 4; // difference of Akaike's criterion below which another law is not refuted
  const FAR_RANGES = 1; // measured ranges (in logarithms) beyond the data, from which on an answer is far away

  const percent = (level) => `${Math.round(100 * level)}%`;

  /** A size with its interval, in words. */
  const sizeText = ({ n, low, high, level }) => `${plain(n)} (${general(100 * level)}% interval ${plain(low)} ... ${plain(high)})`;

  /**
   * The number of examples at which a curve (see reading.js) comes down to `target`, in the unit of its metric: {metric, asked, target,
   * size: {n, low, high, level}, fit, why, expected, warnings, bought}. law: "auto", an average over laws, which also gives {assured,
   * chances, forecast}; "akaike"; or a name. at: sizes whose error is to be predicted; cost, budget: the price of an example and what may be
   * spent, of which `bought` tells what it buys. `target` and what is expected are errors. Throws plaw.Refusal.
   */
  function estimate(measured, { target: asked, law = "auto", level = 0.95, at = [], cost, budget }) {
    const { metric } = measured, score = higherIsBetter(metric), curve = checkedCurve(measured.x, plaw.reading.errorsOf(measured), measured.yerr);
    const [target, mixed] = asError(asked, metric, curve);
    if (!at.every((n) => Number.isFinite(n) && n > 0)) throw new plaw.Refusal("Errors are predicted at positive sizes only, and at finite ones.");
    const spent = cost === undefined && budget === undefined ? [] : [plaw.design.examplesBought(cost, budget)];
    const hints = [...(score ? [] : ["if more is better, name the metric, like accuracy"]), ...measured.notes];
    const answer = (law === "auto" ? byAverage : byOneLaw)(curve, target, law, level, [...at, ...spent], hints);
    const thinning = curve.y.length > MOST_POINTS
      ? [`${grouped(String(curve.y.length))} sizes are brought down to ${MOST_POINTS} points, each the mean of its neighbours`] : [];
    const beware = mixed ? [mixed] : alreadyMet(answer, metric);
    const bought = spent.map((n) => ({ n, cost, budget, value: answer.expected.at(-1) }))[0] ?? null;
    return {
      ...answer, metric, asked, bought, expected: answer.expected.slice(0, at.length),
      warnings: [...measured.notes, ...thinning, ...beware, ...answer.warnings],
    };
  }

  /** The target as an error, and what is strange about it. */
  function asError(asked, metric, { y }) {
    const target = flip(metric, asked), mixed = wrongUnit(metric, asked, y), score = higherIsBetter(metric);
    if (!(Number.isFinite(target) && target > 0) || (mixed && score)) {
      if (mixed) throw new plaw.Refusal(`${mixed[0].toUpperCase()}${mixed.slice(1)}.`);
      throw new plaw.Refusal(score
        ? `The target must lie below the ceiling of ${metric.name}, ${general(metric.ceiling)}; not ${general(asked)}.`
        : `The target must be a positive error, not ${general(asked)}.`);
    }
    return [target, mixed];
  }

  /** A sentence where the target is met within the data: by the law and a point, or by the largest size. */
  function alreadyMet({ fit: { curve }, size, target }, metric) {
    const met = curve.y.findIndex((error, i) => error <= target && curve.x[i] >= Math.min(size.n, curve.x.at(-1)));
    return met < 0 ? [] : [`the target is already met: at n = ${plain(curve.x[met])} the ${metric.name} is ${general(flip(metric, curve.y[met]), 4)}`];
  }

  const notFalling = (curve, hints) => new plaw.Refusal(
    `${[`The ${curve} curve does not fall with n: no number of examples can be predicted from it, measure more sizes`, ...hints].join("; ")}.`);

  /** A curve with the noise of errors that were counted on a test set. */
  function withCountingNoise(measured, testSize) {
    if (measured.yerr || measured.y.some(Array.isArray)) {
      throw new plaw.Refusal("The noise is known already, from its own column or from several runs: leave out the test size.");
    }
    return { ...measured, yerr: countingNoise(plaw.reading.errorsOf(measured), testSize, measured.metric.ceiling === 100 ? 100 : 1) };
  }

  /** The answer of one law. */
  function byOneLaw(curve, target, law, level, at, hints) {
    const short = thinned(curve), { fit, why, rivals } = law === "akaike"
      ? chooseLaw(short, CANDIDATES)
      : { fit: fitLaw(LAWS.find(({ name }) => name === law), short), why: "as asked for", rivals: [] };
    if (!(fit.predict(short.logX.at(-1)) < fit.predict(short.logX[0]))) throw notFalling("fitted", hints);
    const size = invert(fit, target, level), bands = band(fit, at.map(Math.log), level), half = normalQuantile(level) * Math.sqrt(newVariance(fit));
    const expected = at.map((n, i) => {
      const [low, high] = bands[i], best = fit.predict(Math.log(n)), arm = (end) => Math.hypot(best - end, half);
      const [error, ...rest] = [best, low, high, best - arm(low), best + arm(high)].map(Math.exp);
      return { n, error, low: rest[0], high: rest[1], newLow: rest[2], newHigh: rest[3] };
    });
    return { target, size, fit, why, expected, assured: NaN, chances: [], warnings: warnings(fit, size, target, rivals) };
  }

  /** Of log y of a new measurement, as noisy as the last third of those given. */
  function newVariance({ curve, chi2, dof }) {
    const last = curve.logError.slice(-Math.max(1, Math.floor(curve.y.length / 3)));
    return curve.known ? sum(last.map((error) => error ** 2)) / last.length : dof ? chi2 / dof : NaN;
  }

  /** The answer of an average over laws, each of which may be a little wrong. */
  function byAverage(curve, target, law, level, at, hints) {
    const { fit, why } = chooseLaw(thinned(curve), SHOWN), forecast = plaw.forecast.forecast(curve), shape = plaw.shape.shapeOf(curve);
    let size = forecast.invert(target, level), assured = forecast.assured(target, ASSURANCE);
    if (!shape.falls && !(target >= Math.min(...curve.y) && size.n <= curve.x.at(-1))) {
      if (!at.length) throw notFalling("measured", hints);
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
      warnings: warningsOfAverage(forecast, shape, size, target),
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

  /** The law of least Akaike criterion, why, and the other fits that are not refuted. */
  function chooseLaw(curve, candidates) {
    const sizes = unique(curve.x).length;
    const laws = candidates.map((name) => LAWS.find((law) => law.name === name));
    const fits = laws.filter((law, i) => law.parameters.length < sizes || i === 0).map((law) => fitLaw(law, curve));
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

  return { ASSURANCE, estimate, withCountingNoise, sizeText, percent };
})();
