// A refusal, and texts in quotes as Python shows them, so that the page refuses in the sentences of the command.
"use strict";

/** What is wrong with the input and what to do, in one sentence. */
plaw.Refusal = class extends Error {};

plaw.quoted = (text) => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", [quote]: `\\${quote}` };
  const hidden = (mark) => {
    const code = mark.codePointAt(0);
    if (code < 256) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code < 65536 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
  };
  return quote + Array.from(text, (mark) => escaped[mark] ?? (/[\p{C}\p{Z}]/u.test(mark) && mark !== " " ? hidden(mark) : mark)).join("") + quote;
};
