// usage: node tools/count_tests.mjs RESULTS_FOLDER
//
// Reads what the stages of ./test left in the folder and ends with "N passed, N failed,
// N skipped". Every skipped test is named with its reason, every failed one too.
//   gtest/*.xml      GoogleTest, one file a program
//   ctest.xml        CTest's JUnit: programs that crashed leave no file of their own
//   vitest.json      Vitest's JSON reporter
//   *.jsonl          {"name", "outcome": "passed" | "failed" | "skipped", "reason"} a line
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
const tests = [];

function add(name, outcome, reason = "") {
  tests.push({ name, outcome, reason: reason.replace(/\s+/g, " ").trim() });
}

function unescape(text) {
  const named = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
  return text.replace(/&(#x?[0-9a-fA-F]+|\w+);/g, (whole, name) =>
    name[0] === "#"
      ? String.fromCodePoint(name[1] === "x" ? parseInt(name.slice(2), 16) : Number(name.slice(1)))
      : (named[name] ?? whole),
  );
}

function attributes(tag) {
  const found = {};
  for (const [, name, value] of tag.matchAll(/([\w-]+)="([^"]*)"/g)) found[name] = unescape(value);
  return found;
}

// GoogleTest's and CTest's XML: testcase elements with failure or skipped ones inside.
function* cases(xml) {
  for (const [, head, inside = ""] of xml.matchAll(
    /<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g,
  )) {
    const skipped = inside.match(/<skipped\b([^>]*)/);
    const failure = inside.match(/<failure\b([^>]*)/);
    yield {
      ...attributes(head),
      skipped: skipped && (attributes(skipped[1]).message ?? ""),
      failure: failure && (attributes(failure[1]).message ?? ""),
    };
  }
}

// A skip's message begins with its place; the reason follows on the next line.
const withoutPlace = (message) => message.replace(/^\S+:\d+:?\s*/, "").replace(/^Skipped\s*/, "");

const failedPrograms = new Set();
const gtest = join(folder, "gtest");
for (const file of existsSync(gtest) ? readdirSync(gtest) : []) {
  const program = file.replace(/\.xml$/, "");
  for (const test of cases(readFileSync(join(gtest, file), "utf8"))) {
    const name = `${program}: ${test.classname}.${test.name}`;
    if (test.failure !== null) {
      add(name, "failed", test.failure);
      failedPrograms.add(program);
    } else if (test.skipped !== null || test.result === "skipped") {
      add(name, "skipped", withoutPlace(test.skipped ?? ""));
    } else if (test.status !== "notrun") {
      add(name, "passed");
    }
  }
}

const ctest = join(folder, "ctest.xml");
if (existsSync(ctest)) {
  for (const test of cases(readFileSync(ctest, "utf8"))) {
    const program = `test_${test.name}`;
    const reported = existsSync(join(gtest, `${program}.xml`));
    if (test.status === "fail" && !failedPrograms.has(program)) {
      add(test.name, "failed", "the program ended badly: a crash, a leak or its time limit");
    } else if (!reported && test.status === "run") {
      add(test.name, "passed");
    } else if (!reported && test.status !== "fail") {
      add(test.name, "skipped", test.skipped ?? test.status);
    }
  }
}

const vitest = join(folder, "vitest.json");
if (existsSync(vitest)) {
  for (const file of JSON.parse(readFileSync(vitest, "utf8")).testResults) {
    if (file.assertionResults.length === 0 && file.status === "failed") {
      add(`web: ${file.name}`, "failed", file.message);
    }
    for (const test of file.assertionResults) {
      const outcome = { passed: "passed", failed: "failed" }[test.status] ?? "skipped";
      add(`web: ${test.fullName}`, outcome, (test.failureMessages ?? []).join(" ").slice(0, 300));
    }
  }
}

for (const file of readdirSync(folder).filter((name) => name.endsWith(".jsonl"))) {
  for (const line of readFileSync(join(folder, file), "utf8").split("\n").filter(Boolean)) {
    const test = JSON.parse(line);
    add(test.name, test.outcome, test.reason);
  }
}

const of = (outcome) => tests.filter((test) => test.outcome === outcome);
for (const [outcome, title] of [
  ["skipped", "Skipped"],
  ["failed", "Failed"],
]) {
  if (of(outcome).length > 0) console.log(`\n${title}:`);
  for (const { name, reason } of of(outcome)) console.log(`  ${name}${reason ? `: ${reason}` : ""}`);
}
console.log(
  `\n${of("passed").length} passed, ${of("failed").length} failed, ${of("skipped").length} skipped`,
);
process.exit(of("failed").length > 0 || of("passed").length === 0 ? 1 : 0);
