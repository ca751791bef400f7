import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, type Option } from "commander";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { bundle } from "../../scripts/bundle.ts";
import { isCandidate } from "../../src/audit/sources/walk.ts";
import { auditOptions } from "../../src/cli/audit-flags.ts";
import { writeAuditProgram } from "../support/audit-program.ts";
import { ROOT } from "../support/cli.ts";
import { SARIF } from "../support/sarif-schema.ts";

const read = (name: string): unknown => parse(readFileSync(join(ROOT, name), "utf8"));
const git = (...args: readonly string[]): string =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example", ...args], {
    cwd: repository,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });

let folder: string;
let repository: string;
/** As a checkout of the action: a launcher in `bin`. */
let action: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "petrify-audit-ci-"));
  action = join(folder, "action");
  mkdirSync(join(action, "bin"), { recursive: true });
  writeAuditProgram(join(action, "bin"));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  repository = mkdtempSync(join(folder, "repository-"));
  git("init", "--quiet", "--initial-branch=main");
  writeFileSync(join(repository, "old.yaml"), "sample\n  old:\n    image: nginx\n");
  git("add", ".");
  git("commit", "--quiet", "--message=1");
  writeFileSync(join(repository, "new.yaml"), "sample\n  new:\n    image: nginx\n");
  git("add", ".");
  git("commit", "--quiet", "--message=2");
});

test("CI fails from the severity on from which the command line does, and the page says so", () => {
  const { defaultValue } = auditOptions(new Command()).options.find(({ long }) => long === "--fail-on") as Option;
  const job = read("examples/ci/gitlab-audit.yml") as { readonly ".petrify-audit": { readonly variables: object } };
  expect(ACTION.inputs["fail-on"]?.default).toBe(defaultValue);
  expect(job[".petrify-audit"].variables).toMatchObject({ PETRIFY_AUDIT_FAIL_ON: defaultValue });
  expect(readFileSync(join(ROOT, "docs/reference/audit.md"), "utf8")).toContain(`\`${defaultValue}\` (default)`);
});

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}
const ACTION = read("action.yml") as {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
};

/** Runs the step of the action as a runner does, its inputs put into variables. */
function runAction(inputs: Readonly<Record<string, string>> = {}, path = action) {
  const step = ACTION.runs.steps.find(({ name }) => name === "audit");
  const given = Object.entries(step?.env ?? {}).map(([name, value]) => {
    const input = /^\$\{\{ inputs\.([a-z-]+) \}\}$/.exec(value)?.[1] ?? "";
    return [name, inputs[input] ?? ACTION.inputs[input]?.default];
  });
  const output = join(repository, ".git/output");
  const summary = join(repository, ".git/summary");
  for (const file of [output, summary]) writeFileSync(file, "");
  const { status, stdout, stderr } = spawnSync(
    "bash",
    ["--noprofile", "--norc", "-eo", "pipefail", "-c", step?.run ?? ""],
    {
      cwd: repository,
      encoding: "utf8",
      env: {
        ...process.env,
        ...Object.fromEntries(given),
        PETRIFY_NODE: process.execPath,
        GITHUB_ACTIONS: "true",
        GITHUB_ACTION_PATH: path,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
      },
    },
  );
  return { status, stdout, stderr, output: readFileSync(output, "utf8"), summary: readFileSync(summary, "utf8") };
}

describe("the GitHub Action", () => {
  test("audits the repository: annotations, summary, reports, and its exit code as output", () => {
    const { status, stderr, output, summary } = runAction({ sarif: "out.sarif", html: "out.html" });
    expect(stderr).toMatch(/^::error file=old\.yaml,line=2,/m);
    expect(summary).toContain("### petrify audit: ");
    expect(SARIF.parse(JSON.parse(readFileSync(join(repository, "out.sarif"), "utf8"))).runs).toHaveLength(1);
    expect(existsSync(join(repository, "out.html"))).toBe(true);
    expect([status, output]).toEqual([2, "exit-code=2\n"]);
  });

  test("audits what has changed, and fails from the severity on that was asked for", () => {
    const { status, stdout } = runAction({ changed: "HEAD~1", "fail-on": "never" });
    expect(stdout).toContain("new.yaml:2:3");
    expect(stdout).not.toContain("old.yaml");
    expect(status).toBe(0);
  });

  test("takes a baseline, and paths one a line with spaces and patterns", () => {
    mkdirSync(join(repository, "a b"));
    writeFileSync(join(repository, "a b/c.yaml"), "sample\n  deep:\n    image: x\n");
    const { stdout } = runAction({ paths: "new*.yaml\na b\n" });
    expect(stdout).toMatch(/new\.yaml:2:3 new.*a b\/c\.yaml:2:3 deep/s);
    expect(stdout).not.toContain("old.yaml");
    expect(runAction({ baseline: "none.json" })).toMatchObject({ status: 1, output: "exit-code=1\n" });
  });

  test.each([
    "$(touch owned)",
    "`touch owned`",
    "; touch owned",
    "--write-baseline=owned",
    "x\n--write-baseline=owned",
  ])("an input is data: %j", (attack) => {
    const isOption = attack.includes("--");
    const names = isOption ? ["paths"] : Object.keys(ACTION.inputs).filter((name) => name !== "fail-on");
    expect(runAction(Object.fromEntries(names.map((name) => [name, attack]))).status).toBe(1);
    expect(existsSync(join(repository, "owned"))).toBe(false);
  });

  test("has no expression in the text of a script, and knows each input that it passes on", () => {
    for (const { run = "" } of ACTION.runs.steps) expect(run).not.toContain("${{");
    const passed = ACTION.runs.steps.flatMap(({ env = {} }) => Object.values(env));
    expect(passed.toSorted()).toEqual(
      Object.keys(ACTION.inputs)
        .map((name) => `\${{ inputs.${name} }}`)
        .toSorted(),
    );
  });

  test("works with the form that is released", async () => {
    const release = join(folder, "release");
    await bundle(join(release, "dist"));
    for (const name of ["bin", "package.json"]) cpSync(join(ROOT, name), join(release, name), { recursive: true });
    writeFileSync(join(repository, "docker-compose.yml"), "services: {}\n");
    const { stderr, output, status } = runAction({ html: "out.html", "fail-on": "never" }, release);
    expect(stderr).toContain("Report: out.html\n");
    expect(readFileSync(join(repository, "out.html"), "utf8")).toContain("<title>Audit: ");
    expect([status, output]).toEqual([0, "exit-code=0\n"]);
  });
});

