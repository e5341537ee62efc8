// node --test tools/count_tests.test.mjs: the count that ./test ends with is right.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";

const program = join(dirname(fileURLToPath(import.meta.url)), "count_tests.mjs");
let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vonglau-count-"));
  mkdirSync(join(folder, "gtest"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(name, text) {
  writeFileSync(join(folder, name), text);
}
function count() {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, folder], {
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  return { status, text: stdout, last: stdout.trimEnd().split("\n").at(-1) };
}

const suite = (inside) => `<testsuites><testsuite name="S">${inside}</testsuite></testsuites>`;
const passed = '<testcase name="a" status="run" result="completed" classname="S" />';
const skipped = `<testcase name="b" status="run" result="skipped" classname="S">
  <skipped message="x_test.cpp:12&#x0A;no ../shared/data here &amp; now"><![CDATA[...]]></skipped>
  </testcase>`;
const failed = `<testcase name="c" status="run" result="completed" classname="S">
  <failure message="x_test.cpp:9&#x0A;Expected: 1 &lt; 0" type=""></failure></testcase>`;
const off = '<testcase name="d" status="notrun" result="suppressed" classname="S" />';

test("what passed, failed and was skipped is counted, with reasons", () => {
  put("gtest/test_x.xml", suite(passed + skipped + failed + off));
  const { status, text, last } = count();
  assert.equal(last, "1 passed, 1 failed, 1 skipped");
  assert.equal(status, 1);
  assert.match(text, /test_x: S\.b: no \.\.\/shared\/data here & now/);
  assert.match(text, /test_x: S\.c: .*Expected: 1 < 0/);
});

test("skipping alone is no failure, and nothing at all is one", () => {
  put("gtest/test_x.xml", suite(passed + skipped));
  assert.equal(count().status, 0);
  rmSync(join(folder, "gtest/test_x.xml"));
  assert.deepEqual([count().status, count().last], [1, "0 passed, 0 failed, 0 skipped"]);
});

test("a program that crashed is a failure though it left no report", () => {
  put("gtest/test_x.xml", suite(passed));
  put(
    "ctest.xml",
    `<testsuite><testcase name="x" status="run"/><testcase name="y" classname="y" status="fail">
     <failure message=""/><system-out>AddressSanitizer &lt;testcase&gt;</system-out></testcase>
     </testsuite>`,
  );
  const { status, last } = count();
  assert.deepEqual([status, last], [1, "1 passed, 1 failed, 0 skipped"]);
});

test("a program that fails after its tests passed, for a leak, is a failure", () => {
  put("gtest/test_x.xml", suite(passed));
  put("ctest.xml", '<testsuite><testcase name="x" status="fail"><failure/></testcase></testsuite>');
  assert.equal(count().last, "1 passed, 1 failed, 0 skipped");
});

test("a failing program is not counted twice", () => {
  put("gtest/test_x.xml", suite(failed));
  put("ctest.xml", '<testsuite><testcase name="x" status="fail"><failure/></testcase></testsuite>');
  assert.equal(count().last, "0 passed, 1 failed, 0 skipped");
});

test("programs without GoogleTest count by CTest's word", () => {
  put("ctest.xml", '<testsuite><testcase name="counting" status="run"/></testsuite>');
  assert.equal(count().last, "1 passed, 0 failed, 0 skipped");
});

test("the interface's and the other stages' results are added", () => {
  put(
    "vitest.json",
    JSON.stringify({
      testResults: [
        {
          name: "a.test.ts",
          status: "failed",
          assertionResults: [
            { fullName: "one", status: "passed" },
            { fullName: "two", status: "failed", failureMessages: ["no"] },
            { fullName: "three", status: "pending" },
          ],
        },
        { name: "b.test.ts", status: "failed", message: "does not compile", assertionResults: [] },
      ],
    }),
  );
  put(
    "e2e.jsonl",
    '{"name":"sign in","outcome":"passed"}\n{"name":"map","outcome":"skipped","reason":"no chromium"}\n',
  );
  assert.equal(count().last, "2 passed, 2 failed, 2 skipped");
});
