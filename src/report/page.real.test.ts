import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, type Page, startBrowser } from "../../test/support/browser.ts";
import { auditReport, reportNaming } from "../../test/support/audit-samples.ts";
import { packageFile } from "../../test/support/cli.ts";
import { crowded, everyKind, reportOf } from "../../test/support/report-samples.ts";
import { type AssetName, ASSETS, assetPath } from "../assets.ts";
import type { AuditReport } from "../audit/report.ts";
import { html as auditPage } from "../audit/outputs/html.ts";
import { renderReport } from "./page.ts";
import type { Report } from "./report.ts";

const ATTACK = `"'><script>owned=1</script><img src=x onerror="owned=1"><style>*{display:none}</style>`;
const REPORTS: Readonly<Record<string, Report>> = {
  usual: reportOf(everyKind()),
  crowded: reportOf(crowded(400)),
  hostile: reportOf(everyKind((name) => `${name}${ATTACK}`)),
  several: reportOf(everyKind(), crowded(20)),
};
/** Reports of `petrify audit`, in the same frame. */
const AUDITS: Readonly<Record<string, AuditReport>> = {
  audit: auditReport(),
  "hostile-audit": reportNaming(ATTACK),
};
const PAGES = [...Object.keys(REPORTS), ...Object.keys(AUDITS)];
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 360, height: 740 };

const read = (name: AssetName): string => readFileSync(assetPath(name), "utf8");
const folder = mkdtempSync(join(tmpdir(), "report-test-"));
let browser: Browser;
let page: Page;

beforeAll(async () => {
  const styles = (Object.keys(ASSETS) as AssetName[]).filter((name) => name.endsWith(".css"));
  const dress = {
    style: styles.map(read).join("\n"),
    script: read("report-page.js"),
    sha256: (text: string) => createHash("sha256").update(text).digest("base64"),
  };
  for (const [name, report] of Object.entries(REPORTS))
    writeFileSync(join(folder, `${name}.html`), renderReport(report, dress));
  for (const [name, report] of Object.entries(AUDITS))
    writeFileSync(join(folder, `${name}.html`), auditPage(report, { dress, version: "1.2.3" }));
  browser = await startBrowser();
  page = await browser.page();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

interface View {
  readonly size?: { readonly width: number; readonly height: number };
  readonly scheme?: "light" | "dark";
  readonly media?: "screen" | "print";
  readonly script?: boolean;
}

async function open(
  name: string,
  { size = WIDE, scheme = "light", media = "screen", script = true }: View = {},
): Promise<void> {
  await page.send("Emulation.setDeviceMetricsOverride", { ...size, deviceScaleFactor: 1, mobile: false });
  await page.send("Emulation.setScriptExecutionDisabled", { value: !script });
  const features = [{ name: "prefers-color-scheme", value: scheme }];
  await page.send("Emulation.setEmulatedMedia", { media, features });
  await page.open(join(folder, `${name}.html`));
}
/** Text of the elements that are shown. */
const shown = (selector: string): Promise<readonly string[]> =>
  page.evaluate(
    `[...document.querySelectorAll(${JSON.stringify(selector)})].filter((element) => element.checkVisibility()).map((element) => element.innerText.trim())`,
  );
const focused = (): Promise<string> => page.evaluate("document.activeElement.innerText.trim()");
const settled = (): Promise<unknown> =>
  page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");

describe.each(PAGES)("the %s report", (name) => {
  test("asks for nothing but itself, and the browser complains about nothing", async () => {
    const before = page.events.length;
    await open(name);
    const events = page.events.slice(before);
    const requests = events.filter(({ method }) => method === "Network.requestWillBeSent");
    expect(requests.map(({ params }) => (params["request"] as { url: string }).url)).toEqual([
      `file://${folder}/${name}.html`,
    ]);
    expect(events.filter(({ method }) => /^Log\.entryAdded$|exceptionThrown$|consoleAPICalled$/.test(method))).toEqual(
      [],
    );
  });

  test.each([
    ["wide", WIDE],
    ["narrow", NARROW],
  ])("no part of it is wider than a %s page", async (_, size) => {
    await open(name, { size });
    const tabs = await page.evaluate<number>(`document.querySelectorAll("[role=tab]").length`);
    for (let index = 0; index < tabs; index++) {
      await page.evaluate(`document.querySelectorAll("[role=tab]")[${index}].click()`);
      await page.evaluate(`document.querySelectorAll("details").forEach((details) => (details.open = true))`);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(size.width);
    }
  });
});

/** What axe objects to in the parts of a report, each shown in turn. */
async function objections(options: object): Promise<readonly string[]> {
  await page.evaluate(readFileSync(packageFile("axe-core", "axe.min.js"), "utf8"));
  const tabs = await page.evaluate<number>(`document.querySelectorAll("[role=tab]").length`);
  const found: string[] = [];
  for (let index = 0; index < tabs; index++) {
    await page.evaluate(`document.querySelectorAll("[role=tab]")[${index}].click()`);
    const { violations } = await page.evaluate<{
      violations: readonly { id: string; nodes: readonly { html: string }[] }[];
    }>(`axe.run({ resultTypes: ["violations"], ...${JSON.stringify(options)} })`);
    found.push(...violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)));
  }
  return found;
}

