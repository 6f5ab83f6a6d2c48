// The planner without a browser, one question a line: `node planner_lines.mjs FUNCTION SCRIPT...`. Each answer is a line too, with the
// seconds of the processor that it took and the memory that node holds. Infinity and NaN go through as Python's json reads them.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import vm from "node:vm";

const [ask, ...scripts] = process.argv.slice(2), context = vm.createContext({});
for (const script of scripts) vm.runInContext(readFileSync(script, "utf8"), context, { filename: script });
const answer = vm.runInContext(`(${ask})`, context);
const marked = (key, value) => (typeof value === "number" && !Number.isFinite(value) ? `@${value}@` : value);

for await (const line of createInterface({ input: process.stdin })) {
  const before = process.cpuUsage(), given = answer(JSON.parse(line)), { user, system } = process.cpuUsage(before);
  const took = { seconds: (user + system) / 1e6, megabytes: process.memoryUsage().rss / 2 ** 20 };
  const text = JSON.stringify({ answer: given, ...took }, marked);
  process.stdout.write(`${text.replace(/"@(-?Infinity|NaN)@"/g, "$1")}\n`);
}
