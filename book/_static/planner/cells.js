// Numbers as people write them: decimal commas, thousands marks, `4k`, `35.3%`, and what stands for nothing: plaw/curves/cells.py.
"use strict";

plaw.cells = (() => {
  const { general } = plaw.numbers;
  const MISSING = ["", "na", "n/a", "#n/a", "<na>", "nan", "null", "nil", "none", "-", "--", "–", "?", "."];
  const SUFFIXES = { k: 1e3, m: 1e6, b: 1e9, g: 1e9, t: 1e12 };
  const GAP = /(?<=\d)[ \u00a0\u202f\u2009'’_](?=\d{3}(?!\d))/g; // 10 000
  const SUFFIX = /(?<=[\d.,])\s*([kmbgt])$/i;
  const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
  const INFINITE = /^[+-]?inf(inity)?$/i;
  const THREE = /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/; // 1,000 or 1.000: a thousand, or one

  const isMissing = (text) => MISSING.includes(text.trim().toLowerCase());

  /** One number of a field of the form, its decimal mark a point. sizes: whether k, M, B and T stand for thousands and so on. */
  function number(text, sizes = false) {
    const value = parse(text, ".", sizes);
    if (value === undefined || isMissing(text)) {
      throw new plaw.Refusal(`${plaw.quoted(text)} is not a number${sizes ? ", like 4000 or 4k" : ", like 0.02 or 2%"}.`);
    }
    return value;
  }

  /** The number of a cell, NaN where it is missing, undefined where it is neither. */
  function parse(text, decimalMark, sizes = false) {
    if (decimalMark === "." && NUMBER.test(text)) return Number(text);
    if (isMissing(text)) return NaN;
    let [bare, factor] = bareNumber(text);
    const suffix = sizes ? SUFFIX.exec(bare) : null;
    if (suffix) [bare, factor] = [bare.slice(0, suffix.index), factor * SUFFIXES[suffix[1].toLowerCase()]];
    const thousands = decimalMark === "." ? "," : ".";
    if (bare.includes(thousands)) {
      if (!new RegExp(`^[+-]?\\d{1,3}(\\${thousands}\\d{3})+(\\${decimalMark}\\d*)?$`).test(bare)) return undefined;
      bare = bare.replaceAll(thousands, "");
    }
    bare = bare.replaceAll(decimalMark, ".");
    if (INFINITE.test(bare)) return bare.startsWith("-") ? -Infinity : Infinity;
    return NUMBER.test(bare) ? Number(bare) * factor : undefined;
  }

  /** A number without spaces, gaps between thousands and percent sign; and what the sign multiplies it with. */
  function bareNumber(text) {
    const bare = text.trim().replaceAll("−", "-").replace(GAP, "");
    return bare.endsWith("%") ? [bare.slice(0, -1).trim(), 0.01] : [bare, 1];
  }

  const digitsOf = (text) => bareNumber(text)[0].replace(SUFFIX, "");
  const seen = (column, place) => `${plaw.quoted(column.texts[place].trim())} in line ${column.lines[place]}`;

  /** "." or ",": what the numbers of a table have. A column is {name, texts, lines}; others: all but the sizes. */
  function decimalMark(sizes, others, byComma) {
    const shown = {};
    for (const column of [sizes, ...others]) {
      column.texts.forEach((text, place) => {
        const mark = shownMark(text);
        if (mark) shown[mark] ??= seen(column, place);
      });
    }
    if (shown["."] && shown[","]) {
      throw new plaw.Refusal(`Some numbers have a decimal point (${shown["."]}) and others a decimal comma (${shown[","]}): write all of them alike.`);
    }
    const [mark] = Object.keys(shown);
    if (mark) {
      refuseTwoReadings(sizes, mark);
      return mark;
    }
    const ambiguous = others.some(({ texts }) => texts.some((text) => text.includes(",") && THREE.test(digitsOf(text))));
    return ambiguous && !byComma ? "," : ".";
  }

  /** The decimal mark that a number shows beyond doubt. */
  function shownMark(text) {
    const digits = digitsOf(text), points = digits.split(".").length - 1, commas = digits.split(",").length - 1;
    if (points && commas) return digits.lastIndexOf(".") > digits.lastIndexOf(",") ? "." : ",";
    if (points + commas === 0 || THREE.test(digits)) return null;
    if (points > 1 || commas > 1) return points ? "," : ".";
    return points ? "." : ",";
  }

  /** Refuse 1,000 beside 0,21, and 1.000 and 500 beside 0.21: one or a thousand? */
  function refuseTwoReadings({ texts, lines }, mark) {
    const marked = texts.flatMap((text, place) => (text.includes(mark) ? [place] : []));
    if (!marked.length || !marked.every((place) => THREE.test(digitsOf(texts[place])))) return;
    if (mark === "," || texts.some((text) => !text.includes(mark) && /^\d+$/.test(digitsOf(text)))) {
      const digits = digitsOf(texts[marked[0]]), one = general(Number(digits.replace(mark, ".")));
      throw new plaw.Refusal(`line ${lines[marked[0]]}: the size ${digits} could be ${one} or ${digits.replace(mark, "")}, beside numbers with a decimal `
        + `${mark === "," ? "comma" : "point"}: write sizes without thousands marks.`);
    }
  }

  /** The numbers of a column, NaN where a cell is missing. */
  function numbers(column, mark, sizes = false) {
    const values = column.texts.map((text, place) => {
      const value = parse(text, mark, sizes);
      if (value === undefined) {
        throw new plaw.Refusal(`line ${column.lines[place]}: ${column.name} must be a number, but the cell is ${plaw.quoted(text.trim())}.`);
      }
      return value;
    });
    const first = (signed) => column.texts.findIndex((text, place) => !Number.isNaN(values[place]) && text.includes("%") === signed);
    const [signed, bare] = [first(true), first(false)];
    if (signed >= 0 && bare >= 0) {
      throw new plaw.Refusal(`${column.name} is a percentage, ${seen(column, signed)}, and has no percent sign, ${seen(column, bare)}: write all of them alike.`);
    }
    return values;
  }

  return { isMissing, number, parse, decimalMark, numbers };
})();