test("the example workflow gives the action inputs that it has", () => {
  const workflow = read("examples/ci/github-audit.yml") as {
    readonly jobs: {
      readonly audit: { readonly steps: readonly { readonly name?: string; readonly with?: object }[] };
    };
  };
  const step = workflow.jobs.audit.steps.find(({ name }) => name === "audit");
  expect(Object.keys(ACTION.inputs)).toEqual(expect.arrayContaining(Object.keys(step?.with ?? {})));
});

describe("the GitLab job", () => {
  const job = (
    read("examples/ci/gitlab-audit.yml") as {
      readonly ".petrify-audit": {
        readonly script: readonly string[];
        readonly variables: Readonly<Record<string, string>>;
      };
    }
  )[".petrify-audit"];
  const run = (variables: Readonly<Record<string, string>> = {}) =>
    spawnSync("sh", ["-e", "-c", job.script.join("\n")], {
      cwd: repository,
      encoding: "utf8",
      env: {
        ...process.env,
        GITHUB_ACTIONS: "",
        PATH: `${join(action, "bin")}:${process.env["PATH"]}`,
        ...job.variables,
        ...variables,
      },
    });

  test("audits the project and leaves its reports", () => {
    expect(run().status).toBe(2);
    expect(readFileSync(join(repository, "petrify-audit.xml"), "utf8")).toContain('<testsuite name="old.yaml"');
    expect(existsSync(join(repository, "petrify-audit.html"))).toBe(true);
  });

  test("audits what a merge request changes", () => {
    const { stdout, status } = run({
      CI_MERGE_REQUEST_DIFF_BASE_SHA: git("rev-parse", "HEAD~1").trim(),
      PETRIFY_AUDIT_FAIL_ON: "never",
    });
    expect(stdout).toContain("new.yaml:2:3");
    expect(stdout).not.toContain("old.yaml");
    expect(status).toBe(0);
  });
});

describe("the pre-commit hook", () => {
  const [hook] = read(".pre-commit-hooks.yaml") as readonly { readonly entry: string; readonly files: string }[];

  test("runs on the files that audit takes from a folder", () => {
    const pattern = new RegExp((hook?.files ?? "").replace(/^\(\?i\)/, ""), "i");
    const names = ["a/docker-compose.yml", "x.YAML", "Dockerfile", "d/Containerfile.dev", "a.container", "GNUmakefile", "run.sh", "Jenkinsfile", "readme.md", "xDockerfile", "a.yaml.txt", "my.dockerfile"]; // prettier-ignore
    expect(names.filter((name) => pattern.test(name))).toEqual(names.filter(isCandidate));
  });

  test("fails on a finding, leaves out what describes no containers, and takes no name for an option", () => {
    const owned = "--write-baseline=owned.yaml";
    writeFileSync(join(repository, owned), "x: 1\n");
    writeFileSync(join(repository, "other.yaml"), "x: 1\n");
    const [program = "", ...args] = (hook?.entry ?? "").split(" ");
    const run = (...names: readonly string[]) =>
      spawnSync(join(action, "bin", program), [...args, ...names], { cwd: repository, encoding: "utf8" });
    expect(run("new.yaml", "other.yaml", owned)).toMatchObject({ status: 2, stderr: "" });
    expect(run("other.yaml", owned).status).toBe(0);
    expect(existsSync(join(repository, "owned.yaml"))).toBe(false);
  });
});
