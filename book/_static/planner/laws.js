// The laws of a learning curve among which `plaw estimate` chooses by itself: plaw/curves/laws.py.
//
// A law works on logarithms: logValue(theta, log n) is the logarithm of the error, theta the parameters on the scale the solver walks
// on (logarithms of those named in `logarithmic`); bounds(logX, y) -> [low, high] and starts(logX, y) are on the same scale.
"use strict";

plaw.laws = (() => {
  const { logAddExp, clip, spaced, regress } = plaw.numbers;
  const NEGLIGIBLE = 1e-8; // a level this much below the smallest y cannot be told from zero
  const EXPONENT = 20;
  const OFFSETS = ["e_inf", "g"]; // the parameters that may be nothing
  const FREE = [-Infinity, Infinity], SLOPE = [-EXPONENT, EXPONENT], FALLING = [1e-3, EXPONENT];
  const LEAST_A = 0.01; // below it M4 has a corner, not a bend
  const PARTS = [1e-3, 0.3, 0.6, 0.8, 0.95, 0.995]; // trial offsets, as parts of the smallest y

  const least = (values) => Math.min(...values), greatest = (values) => Math.max(...values);
  const ones = (values) => values.map(() => 1), negative = (values) => values.map((value) => -value);
  const level = (y) => [Math.log(NEGLIGIBLE * least(y)), Math.log(greatest(y))];
  const transposed = (rows) => [rows.map((row) => row[0]), rows.map((row) => row[1])];

  const powerLog = (theta, logX) => theta[0] - theta[1] * logX;
  const powerStart = (logX, y) => regress([ones(logX), negative(logX)], y.map(Math.log));

  function powerOffsetStarts(logX, y) {
    const floor = NEGLIGIBLE * least(y);
    return PARTS.map((part) => {
      const offset = part * least(y);
      return [Math.log(offset), ...powerStart(logX, y.map((value) => Math.max(value - offset, floor)))];
    });
  }

  function shiftedStarts(logX, y) {
    return spaced(-greatest(logX) - 9, -least(logX) + 5, 10).map((shift) => {
      const [b, c] = regress([ones(logX), logX.map((x) => logAddExp(-x, shift))], y.map(Math.log));
      return [b, shift, c];
    });
  }

  /** Newton's method on t, with e = e_inf + span * part and part = logistic(t): the equation is monotone and bends one way only in t. */
  function m4Log(theta, logX) {
    const a = theta[2], right = theta[3] - theta[4] * logX + (a - 1) * theta[1];
    let t = right < 0 ? right : right / Math.max(a, LEAST_A);
    for (let i = 0; i < 60; i++) {
      const small = Math.exp(-Math.abs(t)), large = 1 / (1 + small); // part and 1 - part, or the other way round
      const logPart = Math.min(t, 0) - Math.log1p(small);
      const slope = t < 0 ? large + a * small * large : small * large + a * large;
      const step = clip((logPart - a * (logPart - t) - right) / (slope + 1e-300), -1e3, 1e3);
      t -= step;
      if (!(Math.abs(step) >= 1e-12)) break;
    }
    return logAddExp(theta[0], theta[1] + Math.min(t, 0) - Math.log1p(Math.exp(-Math.abs(t))));
  }

  function m4Starts(logX, y) {
    const starts = [];
    for (const part of [1e-3, 0.5, 0.9]) {
      for (const excess of [1.01, 1.3, 3, 30]) {
        const offset = part * least(y), top = excess * greatest(y);
        const columns = [y.map((value) => Math.log(top - value)), ones(y), negative(logX)];
        const target = y.map((value) => Math.log(value - offset));
        let [a, logB, c] = regress(columns, target);
        if (!(LEAST_A <= a && a <= EXPONENT)) {
          a = clip(a, LEAST_A, EXPONENT);
          [logB, c] = regress(columns.slice(1), target.map((value, i) => value - a * columns[0][i]));
        }
        starts.push([Math.log(offset), Math.log(top - offset), a, logB, c]);
      }
    }
    return starts;
  }

  const LAWS = [
    {
      name: "power", formula: "c0 n^-rho", parameters: ["c0", "rho"], logarithmic: ["c0"],
      logValue: powerLog,
      bounds: () => transposed([FREE, SLOPE]),
      starts: (logX, y) => [powerStart(logX, y)],
    },
    {
      name: "power_offset", formula: "e_inf + c0 n^-rho", parameters: ["e_inf", "c0", "rho"], logarithmic: ["e_inf", "c0"],
      logValue: (theta, logX) => logAddExp(theta[0], theta[1] - theta[2] * logX),
      bounds: (logX, y) => transposed([level(y), FREE, FALLING]),
      starts: powerOffsetStarts,
    },
    {
      name: "shifted_power", formula: "b (1/n + g)^c", parameters: ["b", "g", "c"], logarithmic: ["b", "g"],
      logValue: (theta, logX) => theta[0] + theta[2] * logAddExp(-logX, theta[1]),
      bounds: (logX) => transposed([FREE, [-greatest(logX) - 18, -least(logX) + 12], SLOPE]),
      starts: shiftedStarts,
    },
    {
      name: "m4", formula: "(e - e_inf) / (e0 - e)^a = b n^-c, span = e0 - e_inf",
      parameters: ["e_inf", "span", "a", "b", "c"], logarithmic: ["e_inf", "span", "b"],
      logValue: m4Log,
      bounds: (logX, y) => {
        const span = [Math.log(greatest(y) - 0.9 * least(y)) - 7, Math.log(greatest(y)) + 12];
        return transposed([level(y), span, [LEAST_A, EXPONENT], FREE, FALLING]);
      },
      starts: m4Starts,
    },
  ];

  /** The parameters by name in the formula's units; an offset at its lower bound is 0. */
  function natural(law, theta, low) {
    return Object.fromEntries(law.parameters.map((name, j) => {
      const value = law.logarithmic.includes(name) ? Math.exp(theta[j]) : theta[j];
      return [name, OFFSETS.includes(name) && theta[j] <= low[j] ? 0 : value];
    }));
  }

  return { LAWS, natural };
})();
