// Small numerics: logarithms, linear algebra for a handful of unknowns, quantiles, and numbers as text.
//
// The scripts of this folder are plain scripts that share one object, `plaw`, not ES modules: a browser refuses to load modules
// into a page that was opened from a folder, and this book is to be read from a folder. Each names what it gives at its end.
"use strict";
var plaw = {};

plaw.numbers = (() => {
  /** log(exp a + exp b) without overflow. */
  function logAddExp(a, b) {
    const high = Math.max(a, b);
    return Number.isFinite(high) ? high + Math.log1p(Math.exp(-Math.abs(a - b))) : high;
  }

  const clip = (value, low, high) => Math.min(Math.max(value, low), high);
  const sum = (values) => values.reduce((total, value) => total + value, 0);

  function dot(a, b) {
    let total = 0;
    for (let j = 0; j < a.length; j++) total += a[j] * b[j];
    return total;
  }

  const matrix = (rows, columns, entry) => Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => entry(i, j)));
  const times = (a, v) => a.map((row) => dot(row, v));

  /** `count` numbers from first to last, both included. */
  const spaced = (first, last, count) => Array.from({ length: count }, (_, i) => first + ((last - first) * i) / (count - 1));

  const unique = (values) => [...new Set(values)].sort((a, b) => a - b);

  function median(values) {
    const sorted = [...values].sort((a, b) => a - b), half = sorted.length >> 1;
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** x of A x = b, by elimination with pivots. */
  function solveLinear(a, b) {
    const p = b.length, rows = a.map((row, i) => [...row, b[i]]), x = new Array(p).fill(0);
    for (let j = 0; j < p; j++) {
      let pivot = j;
      for (let i = j + 1; i < p; i++) if (Math.abs(rows[i][j]) > Math.abs(rows[pivot][j])) pivot = i;
      [rows[j], rows[pivot]] = [rows[pivot], rows[j]];
      for (let i = j + 1; i < p; i++) {
        const factor = rows[i][j] / rows[j][j];
        for (let k = j; k <= p; k++) rows[i][k] -= factor * rows[j][k];
      }
    }
    for (let j = p - 1; j >= 0; j--) {
      x[j] = rows[j][p];
      for (let k = j + 1; k < p; k++) x[j] -= rows[j][k] * x[k];
      x[j] /= rows[j][j];
    }
    return x;
  }

  /** Least squares: the factors of `columns` that best sum to `target` (Gram and Schmidt; 0 for a column that others make up). */
  function regress(columns, target) {
    const p = columns.length, q = columns.map((column) => [...column]), upper = matrix(p, p, () => 0), factors = new Array(p).fill(0);
    let rest = [...target];
    const projections = q.map((column, j) => {
      for (let i = 0; i < j; i++) {
        upper[i][j] = dot(q[i], column);
        column.forEach((_, k) => { column[k] -= upper[i][j] * q[i][k]; });
      }
      const norm = Math.sqrt(dot(column, column));
      upper[j][j] = norm > 1e-12 * Math.sqrt(dot(columns[j], columns[j])) ? norm : 0;
      column.forEach((_, k) => { column[k] = upper[j][j] ? column[k] / norm : 0; });
      const part = dot(column, rest);
      rest = rest.map((value, k) => value - part * column[k]);
      return part;
    });
    for (let j = p - 1; j >= 0; j--) {
      const others = sum(factors.map((factor, k) => (k > j ? upper[j][k] * factor : 0)));
      factors[j] = upper[j][j] ? (projections[j] - others) / upper[j][j] : 0;
    }
    return factors;
  }

  /** Inverse of a symmetric matrix by Jacobi's rotations; directions below 1e-14 of the strongest are left out. */
  function pseudoInverse(symmetric) {
    const p = symmetric.length, a = symmetric.map((row) => [...row]), vectors = matrix(p, p, (i, j) => (i === j ? 1 : 0));
    for (let sweep = 0; sweep < 40; sweep++) {
      for (let i = 0; i < p; i++) for (let j = i + 1; j < p; j++) rotate(a, vectors, i, j);
    }
    const least = 1e-14 * Math.max(...a.map((row, i) => Math.abs(row[i])));
    const inverse = a.map((row, i) => (Math.abs(row[i]) > least ? 1 / row[i] : 0));
    return matrix(p, p, (i, j) => sum(inverse.map((value, k) => value * vectors[i][k] * vectors[j][k])));
  }

  function rotate(a, vectors, i, j) {
    if (a[i][j] === 0) return;
    const ratio = (a[j][j] - a[i][i]) / (2 * a[i][j]);
    const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.hypot(ratio, 1));
    const c = 1 / Math.hypot(tangent, 1), s = tangent * c;
    const mix = (row, m, n) => { [row[m], row[n]] = [c * row[m] - s * row[n], s * row[m] + c * row[n]]; };
    a.forEach((row) => mix(row, i, j));
    [a[i], a[j]] = [a[i].map((v, k) => c * v - s * a[j][k]), a[j].map((v, k) => s * a[i][k] + c * v)];
    vectors.forEach((row) => mix(row, i, j));
  }

  /** Root of a function that rises from below 0 at low to above 0 at high. */
  function bisect(rising, low, high) {
    for (let i = 0; i < 80; i++) {
      const middle = (low + high) / 2;
      if (rising(middle) < 0) low = middle; else high = middle;
    }
    return (low + high) / 2;
  }

  /** Probability that a normal variable is within z of 0, by the series of its density. */
  function normalWithin(z) {
    let term = z, total = z;
    for (let k = 3; term > 1e-17 * total; k += 2) total += term *= (z * z) / k;
    return (2 * total * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
  }

  /** Probability that a normal variable is below z. */
  function normalBelow(z) {
    const within = Math.abs(z) < 9 ? normalWithin(Math.abs(z)) : 1;
    return z < 0 ? (1 - within) / 2 : (1 + within) / 2;
  }

  /** z with which |normal variable| < z has the probability `level`. */
  const normalQuantile = (level) => bisect((z) => normalWithin(z) - level, 0, 8);

  /** The same for Student's t with a whole number of degrees of freedom (Abramowitz & Stegun 26.7.3 and 26.7.4). */
  function studentQuantile(level, degrees) {
    if (!(degrees > 0)) return NaN;
    const within = (angle) => {
      const c = Math.cos(angle), odd = degrees % 2;
      let term = odd ? c : 1, total = degrees > 1 ? term : 0;
      for (let k = odd ? 3 : 2; k < degrees; k += 2) total += term *= (c * c * (k - 1)) / k;
      return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * total) : Math.sin(angle) * total;
    };
    return Math.sqrt(degrees) * Math.tan(bisect((angle) => within(angle) - level, 0, Math.PI / 2));
  }

  /** Like Python's `%g`: so many significant digits, no trailing zeros, an exponent where the number is very small or large. */
  function general(value, digits = 6) {
    if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
    if (value === 0) return "0";
    const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
    const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
    if (exponent >= -4 && exponent < digits) return trimmed(value.toFixed(digits - 1 - exponent));
    return `${trimmed(mantissa)}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }

  /** Commas between thousands. */
  const grouped = (text) => text.replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));

  /** A size: four digits, and no power of ten up to 10^15. */
  const plain = (size) => grouped(general(Number(size.toPrecision(4)), 15));

  return {
    logAddExp, clip, sum, dot, matrix, times, spaced, unique, median, solveLinear, regress, pseudoInverse, normalBelow, normalQuantile,
    studentQuantile,
    general, grouped, plain,
  };
})();
