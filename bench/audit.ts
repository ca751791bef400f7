// Audit of 5,000 manifests and of one file, beside the peers that npm has: same files, same run, each as a process of its own.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { bundle } from "../scripts/bundle.ts";
import { manifest } from "./support/manifests.ts";
import { type Figure, median, printFigures } from "./support/report.ts";

const FILES = 5_000;
const COLD_ROUNDS = 20;
const COLD_BUDGET_MS = 150;
const root = join(import.meta.dirname, "..");
/** Exact versions, outside of the checkout: peers are measured, and never depended on. */
const PEERS = ["@monokle/validation@0.33.0", "dclint@3.1.0"];
const cache = process.env["PETRIFY_BENCH_PEERS"] ?? join(homedir(), ".cache/petrify-bench-peers");

interface Run {
  readonly seconds: number;
  readonly rssMiB: number;
}

installPeers();
const work = mkdtempSync(join(tmpdir(), "petrify-bench-audit-"));
try {
  const folders = { all: join(work, "all"), kubernetes: join(work, "kubernetes"), compose: join(work, "compose") };
  for (const folder of Object.values(folders)) mkdirSync(folder);
  const counts = { kubernetes: 0, compose: 0 };
  for (let index = 0; index < FILES; index++) {
    const { kind, text } = manifest(index);
    counts[kind]++;
    // dclint takes the usual names alone.
    const name = `${String(index).padStart(4, "0")}${kind === "compose" ? "/compose" : ""}.yaml`;
    for (const folder of [folders.all, folders[kind]]) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  }
  cpSync(join(root, "bin"), join(work, "bin"), { recursive: true });
  cpSync(join(root, "package.json"), join(work, "package.json"));
  await bundle(join(work, "dist"));
  const petrify = join(work, "bin/petrify.mjs");
  const monokle = join(work, "monokle.mjs");
  writeFileSync(monokle, monokleProgram());

  const audit = (folder: string): Run => measured([petrify, "audit", folder, "--format", "json", "--fail-on", "never"]);
  const whole = audit(folders.all);
  const ofKubernetes = audit(folders.kubernetes);
  const ofMonokle = measured([monokle, folders.kubernetes]);
  const ofCompose = audit(folders.compose);
  const ofDclint = measured([join(cache, "node_modules/dclint/bin/dclint.cjs"), folders.compose, "-r", "-f", "json"]);

  const one = join(folders.kubernetes, "0000.yaml");
  const cold = new Map<string, number[]>();
  for (let round = 0; round < COLD_ROUNDS; round++)
    for (const [name, args] of [
      ["node -e 0", ["-e", "0"]],
      ["petrify audit of one file", [petrify, "audit", one]],
      ["@monokle/validation of one file", [monokle, one]],
    ] as const)
      cold.set(name, [...(cold.get(name) ?? []), measured(args).seconds * 1_000]);
  const coldOf = (name: string): number => median(cold.get(name) ?? []);

  const speed = (name: string, files: number, run: Run, peer: Run, budget?: string): Figure => ({
    name: `${name}, ${files} files`,
    unit: "files/s",
    value: Math.round(files / run.seconds),
    baseline: Math.round(files / peer.seconds),
    ...(budget === undefined ? {} : { budget }),
    note: `${Math.round(run.rssMiB)} MiB at most, beside ${Math.round(peer.rssMiB)}`,
  });
  printFigures("audit, value beside the peer's", [
    speed("all by itself", FILES, whole, whole),
    speed("Kubernetes beside @monokle/validation 0.33.0", counts.kubernetes, ofKubernetes, ofMonokle, "> 1"),
    speed("Compose beside dclint 3.1.0", counts.compose, ofCompose, ofDclint, "> 1"),
    {
      name: `one file, median of ${COLD_ROUNDS}, beside node -e 0`,
      unit: "ms",
      value: coldOf("petrify audit of one file"),
      baseline: coldOf("node -e 0"),
      budget: `< ${COLD_BUDGET_MS} ms`,
    },
    {
      name: "one file, beside @monokle/validation",
      unit: "ms",
      value: coldOf("petrify audit of one file"),
      baseline: coldOf("@monokle/validation of one file"),
    },
  ]);
} finally {
  rmSync(work, { recursive: true, force: true });
}

function installPeers(): void {
  if (existsSync(join(cache, "node_modules/dclint")) && existsSync(join(cache, "node_modules/@monokle/validation")))
    return;
  mkdirSync(cache, { recursive: true });
  const args = ["install", "--prefix", cache, "--no-audit", "--no-fund", "--ignore-scripts", ...PEERS];
  const { status, stderr } = spawnSync("npm", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`npm ${args.join(" ")} failed: ${stderr}`);
}

/** One process to its end: a linter that finds something ends with 1 or 2, which is no failure here. */
function measured(args: readonly string[]): Run {
  const usage = join(work, "usage.json");
  const hook = `data:text/javascript,${encodeURIComponent(
    `import { writeFileSync } from "node:fs"; process.on("exit", () => writeFileSync(${JSON.stringify(usage)}, String(process.resourceUsage().maxRSS)));`,
  )}`;
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", hook, ...args], {
    encoding: "utf8",
    maxBuffer: 2 ** 30,
    env: { ...process.env, GITHUB_ACTIONS: "" },
  });
  const seconds = (performance.now() - started) / 1_000;
  const said = args[0] === "-e" || stdout.length > 500;
  if (status === null || status > 2 || !said) throw new Error(`node ${args.join(" ")} failed: ${stderr}`);
  return { seconds, rssMiB: Number(readFileSync(usage, "utf8")) / 1_024 };
}

/** Its rules that need no network, on resources as its documentation describes them. */
function monokleProgram(): string {
  return `import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createDefaultMonokleValidator } from ${moduleOfPeer("@monokle/validation/lib/node.js")};
import { parseAllDocuments } from ${moduleOfPeer("yaml/dist/index.js")};
const [operand] = process.argv.slice(2);
const names = statSync(operand).isDirectory() ? readdirSync(operand).map((name) => join(operand, name)) : [operand];
const resources = names.flatMap((path) =>
  parseAllDocuments(readFileSync(path, "utf8")).map((document, index) => {
    const content = document.toJS();
    return { id: path + index, fileId: path, filePath: path, fileOffset: 0, name: content.metadata.name, apiVersion: content.apiVersion, kind: content.kind, content, text: String(document) };
  }));
const validator = createDefaultMonokleValidator();
const off = ["pod-security-standards", "yaml-syntax", "resource-links", "kubernetes-schema", "open-policy-agent", "metadata"];
await validator.preload({ plugins: { practices: true, ...Object.fromEntries(off.map((name) => [name, false])) } });
const { runs } = await validator.validate({ resources });
process.stdout.write(JSON.stringify(runs.flatMap(({ results }) => results)));
`;
}

function moduleOfPeer(path: string): string {
  return JSON.stringify(join(cache, "node_modules", path));
}