describe.each(["light", "dark"] as const)("in a %s scheme", (scheme) => {
  test.each(["usual", "audit"])("axe finds nothing wrong with the %s report", async (name) => {
    await open(name, { scheme });
    // Areas of a map are as small as what they show; the same links stand in the tables.
    expect(await objections({ rules: { "target-size": { enabled: false } } })).toEqual([]);
  });

  test("paper and ink are those of the scheme", async () => {
    await open("usual", { scheme });
    const paper = await page.evaluate<string>("getComputedStyle(document.documentElement).backgroundColor");
    expect(paper).toBe(scheme === "light" ? "rgb(255, 255, 255)" : "rgb(20, 23, 27)");
  });
});

describe("by keyboard", () => {
  test("the first stop leads to the report", async () => {
    await open("usual");
    await page.press("Tab");
    expect(await focused()).toBe("Skip to the report");
    await page.press("Enter");
    await settled();
    expect(await page.evaluate("document.activeElement.id")).toBe("main");
  });

  test("tabs: one stop, arrows, Home and End choose, and only the chosen part is shown", async () => {
    await open("usual");
    await page.evaluate(`document.querySelector("[role=tab]").focus()`);
    expect(await focused()).toBe("Verdict");
    await page.press("ArrowRight", "ArrowRight");
    expect(await focused()).toBe("Decisions");
    expect(await shown("[role=tabpanel]")).toHaveLength(1);
    expect(await page.evaluate(`document.querySelector("[aria-selected=true]").innerText`)).toBe("Decisions");
    await page.press("End");
    expect(await focused()).toBe("Exports");
    await page.press("ArrowRight");
    expect(await focused()).toBe("Verdict");
    await page.press("Home", "ArrowLeft");
    expect(await focused()).toBe("Exports");
    await page.press("Tab");
    expect(await page.evaluate(`document.activeElement.closest(".tabs")`)).toBe(null);
  });

  test("the map: one stop, arrows go to what lies there, Enter to its decision", async () => {
    await open("usual");
    await page.evaluate(`document.querySelectorAll("[role=tab]")[1].click()`);
    expect(await page.evaluate(`document.querySelectorAll(".groups a[tabindex='0']").length`)).toBe(1);
    const box = `JSON.stringify(document.activeElement.getBoundingClientRect())`;
    await page.evaluate(
      `[...document.querySelectorAll(".groups a")].find((link) => link.innerText.includes("big")).focus()`,
    );
    const from = JSON.parse(await page.evaluate<string>(box)) as DOMRectLike;
    await page.press("ArrowRight");
    const to = JSON.parse(await page.evaluate<string>(box)) as DOMRectLike;
    expect(to.x + to.width / 2).toBeGreaterThan(from.x + from.width / 2);
    await page.press("Home");
    expect(await page.evaluate(`document.querySelector(".readout").innerText`)).toMatch(/^\/etc\/app: seeded/);
    await page.press("Enter");
    await settled();
    expect(await page.evaluate(`document.activeElement.querySelector("h4").innerText`)).toMatch(/^\/etc\/app/);
    expect(await shown("[role=tabpanel] > .decision")).not.toEqual([]);
  });

  test("a choice redraws the map by the number of paths", async () => {
    await open("usual");
    await page.evaluate(`document.querySelectorAll("[role=tab]")[1].click()`);
    const widths = `[...document.querySelectorAll(".group")].map((group) => group.offsetWidth * group.offsetHeight)`;
    const bySize = await page.evaluate<readonly number[]>(widths);
    await page.evaluate(`document.querySelector(".by-size").focus()`);
    await page.press("ArrowRight");
    await settled();
    expect(await page.evaluate(`document.querySelector(".by-count").checked`)).toBe(true);
    expect(await page.evaluate<readonly number[]>(widths)).not.toEqual(bySize);
  });

  test("an export is copied as it is", async () => {
    await open("usual");
    await page.evaluate(`document.querySelector("#w1-exports-tab").click()`);
    await page.evaluate(`navigator.clipboard.writeText = async (text) => { globalThis.copied = text; }`);
    await page.evaluate(`document.querySelector("button").focus()`);
    await page.press("Enter");
    await settled();
    expect(await focused()).toBe("Copied");
    expect(
      await page.evaluate("copied === document.querySelector('pre').textContent && copied.includes('--read-only')"),
    ).toBe(true);
  });
});
interface DOMRectLike {
  readonly x: number;
  readonly width: number;
}

