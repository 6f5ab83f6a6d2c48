// The picture of the answers: points, lines, bands and the target of one curve or of several, with their axes.
"use strict";

plaw.picture = (() => {
  const { spaced, general } = plaw.numbers;
  const { formula, flip } = plaw.metrics;
  const BAND = 40; // sizes at which a line and its band are drawn

  /** The sizes from the first to the last of which the picture reaches, as in plaw/curves/drawing.py. */
  function range(answers) {
    const reach = answers.map(([, { fit, size }]) => {
      const { x } = fit.curve, ends = [size.n, size.low, size.high].filter((n) => n > 0 && n < Infinity);
      return [Math.min(x[0], ...ends), Math.min(Math.max(x.at(-1), ...ends), (1e6 / 1.5) * x.at(-1))];
    });
    return [Math.min(...reach.map(([first]) => first)) / 1.5, Math.max(...reach.map(([, last]) => last)) * 1.5];
  }

  /** Each answer with its line and the sizes of its band, which is found later, by `widen`. answers: [[name, answer]]. */
  function sketch(answers) {
    const grid = spaced(...range(answers).map(Math.log), BAND);
    return answers.map(([name, answer]) => {
      const line = grid.map((logN) => [Math.exp(logN), Math.exp((answer.forecast ?? answer.fit).predict(logN))]);
      return { name, answer, grid, line, band: [] };
    });
  }

  /** Find the next point of a band; false where all are found. */
  function widen(series) {
    const next = series.find(({ band }) => band.length < BAND);
    if (!next) return false;
    const logN = next.grid[next.band.length], { forecast, fit, size } = next.answer;
    const ends = forecast ? forecast.band(logN, size.level) : plaw.fit.band(fit, [logN], size.level)[0];
    next.band.push([Math.exp(logN), ...ends.map(Math.exp)]);
    return true;
  }

  /** What the chart is to draw. dragged: the target's error while it is moved, which has no answer yet. */
  function chartOf(series, dragged) {
    const { metric, target, asked } = series[0].answer, level = dragged ?? target, several = series.length > 1;
    const errors = [target, ...series.flatMap(({ answer, line }) => [...answer.fit.curve.y, ...line.map(([, error]) => error)])];
    const shownTarget = general(dragged === undefined ? asked : flip(metric, dragged), 4);
    const layers = series.flatMap(({ name, answer: { fit: { curve }, size }, line, band }, number) => {
      const of = several ? { series: number } : {}, answered = dragged === undefined;
      return [
        ...(band.length === BAND ? [{ ...of, kind: "band", points: band }] : []),
        { ...of, kind: "line", points: line },
        { ...of, kind: "points", points: curve.x.map((n, i) => [n, curve.y[i], curve.yerr[i]]) },
        ...(several ? [{ ...of, kind: "name", label: name, place: number }] : []),
        ...(answered && size.low < Infinity ? [{ ...of, kind: "interval", y: target, from: size.low, to: size.high }] : []),
        ...(answered && size.n > 0 && size.n < Infinity ? [{ ...of, kind: "mark", x: size.n, y: target, label: `n = ${plaw.words.count(size.n)}` }] : []),
      ];
    });
    return {
      x: [series[0].line[0][0], series[0].line.at(-1)[0]], y: [Math.min(...errors) / 1.5, Math.max(...errors) * 1.3],
      xLabel: "examples n", yLabel: formula(metric), layers: [{ kind: "level", y: level, label: `target ${shownTarget}` }, ...layers],
      title: "Errors against examples, on logarithmic axes", description: series.map(describe).join(" "),
    };
  }

  function describe({ name, answer: { fit, forecast, size, asked } }) {
    return `${name && `${name}: `}${fit.curve.x.length} measured sizes, ${forecast ? "the average over laws" : `the law ${fit.law.name}`} through them, its band, `
      + `and the target ${general(asked)}: n = ${plaw.planning.sizeText(size)}.`;
  }

  return { sketch, widen, chartOf };
})();
