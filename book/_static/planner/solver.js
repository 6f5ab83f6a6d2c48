// Levenberg-Marquardt for one small least-squares problem within bounds: plaw/curves/solver.py, which does many at once.
"use strict";

plaw.solver = (() => {
  const { clip, dot, matrix, solveLinear } = plaw.numbers;
  const STEP = 1e-5; // of the central differences, on parameters of order 1
  const TOLERANCE = 1e-10;
  const ATTEMPTS = 12;

  /** The sum of squares; infinite where one is not finite. */
  function cost(values) {
    let total = 0;
    for (const value of values) total += value * value;
    return Number.isNaN(total) ? Infinity : total;
  }

  /** Slopes [j][m] of each residual m in each parameter j, by central differences. */
  function jacobian(residuals, theta) {
    return theta.map((value, j) => {
      const step = STEP * Math.max(1, Math.abs(value)), moved = [...theta];
      moved[j] = value + step;
      const above = residuals(moved);
      moved[j] = value - step;
      const below = residuals(moved);
      return above.map((a, m) => (a - below[m]) / (2 * step));
    });
  }

  /**
   * Minimise the sum of squares of residuals(theta) within low and high. Done when the step is nothing beside theta, or could gain no
   * more than `slack` of the cost. Returns {theta, cost, converged}.
   */
  function solve(residuals, start, low, high, steps = 300, slack = 1e-14) {
    let theta = start.map((value, j) => clip(value, low[j], high[j]));
    let value = residuals(theta), least = cost(value), damping = 1e-3;
    if (!Number.isFinite(least)) return { theta, cost: least, converged: false };
    for (let i = 0; i < steps; i++) {
      const { normal, gradient } = normalEquations(residuals, theta, value, low, high);
      const gain = -dot(gradient, dampedStep(normal, gradient, 1e-9));
      if (!(gain > slack * least)) return { theta, cost: least, converged: gain <= slack * least };
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) { // each with ten times the damping of the last
        const step = dampedStep(normal, gradient, damping);
        const trial = theta.map((t, j) => clip(t + step[j], low[j], high[j]));
        const trialValue = residuals(trial), trialCost = cost(trialValue);
        const small = trial.every((t, j) => Math.abs(t - theta[j]) <= TOLERANCE * (Math.abs(theta[j]) + 1e-2));
        const better = trialCost <= least;
        if (better) [theta, value, least] = [trial, trialValue, trialCost];
        damping = better ? Math.max(damping / 10, 1e-14) : damping * 10;
        if (small) return { theta, cost: least, converged: true };
        if (better) break;
      }
    }
    return { theta, cost: least, converged: false };
  }

  /** J^T J and J^T r, parameters held that sit on a bound and want to leave it outward. */
  function normalEquations(residuals, theta, value, low, high) {
    const slopes = jacobian(residuals, theta);
    const gradient = slopes.map((slope) => dot(slope, value));
    const held = theta.map((t, j) => (t <= low[j] && gradient[j] > 0) || (t >= high[j] && gradient[j] < 0) || low[j] === high[j]);
    const entry = (i, j) => (held[i] || held[j] ? 0 : dot(slopes[i], slopes[j]) || 0);
    return { normal: matrix(theta.length, theta.length, entry), gradient: gradient.map((g, j) => (held[j] ? 0 : g || 0)) };
  }

  function dampedStep(normal, gradient, damping) {
    const scale = normal.map((row, j) => (row[j] > 0 ? Math.sqrt(row[j]) : 1));
    const scaled = normal.map((row, i) =>
      row.map((entry, j) => entry / (scale[i] * scale[j]) + (i === j ? damping + (row[i] > 0 ? 1e-15 : 1) : 0)));
    return solveLinear(scaled, gradient.map((g, j) => g / scale[j])).map((x, j) => -x / scale[j]);
  }

  return { cost, jacobian, solve };
})();
