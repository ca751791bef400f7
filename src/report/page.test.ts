import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crowded, everyKind, record, reported, reportOf } from "../../test/support/report-samples.ts";
import { strategy, tmpfs } from "../../test/support/strategy-samples.ts";
import type { Dress } from "./frame.ts";
import { renderReport } from "./page.ts";
import type { Report } from "./report.ts";

const DRESS: Dress = { style: "STYLE", script: "SCRIPT", sha256: (text) => `of ${text.slice(0, 6)}` };
const SIGNS = Array.from("<>&\"'`/=-!${}\n\u2028 ");
const render = (report: Report): string => renderReport(report, DRESS);
/** What can be read: text between the tags, of which those in a line part nothing. */
const textOf = (html: string): string =>
  html
    .replaceAll(/<(style|script)>[^]*?<\/\1>|<\/?(?:a|b|code|span|strong|wbr)\b[^>]*>/g, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");
/** Tags with the names of their attributes, up to the exports, which refuse some names; but for the places where a path may break. */
const structureOf = (html: string): readonly string[] =>
  [...html.slice(0, html.indexOf('id="w1-exports"')).matchAll(/<[^>]*>/g)]
    .map(([tag]) => tag.replaceAll(/"[^"]*"/g, '""'))
    .filter((tag) => tag !== "<wbr />");

const all = render(reportOf(everyKind()));

test.each([
  ["the head", /app .*registry\.example\/app:1.*Failed: 1 regression.*Incomplete: 1 reason/],
  ["the date", /by petrify learn, 2026-01-02 03:04 UTC/],
  [
    "figures: writable, of them for code, kept, in memory, denied, to be changed, seen",
    /5 writable places 2 of them.* 2 outlive.* 1 MiB of memory.* 1 denied.* 1 must change in the image.* 7 paths seen/,
  ],
  ["a regression with its fix", /app could not create \/x.*open.*EROFS.*Fix: Add a tmpfs\./],
  ["a new write", /New writes.*: 1.*\/nowhere.*tmpfs \/nowhere/],
  ["why a place is writable, and how", /\/run\/app.*app writes there\..*At most 1 MiB.*Code in it may be run/],
  ["what taking it away showed", /Without it fails: app could not create \/run\/app\/pid/],
  ["what must change in the image", /Must change in the image.*\/state.*RUN ln -s \/var\/lib\/app\/state \/state/],
  ["variables", /Variables that save a write.*XDG_CACHE_HOME=\/tmp\/\.cache \/\.cache app writes there\./],
  ["log files", /Log files that are links to the container.*s log.*\/etc\/app\/x\.log stdout app writes there\./],
  ["evidence", /\/etc\/app\/conf open, write.*\/usr\/sbin\/app.*still there at the end ?up to 64 KiB, 33:33 0640/],
  ["a failure", /failed: mkdir EACCES/],
  ["code that was run from where it was written", /Code run from where it was written.*\/run\/app\/pid/],
  ["data at risk", /web.*\/data 4 KiB 3/],
  ["what was not observed", /Incomplete: events were lost\..*a port was not published\./],
  [
    "coverage: what nobody used",
    /Nobody was seen connecting to 443\/tcp\. It handles HUP, .*No log file was rotated\./,
  ],
  [
    "coverage: what was used",
    /Runs of the test 4 Connected to 80\/tcp Pages asked for 80\/tcp \/login Signals sent TERM/,
  ],
  ["what repetitions added", /1 6 changed 2 1 nothing new/],
  ["losses", /Losses: nothing was missed/],
  ["exports with notes", /docker run \d notes.*--read-only.*Compose \d notes.*Kubernetes/],
])("%s can be read without a script", (_, expected) => {
  expect(textOf(all)).toMatch(expected);
});

test("a strategy that a target cannot express says so", () => {
  const partial = strategy([tmpfs("/run")], { readOnlyPaths: ["/etc"] });
  expect(textOf(render(reportOf(reported(partial, []))))).toMatch(/docker run cannot express it .*read-only/);
});

test("a workload that writes nothing needs nothing", () => {
  expect(textOf(render(reportOf(reported(strategy([]), []))))).toContain("a plain read-only root is enough");
});

test("several workloads are in one file, with an overview", () => {
  const page = render(
    reportOf(everyKind(), reported(strategy([tmpfs("/run")], { name: "other" }), [record("/run/x")])),
  );
  expect(page).toContain('<a href="#w2">other</a>');
  expect(page.match(/<article/g)).toHaveLength(2);
});

test("without figures of the run no time is made up", () => {
  const page = textOf(render(reportOf({ ...everyKind(), table: [] })));
  expect(page).toContain("Times are known only to the run itself");
  expect(page).not.toContain("new path");
});

test("it loads nothing and runs only its own script", () => {
  expect(all).toContain(
    `content="default-src 'none'; style-src 'sha256-of STYLE' 'sha256-of .x0{le'; script-src 'sha256-of SCRIPT'; base-uri 'none'; form-action 'none'"`,
  );
  expect(all).not.toMatch(/\s(?:src|srcset|style|on\w+|action|formaction|data|poster|background)\s*=/);
  expect(
    [...all.matchAll(/\shref="([^"]*)"/g)].filter(([, target]) => !target?.startsWith("#w") && target !== "#main"),
  ).toEqual([]);
});

test("every link leads somewhere, and every id is there once", () => {
  for (const page of [all, render(reportOf(crowded(400)))]) {
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = [...page.matchAll(/\s(?:href="#|aria-labelledby=")([^"]*)"/g)].map(([, target]) => target);
    expect(targets.filter((target) => !ids.includes(target))).toEqual([]);
  }
});

describe("whatever a workload calls its files, they stay text", () => {
  const HOSTILE = [
    "</script><script>owned=1</script>",
    '"><img src=x onerror=owned=1>',
    "' onfocus='owned=1' autofocus='",
    "--><!--<style>*{display:none}</style>",
    "]]></textarea></title></style><svg onload=owned=1>",
    "${owned}`&lt;script&gt;",
    "javascript:owned=1",
    "\u202Egpj\u2066\u0000\u0007\n\r\t",
  ];
  const structure = structureOf(render(reportOf(everyKind((name) => `${name}x`))));

  test.each(HOSTILE)("%j", (text) => {
    const page = render(reportOf(everyKind((name) => `${name}${text}`)));
    expect(structureOf(page)).toEqual(structure);
    expect(page.match(/<script|<img|<svg|<style/g)).toEqual(["<style", "<style", "<script"]);
  });

  test("any text", () => {
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom(...SIGNS), fc.string({ unit: "binary", maxLength: 1 })),
    });
    fc.assert(
      fc.property(text, (suffix) => {
        const page = render(reportOf(everyKind((name) => `${name}${suffix}`)));
        expect(page.match(/<(?:script|style|svg|img|iframe|\/script|\/style|!--)/g)).toEqual([
          "<style",
          "</style",
          "<style",
          "</style",
          "<script",
          "</script",
        ]);
        // oxlint-disable-next-line no-control-regex -- controls are what this is about
        expect(page).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/);
      }),
      { numRuns: 40 },
    );
  });
});

test("many paths stay readable: one row each, and a bounded number of areas", () => {
  const page = render(reportOf(crowded(3000)));
  expect(page.match(/data-search=/g)).toHaveLength(3000);
  expect(page.match(/class="cell"/g)?.length).toBeLessThan(300);
  expect(textOf(page)).toContain("and 2760 more");
});
