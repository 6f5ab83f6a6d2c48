// Learning curves from tables as they are: plaw/curves/reading.py.
"use strict";

plaw.reading = (() => {
  const { sum, unique, median, general, grouped } = plaw.numbers;
  const { isMissing, decimalMark, numbers } = plaw.cells;
  const { SHARED, findRoles } = plaw.columns;
  const { findMetric, higherIsBetter, flip } = plaw.metrics;
  const { readTable, nameOf, columnOf } = plaw.table;
  const mean = (values) => sum(values) / values.length;

  /**
   * The curves of a table, each {x, y, yerr, metric, name, notes}: y in the unit of the metric, a number for each size, or an array of
   * runs; yerr null where it is not known. Options: x, y, group: names of columns; metric, ceiling, runs;
   * where: what the text is called in refusals. Throws plaw.Refusal.
   */
  function readCurves(text, options = {}) {
    const table = readTable(text, options.where);
    try {
      return curvesOf(table, findRoles(table.names, options), options);
    } catch (error) {
      if (!(error instanceof plaw.Refusal)) throw error;
      throw new plaw.Refusal(`${table.where}${error.message.startsWith("line ") ? ", " : ": "}${error.message}`);
    }
  }

  function curvesOf(table, roles, { metric, ceiling, runs }) {
    const columns = columnsOf(table, roles);
    if (!columns.runs && runs !== undefined) columns.runs = table.rows.map(() => runs);
    const [used, notes] = usable(table, roles, columns);
    if (!used.length) throw new plaw.Refusal(`no row has both ${nameOf(table, roles.size)} and ${nameOf(table, roles.values[0])}.`);
    const finite = used.flatMap((i) => columns.values[i].filter(Number.isFinite));
    const found = findMetric(metric || nameOf(table, roles.values[0]), finite, ceiling);
    notes.push(...repeatedRows(table, roles), ...pooledCurves(table, roles));
    const labels = table.rows.map((row) => roles.groups.map((i) => row[i].trim()).join(" / "));
    return [...new Set(used.map((i) => labels[i]))].map((name) => {
      const [points, more] = pointsOf(columns, used.filter((i) => labels[i] === name));
      return { ...points, metric: found, name, notes: [...notes, ...more] };
    });
  }

  /** All numbers, read with one decimal mark; values: an array of those side by side for each row. */
  function columnsOf(table, roles) {
    const size = columnOf(table, roles.size), spreads = [roles.standardError, roles.deviation].map((i) => (i === null ? null : columnOf(table, i)));
    const values = roles.values.map((i) => columnOf(table, i)), mark = decimalMark(size, [...values, ...spreads.filter(Boolean)], table.byComma);
    const runs = roles.runs === null ? null : numbers(columnOf(table, roles.runs), mark, true), read = values.map((column) => numbers(column, mark));
    const sizes = numbers(size, mark, true), [standardError, deviation] = spreads.map((column) => column && numbers(column, mark));
    return { size: sizes, values: table.rows.map((_, i) => read.map((column) => column[i])), standardError, deviation, runs };
  }

  /** The rows with a size and a value, and what to say of the others. */
  function usable(table, roles, { size, values }) {
    const [sizeName, valueName] = [nameOf(table, roles.size), nameOf(table, roles.values[0])], notes = [];
    const refuse = (row, name, need, seen) => { throw new plaw.Refusal(`line ${table.lines[row]}: ${name} must be ${need}, but it is ${general(seen)}.`); };
    const infinite = (value) => Math.abs(value) === Infinity, wrong = size.findIndex((n) => infinite(n) || n < 0);
    if (wrong >= 0) refuse(wrong, sizeName, "a positive number", size[wrong]);
    values.forEach((row, i) => row.filter(infinite).slice(0, 1).forEach((seen) => refuse(i, valueName, "a number that is not infinite", seen)));
    const missing = size.map((n, i) => Number.isNaN(n) || values[i].every(Number.isNaN)), zero = size.map((n) => n === 0);
    const linesOf = (chosen) => table.lines.filter((_, i) => chosen[i]);
    if (missing.some(Boolean)) notes.push(`${rowsOf(linesOf(missing))} without ${sizeName} or ${valueName}: left out`);
    if (zero.some(Boolean)) notes.push(`${rowsOf(linesOf(zero))} with ${sizeName} = 0, where no power law has a value: left out`);
    return [size.flatMap((_, i) => (missing[i] || zero[i] ? [] : [i])), notes];
  }

  function rowsOf(lines) {
    const several = lines.length > 1 ? "s" : "", shown = lines.slice(0, 5).join(", ") + (lines.length > 5 ? ", ..." : "");
    return `${grouped(String(lines.length))} row${several} (line${several} ${shown})`;
  }

  /** A sentence where rows are there twice; rows of a size and an error alone only where each is repeated: two runs may have one error. */
  function repeatedRows({ rows, lines, names }, roles) {
    const first = new Set();
    const repeated = lines.filter((_, i) => { const row = JSON.stringify(rows[i]), again = first.has(row); first.add(row); return again; });
    const alone = names.length === 1 + roles.values.length;
    return repeated.length && (!alone || repeated.length >= first.size)
      ? [`${rowsOf(repeated)} equal to an earlier row in every cell: counted as further runs; if they are the same runs, delete them`] : [];
  }

  /** A sentence where a column seems to tell curves apart and is not asked for. */
  function pooledCurves({ rows, names }, roles) {
    if (roles.groups.length) return [];
    const used = [roles.size, ...roles.values, roles.standardError, roles.deviation, roles.runs];
    for (const [i, name] of names.entries()) {
      if (used.includes(i) || !name || SHARED.includes(name.trim().toLowerCase())) continue;
      const sizes = new Map();
      for (const row of rows) {
        const cell = row[i].trim();
        sizes.set(cell, (sizes.get(cell) ?? new Set()).add(row[roles.size]));
      }
      const curves = [...sizes].filter(([cell, measured]) => measured.size > 1 && !isMissing(cell)).length;
      if (curves > 1 && sizes.size <= rows.length / 2) {
        return [`the column ${name.trim()} seems to tell ${curves} curves apart, and its rows are taken for one: `
          + `if they are several, ask for --group ${name.trim()}`];
      }
    }
    return [];
  }

  /** Sizes, values and standard errors of some rows, and notes. */
  function pointsOf({ size, values, standardError, deviation, runs }, rows) {
    const x = rows.map((i) => size[i]), y = rows.map((i) => mean(values[i].filter(Number.isFinite)));
    if (standardError) {
      const [yerr, notes] = filled(rows.map((i) => standardError[i]), y, "standard error");
      return [{ x, y, yerr }, notes];
    }
    if (deviation) {
      const counts = rows.map((i) => (runs ? runs[i] : 1)), wrong = counts.find((count) => !(count >= 1));
      if (wrong !== undefined) throw new plaw.Refusal(`the number of runs must be at least 1 in every row, but one is ${general(wrong)}.`);
      const [spread, notes] = filled(rows.map((i) => deviation[i]), y, "spread over runs");
      if (!runs && spread) {
        notes.push("std is the spread over runs, but neither a column runs nor --runs says how many: each point is taken for one run; if it is "
          + "the standard error of each point, call the column se");
      }
      return [{ x, y, yerr: spread && spread.map((value, i) => value / Math.sqrt(counts[i])) }, notes];
    }
    const measured = rows.flatMap((i) => values[i].filter(Number.isFinite).map((value) => [size[i], value]));
    return [{ ...bySize(measured.map(([n]) => n), measured.map(([, value]) => value)), yerr: null }, []];
  }

  /** The different sizes, ascending, and the values of each: a number where each has one, else arrays. */
  function bySize(sizes, values) {
    const x = unique(sizes), runs = x.map((n) => values.filter((_, i) => sizes[i] === n));
    return { x, y: x.length === sizes.length ? runs.flat() : runs };
  }

  /** A column of spreads; where it is missing or zero, that of the others, in relation to the value. */
  function filled(spread, y, name) {
    const given = spread.map((value) => Number.isFinite(value) && value > 0), negative = spread.find((value) => value < 0);
    if (negative !== undefined) throw new plaw.Refusal(`a ${name} cannot be negative, but one is ${general(negative)}.`);
    if (given.every(Boolean)) return [spread, []];
    if (!given.some(Boolean)) return [null, [`every ${name} is missing or zero: the noise is not known`]];
    const compared = spread.flatMap((value, i) => (given[i] && y[i] !== 0 ? [value / Math.abs(y[i])] : []));
    const relative = compared.length ? median(compared) : 1, absent = given.filter((is) => !is).length;
    return [spread.map((value, i) => (given[i] ? value : relative * Math.abs(y[i]))),
      [`the ${name} of ${absent} of ${spread.length} rows is missing or zero: that of the others is used`]];
  }

  /** The values as errors, of which less is better. */
  function errorsOf({ x, y, metric }) {
    if (!higherIsBetter(metric)) return y;
    const errors = y.map((part) => (Array.isArray(part) ? part.map((value) => flip(metric, value)) : flip(metric, part)));
    errors.forEach((part, i) => {
      if ((Array.isArray(part) ? mean(part) : part) <= 0) {
        throw new plaw.Refusal(`At n = ${general(x[i])}, ${metric.name} is at its ceiling ${general(metric.ceiling)} and leaves no error: `
          + "a law on logarithms cannot use it, leave it out.");
      }
    });
    return errors;
  }

  return { readCurves, errorsOf };
})();
