// Runs the planner's plain scripts without a browser: `node planner.mjs SCRIPT... < questions`, answers as JSON.
//
// The questions are a JavaScript expression: {ask: "function of one question", questions: [...]}. Infinity and NaN go through as
// Python's json writes and reads them.
import { readFileSync } from "node:fs";
import vm from "node:vm";

const context = vm.createContext({ TextDecoder });
for (const script of process.argv.slice(2)) vm.runInContext(readFileSync(script, "utf8"), context, { filename: script });

const { ask, questions } = vm.runInContext(`(${readFileSync(0, "utf8")})`, context);
const answers = questions.map(vm.runInContext(`(${ask})`, context));
const marked = (key, value) => (typeof value === "number" && !Number.isFinite(value) ? `@${value}@` : value);
process.stdout.write(JSON.stringify(answers, marked).replace(/"@(-?Infinity|NaN)@"/g, "$1"));
