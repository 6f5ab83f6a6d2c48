// The fields of the form as the options of `plaw estimate`, and the curves in them.
"use strict";

plaw.form = (() => {
  const { number } = plaw.cells;
  const { general } = plaw.numbers;
  const FIELDS = { x: "“Column of sizes”", y: "“Column of errors or scores”", group: "“Column that tells curves apart”", runs: "“Runs behind a std”" };

  /** A refusal or a note that names the command's options, with the form's fields in their place. */
  const inThePage = (sentence) => sentence.replace(/ask for --group (.+)$/, `write $1 into the field ${FIELDS.group}`).replace(/--(x|y|group|runs)\b/g, (_, option) => `the field ${FIELDS[option]}`);

  /** {curves, options}: named curves as measured, and the question. fields: the texts of the form by name. */
  function read(fields) {
    const given = Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, text.trim()]));
    const amount = (name, whole = 1) => (given[name] ? number(given[name]) * (given[name].includes("%") ? whole : 1) : undefined);
    const options = { metric: given.metric, ceiling: amount("ceiling"), runs: wholeNumber(given.runs, "runs"), x: given.x, y: given.y, group: given.group };
    const texts = [fields.curve, ...(given.second ? [fields.second] : [])], several = texts.length > 1;
    const curves = texts.flatMap((text, i) => {
      const where = several ? `The ${["first", "second"][i]} curve` : "The curve", file = several ? where.slice(4) : "";
      return plaw.reading.readCurves(text, { ...options, where }).map((curve) => ({ ...curve, name: [file, curve.name].filter(Boolean).join(" / ") }));
    });
    const [{ metric }] = curves, other = curves.find((curve) => curve.metric.ceiling !== metric.ceiling);
    if (other) throw new plaw.Refusal(`Curves that are compared must have one metric, but these have ${metric.name} and ${other.metric.name}.`);
    if (!given.target) throw new plaw.Refusal(`The target is the wanted ${metric.name}, a number like 0.02 or 2%: none is given.`);
    const testSize = given.test ? number(given.test, true) : undefined, whole = metric.ceiling === 100 ? 100 : 1;
    return {
      curves: testSize === undefined ? curves : curves.map((curve) => plaw.planning.withCountingNoise(curve, testSize)),
      options: { target: amount("target", whole), law: given.law, level: Number(given.level), at: sizes(given.at), cost: amount("cost"), budget: amount("budget") },
    };
  }

  function sizes(text) {
    try {
      return text.split(",").filter((part) => part.trim()).map((part) => number(part.trim(), true));
    } catch {
      throw new plaw.Refusal(`Sizes are numbers with commas between them, like 240,5421 or 4k; not ${text}.`);
    }
  }

  function wholeNumber(text, name) {
    if (!text) return undefined;
    const value = number(text);
    if (!(Number.isInteger(value) && value > 0)) throw new plaw.Refusal(`The number of ${name} must be a whole number of at least 1, not ${general(value)}.`);
    return value;
  }

  /** [[name, answer]] of all curves; of several, those that are refused are left out with a note on the first answer. */
  function answers({ curves, options }) {
    const left = [], answered = curves.flatMap((curve) => {
      try {
        return [[curve.name, plaw.planning.estimate(curve, options)]];
      } catch (error) {
        if (!(error instanceof plaw.Refusal) || curves.length === 1) throw error;
        left.push(`the curve ${curve.name} is left out: ${error.message}`);
        return [];
      }
    });
    if (!answered.length) throw new plaw.Refusal(`None of the ${curves.length} curves can be answered for: ${left[0]}`);
    return { answered, left };
  }

  return { read, answers, inThePage };
})();