test("hundreds of paths can be searched", async () => {
  await open("crowded");
  await page.evaluate(`document.querySelector("#w1-decisions-tab").click()`);
  await page.evaluate(`document.querySelector(".search input").focus()`);
  await page.send("Input.insertText", { text: "f00013" });
  expect(await shown("[data-search]")).toHaveLength(1);
  expect(await shown(".search output")).toEqual(["1 path"]);
});

test("an audit: findings can be searched, and a rule's name leads to what was found by it", async () => {
  await open("audit");
  await page.evaluate(`document.querySelector(".search input").focus()`);
  await page.send("Input.insertText", { text: "service-07" });
  expect(await shown("[data-search]")).toHaveLength(1);
  expect(await shown(".search output")).toEqual(["1 finding"]);
  await page.evaluate(`document.querySelector("#audit-compliance-tab").click()`);
  expect(await shown("#audit-compliance caption")).toContain("CIS Docker Benchmark 1.6");
  await page.evaluate(`document.querySelector("#audit-compliance a[href='#rule-careless']").click()`);
  await settled();
  expect(await page.evaluate("document.activeElement.id")).toBe("rule-careless");
  expect(await shown("[role=tabpanel] > h3")).toHaveLength(1);
});

test("an audit on paper has every part", async () => {
  await open("audit", { scheme: "dark", media: "print" });
  expect(await shown(".panel > h3")).toEqual([
    "What to do first",
    "Compliance",
    "Workloads",
    "Other scanners",
    "Accepted",
    "Problems and notes",
  ]);
  expect(await shown(".tabs, .search")).toEqual([]);
});

test("names that are an attack do nothing in an audit", async () => {
  await open("hostile-audit");
  await page.evaluate(`document.querySelectorAll("[role=tab]").forEach((tab) => tab.click())`);
  expect(await page.evaluate("typeof globalThis.owned")).toBe("undefined");
  expect(await page.evaluate(`document.querySelectorAll("img, svg, iframe, object").length`)).toBe(0);
  expect(await page.evaluate(`[document.scripts.length, document.styleSheets.length]`)).toEqual([1, 2]);
});

