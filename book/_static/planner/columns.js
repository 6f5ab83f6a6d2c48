// Which column of a table holds the sizes, which the errors, and which what is known of their noise: plaw/curves/columns.py.
"use strict";

plaw.columns = (() => {
  const { normal, plainName, kindOf } = plaw.metrics;
  const words = (text) => text.split(/\s+/);
  const SIZES = words("x size sizes examples samples tokens images labels sentences documents instances points anchor sample_size data_size "
    + "dataset_size trainset_size data_points ntrain");
  const FILLERS = words("n number num nr no of the total count train training labeled labelled seen set per label class");
  const STANDARD_ERRORS = words("se sem stderr std_err std_error standard_error standard_error_of_mean");
  const DEVIATIONS = words("std sd stdev stddev std_dev standard_deviation sigma");
  const RUNS = words("runs n_runs num_runs repeats n_repeats num_repeats repetitions replicates seeds n_seeds num_seeds folds n_folds n_splits "
    + "trials n_trials count");
  const SHARED = words("seed seeds run fold split repeat repetition replicate trial random_state sample index id");

  /** Places of the columns {size, values, standardError, deviation, runs, groups}, found by name or asked for as x, y and group. */
  function findRoles(names, { x, y, group } = {}) {
    const size = x ? named(names, x) : sizeColumn(names);
    const values = y ? several(names, y) : [valueColumn(names, size)], groups = group ? several(names, group) : [];
    const measured = plainName(names[values[0]]), spread = (known) => spreadColumn(names, known, measured, [size, ...values, ...groups]);
    return { size, values, standardError: spread(STANDARD_ERRORS), deviation: spread(DEVIATIONS), runs: spread(RUNS), groups };
  }

  const shown = (names) => names.map((name) => name || "(no name)").join(", ");
  const thereTwice = (name, count) => new plaw.Refusal(`the column ${plaw.quoted(name)} is there ${count} times: give each its own name.`);

  /** The column that is asked for: as it is written, or else in any case. */
  function named(names, wanted) {
    for (const same of [(name) => name.trim(), (name) => name.trim().toLowerCase(), normal]) {
      const places = names.flatMap((name, i) => (name && same(name) === same(wanted) ? [i] : []));
      if (places.length > 1) throw thereTwice(wanted, places.length);
      if (places.length) return places[0];
    }
    throw new plaw.Refusal(`there is no column ${plaw.quoted(wanted)}: the columns are ${shown(names)}.`);
  }

  /** The columns asked for, with commas between them; one whose name has a comma counts as one. */
  function several(names, wanted) {
    const same = (name) => name.trim().toLowerCase() === wanted.trim().toLowerCase();
    return names.some(same) ? [named(names, wanted)] : wanted.split(",").filter((part) => part.trim()).map((part) => named(names, part));
  }

  /** Whether a column holds sizes: "n", "Train size", "number of training examples", but not "train". */
  function isSize(name) {
    const parts = normal(name).split("_"), rest = parts.filter((part) => !FILLERS.includes(part)).join("_");
    return SIZES.includes(rest) || (!rest && parts.includes("n"));
  }

  const places = (names, fits) => names.flatMap((name, i) => (fits(name, i) ? [i] : []));
  const sizeColumn = (names) => only(names, places(names, isSize), "n", "sizes", "--x");

  /** The column of errors or scores: by its whole name, or else by the last word of it. */
  function valueColumn(names, size) {
    const of = (byLastWord) => places(names, (name, i) => i !== size && kindOf(name, byLastWord)), byName = of(false);
    return only(names, byName.length ? byName : of(true), "error", "errors or scores", "--y");
  }

  /** The one column of several that could be meant: that of the first choice, if there is one. */
  function only(names, found, firstChoice, what, option) {
    const first = found.filter((i) => normal(names[i]) === firstChoice), chosen = first.length ? first : found;
    if (chosen.length === 1) return chosen[0];
    if (!chosen.length) throw new plaw.Refusal(`no column of ${what} is found among ${shown(names)}: call it ${firstChoice}, or name it by ${option}.`);
    if (new Set(chosen.map((i) => normal(names[i]))).size === 1) throw thereTwice(names[chosen[0]], chosen.length);
    throw new plaw.Refusal(`${shown(chosen.map((i) => names[i]))} could all be the ${what}: name one of them by ${option}.`);
  }

  /** The column of the noise: std, error_std, std_error and so on, of the measured values and of nothing else; or null. */
  function spreadColumn(names, known, measured, taken) {
    const found = places(names, (name, i) => !taken.includes(i) && known.some((word) => {
      const plain = normal(name);
      if (plain === word) return true;
      const rest = plain.startsWith(`${word}_`) ? plain.slice(word.length + 1) : plain.endsWith(`_${word}`) ? plain.slice(0, -word.length - 1) : null;
      return rest !== null && plainName(rest) === measured;
    }));
    if (found.length > 1) throw new plaw.Refusal(`${shown(found.map((i) => names[i]))} could all be the noise: keep one of them.`);
    return found.length ? found[0] : null;
  }

  return { SHARED, findRoles };
})();
