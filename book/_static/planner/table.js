// A table of text cells in any of the usual dialects of CSV: plaw/curves/table.py.
"use strict";

plaw.table = (() => {
  const { isMissing, parse } = plaw.cells;
  const MOST_BYTES = 32 * 1024 ** 2, LONGEST_CELL = 131072; // the latter is that of Python's csv
  const SEPARATORS = ["\t", ";", ",", "|"];
  const BLANK = /^[\t;,| "]*$/, RULE = /^[ \t\-:=+]*$/; // of what a line below the names, or between rows, is drawn
  const NOT_IN_WINDOWS_1252 = [0x81, 0x8d, 0x8f, 0x90, 0x9d];

  /** The text of a file's bytes: UTF-8, UTF-16 with its mark, or Windows-1252. */
  function decoded(bytes, where = "The curve") {
    if (bytes.length > MOST_BYTES) throw tooLarge(where);
    const marked = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    if (!marked && (bytes.includes(0) || String.fromCharCode(...bytes.slice(0, 4)) === "PK\x03\x04")) {
      throw new plaw.Refusal(`${where} cannot be read as CSV: it is not text; from a spreadsheet, save the table as CSV.`);
    }
    const strict = { fatal: true };
    try {
      return new TextDecoder(!marked ? "utf-8" : bytes[0] === 0xff ? "utf-16le" : "utf-16be", strict).decode(bytes);
    } catch {
      if (!marked && !NOT_IN_WINDOWS_1252.some((byte) => bytes.includes(byte))) return new TextDecoder("windows-1252").decode(bytes);
      throw new plaw.Refusal(`${where} cannot be read as CSV: it is text neither in UTF-8 nor in Windows-1252.`);
    }
  }

  const tooLarge = (where) => new plaw.Refusal(`${where} is larger than ${MOST_BYTES / 1024 ** 2} MiB, too large for a learning curve.`);

  /** The table of a text: {where, names, rows, lines, byComma}; rows have as many cells as there are names, blank ones are left out. */
  function readTable(text, where = "The curve") {
    if (text.length > MOST_BYTES) throw tooLarge(where);
    const lines = text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n").split("\n");
    const [first, names, separator] = header(where, lines);
    let numbered;
    try {
      numbered = records(lines, first + 1, separator);
    } catch (error) {
      if (!(error instanceof plaw.Refusal)) throw error;
      throw new plaw.Refusal(`${where} cannot be read as CSV: ${error.message}.`);
    }
    if (!numbered.length) throw new plaw.Refusal(`${where} needs a first line that names the columns, and rows below it: there are none.`);
    const rows = numbered.map(([line, row]) => (row.length === names.length ? row : fitted(where, line, row, names, separator)));
    return { where, names, rows, lines: numbered.map(([line]) => line), byComma: separator === "," };
  }

  /** The name of a column, or its number where it has none. */
  const nameOf = ({ names }, index) => names[index] || `column ${index + 1}`;
  const columnOf = (table, index) => ({ name: nameOf(table, index), texts: table.rows.map((row) => row[index]), lines: table.lines });

  /** The line with the names, the names, and what separates the columns; " " stands for any white space. */
  function header(where, lines) {
    let separator = "", comment = -1;
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i];
      if (line.toLowerCase().startsWith("sep=") && line.trim().length === 5) separator = line.trim()[4]; // Excel's own first line
      else if (line.trimStart().startsWith("#")) comment = i;
      else if (!BLANK.test(line)) {
        let at = i, [names, found] = namesOf(line, separator);
        if (names.every(isNumber) && comment >= 0) {
          at = comment;
          [names, found] = namesOf(lines[at].replace(/^[# \t]+/, ""), separator);
        }
        if (names.every(isNumber)) break;
        return [at, names, found];
      }
    }
    const begins = (lines.find((line) => line.trim()) ?? "").slice(0, 60);
    throw new plaw.Refusal(`${where} needs a first line that names the columns, like n,error, and rows of numbers below it`
      + (begins ? `; it begins with ${plaw.quoted(begins)}.` : "."));
  }

  const isNumber = (name) => isMissing(name) || parse(name, ".", true) !== undefined || parse(name, ",", true) !== undefined;
  const words = (line) => line.trim().split(/\s+/).filter(Boolean);

  function namesOf(line, separator) {
    let best = "", cells = [];
    for (const each of separator ? [separator] : SEPARATORS) {
      const [split] = csv([line], each).map(([, row]) => row);
      if (!best || split.length > cells.length) [best, cells] = [each, split];
    }
    if (cells.length === 1 && !separator) [best, cells] = [" ", words(line)];
    return [cells.map((cell) => cell.trim()), best];
  }

  /** The rows from a line on, with their line numbers; blank rows, rules and comments are left out. */
  function records(lines, first, separator) {
    const wanted = lines.slice(first), split = separator === " " ? wanted.map((line, i) => [i + 1, words(line)]) : csv(wanted, separator);
    return split.filter(([, row]) => !RULE.test(row.join("")) && !row[0].startsWith("#")).map(([line, row]) => [first + line, row]);
  }

  /** [number of the row's last line, cells] as Python's csv reads them: spaces before a cell are skipped, a quoted cell may have lines. */
  function csv(lines, separator) {
    const rows = [];
    let row = [], cell = "", state = "start"; // of a cell; or inside it, in "quotes", or after a quote that may "end" them
    const finish = () => {
      row.push(cell);
      [cell, state] = ["", "start"];
    };
    lines.forEach((line, i) => {
      for (const mark of line) {
        if (state === "quotes") {
          if (mark === '"') state = "end"; else cell += mark;
        } else if (mark === separator) finish();
        else if (mark === '"' && state !== "inside") {
          if (state === "end") cell += mark;
          state = "quotes";
        } else if (mark !== " " || state !== "start") {
          cell += mark;
          state = "inside";
        }
        if (cell.length > LONGEST_CELL) throw new plaw.Refusal(`field larger than field limit (${LONGEST_CELL})`);
      }
      if (state === "quotes" && i < lines.length - 1) {
        cell += "\n";
        return;
      }
      if (line !== "" || row.length || cell) finish();
      rows.push([i + 1, row]);
      row = [];
    });
    return rows;
  }

  /** A row of another length than the names: cells that are missing at its end are empty, more cells are refused. */
  function fitted(where, line, row, names, separator) {
    if (row.slice(names.length).some((cell) => cell.trim())) {
      const remedy = separator === "," ? "decimal commas need semicolons between the columns, or quotes" : "quote them";
      throw new plaw.Refusal(`${where}, line ${line}: the line has ${row.length} cells and the first line names ${names.length} columns, `
        + `${names.join(", ")}: ${remedy}.`);
    }
    return names.map((_, i) => row[i] ?? "");
  }

  return { decoded, readTable, nameOf, columnOf };
})();