test("names that are an attack do nothing", async () => {
  await open("hostile");
  await page.evaluate(`document.querySelectorAll("[role=tab]").forEach((tab) => tab.click())`);
  await page.evaluate(`document.querySelectorAll(".groups a").forEach((link) => link.focus())`);
  expect(await page.evaluate("typeof globalThis.owned")).toBe("undefined");
  expect(await page.evaluate(`document.querySelectorAll("img, svg, iframe, object").length`)).toBe(0);
  expect(await page.evaluate(`[document.scripts.length, document.styleSheets.length]`)).toEqual([1, 2]);
  expect(await page.evaluate(`document.querySelector("h2 + p").innerText`)).toContain(ATTACK);
});

test("even a script that got into the page would not run", async () => {
  const file = join(folder, "broken.html");
  writeFileSync(
    file,
    readFileSync(join(folder, "usual.html"), "utf8").replace(
      "</main>",
      `<script>owned=1</script><img src="x" onerror="owned=1"></main>`,
    ),
  );
  await page.open(file);
  expect(await page.evaluate("typeof globalThis.owned")).toBe("undefined");
});

test("without a script every part is there, one below the other, and the map is drawn", async () => {
  await open("usual", { script: false });
  expect(await shown(".panel > h3")).toEqual([
    "Verdict",
    "Where it writes",
    "Decisions",
    "Data at risk",
    "Timeline",
    "Processes",
    "Coverage",
    "Exports",
  ]);
  expect(await shown(".readout, .search, button")).toEqual([]);
  expect(await page.evaluate(`document.querySelector(".cell").offsetWidth`)).toBeGreaterThan(20);
});

test("on paper every part is there, laid open, black on white, also from a dark screen", async () => {
  await open("usual", { scheme: "dark", media: "print" });
  expect(await shown(".panel > h3")).toHaveLength(8);
  expect(await shown(".tabs, .search, button, .readout, .map-bar")).toEqual([]);
  const colours = `(({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(document.documentElement))`;
  expect(await page.evaluate(colours)).toEqual(["rgb(0, 0, 0)", "rgb(255, 255, 255)"]);
  // What is printed is open while it is printed, and closed again afterwards.
  await page.evaluate(`dispatchEvent(new Event("beforeprint"))`);
  expect(await page.evaluate(`document.querySelectorAll("details:not([open])").length`)).toBe(0);
  await page.evaluate(`dispatchEvent(new Event("afterprint"))`);
  expect(await page.evaluate(`document.querySelectorAll("details:not([open])").length`)).toBeGreaterThan(0);
});

test.each([
  ["A4", { paperWidth: 8.27, paperHeight: 11.69 }],
  ["Letter", { paperWidth: 8.5, paperHeight: 11 }],
])("on %s the text gets onto the paper, in a file that can be sent", async (_, paper) => {
  await open("usual");
  await page.send("Emulation.setEmulatedMedia", { media: "" });
  const { data } = await page.send("Page.printToPDF", paper);
  const sizeBytes = Buffer.from(data as string, "base64").length;
  // Fonts alone are more than empty pages.
  expect(sizeBytes).toBeGreaterThan(100_000);
  expect(sizeBytes).toBeLessThan(4_000_000);
});

test("areas that are too small for text have names all the same, and several workloads landmarks of their own", async () => {
  await open("crowded");
  expect(await objections({ runOnly: ["link-name"] })).toEqual([]);
  await open("several");
  expect(await objections({ runOnly: ["landmark-unique", "region", "duplicate-id-aria"] })).toEqual([]);
});

test("several workloads: the overview leads to each", async () => {
  await open("several");
  await page.evaluate(`document.querySelectorAll(".overview a")[1].focus()`);
  await page.press("Enter");
  await settled();
  expect(await page.evaluate("document.activeElement.id")).toBe("w2");
  expect(await shown("[role=tabpanel]")).toHaveLength(2);
});
