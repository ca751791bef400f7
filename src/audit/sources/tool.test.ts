import { afterAll, describe, expect, test } from "vitest";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PetrifyError } from "../../model/errors.ts";
import { auditCluster } from "./cluster.ts";
import { renderTexts } from "./rendered.ts";
import { runTool } from "./tool.ts";

const folder = mkdtempSync(join(tmpdir(), "petrify-tool-"));
const path = process.env["PATH"];
afterAll(() => {
  process.env["PATH"] = path;
  rmSync(folder, { recursive: true, force: true });
});

/** Has only these programs on PATH, beside what a script needs. */
function programs(scripts: Readonly<Record<string, string>>): void {
  const bin = mkdtempSync(join(folder, "bin-"));
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  process.env["PATH"] = bin;
}

async function failure(work: Promise<unknown>): Promise<PetrifyError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof PetrifyError) return error;
  throw new Error("no PetrifyError");
}

const limits = { code: "E_RENDER", timeoutMs: 60_000, outputBytes: 1000 } as const;
const sh = (script: string): { program: string; args: string[] } => ({ program: "/bin/sh", args: ["-c", script] });

describe("a tool of the user's", () => {
  test("gives its output, its code and what it said last", async () => {
    expect(await runTool({ ...limits, ...sh("echo out; echo 'a\n b' >&2; exit 3") })).toEqual({
      exitCode: 3,
      stdout: "out\n",
      said: "a b",
    });
    expect(await runTool({ ...limits, program: "petrify-no-such-tool", args: [] })).toBeUndefined();
  });

  test("that takes too long ends with all it started", async () => {
    const pidFile = join(folder, "pid");
    const script = `/bin/sleep 1000 & echo $! > ${pidFile}; wait`;
    const error = await failure(runTool({ ...limits, ...sh(script), timeoutMs: 2000 }));
    expect(error).toMatchObject({ code: "E_RENDER", message: "/bin/sh takes longer than 2 s and was ended." });
    const stat = `/proc/${readFileSync(pidFile, "utf8").trim()}/stat`;
    await expect.poll(() => stateOf(stat), { timeout: 30_000 }).toMatch(/^(?:gone|Z|X)$/);
  });

  test("that prints without end is ended", async () => {
    const error = await failure(runTool({ ...limits, ...sh("while :; do echo xxxxxxxxxxxxxxxxxxxxxxxx; done") }));
    expect(error.message).toMatch(/prints more than/);
  });

  test("is ended when the command is interrupted", async () => {
    const controller = new AbortController();
    const work = failure(runTool({ ...limits, ...sh("sleep 1000"), signal: controller.signal }));
    controller.abort();
    expect((await work).code).toBe("E_INTERRUPTED");
  });
});

/** Of a process: its state's letter. */
function stateOf(stat: string): string {
  try {
    return /\) (\w)/.exec(readFileSync(stat, "utf8"))?.[1] ?? "gone";
  } catch {
    return "gone";
  }
}

describe("rendering", () => {
  const MANIFEST = "apiVersion: v1\\nkind: Pod\\nspec: {containers: [{image: i}]}\\n";
  const chart = [
    { name: "-x/Chart.yaml", text: "" },
    { name: "-x/templates/a.yaml", text: "{{" },
    { name: "kept.yaml", text: "kept" },
  ];

  test("replaces a chart by what helm makes of it, and names it so that it is no option", async () => {
    programs({ helm: `printf '%s\\n' "# $*"; printf '${MANIFEST}'` });
    const { texts, problems } = await renderTexts(chart);
    expect(problems).toEqual([]);
    expect(texts.map(({ name }) => name)).toEqual(["kept.yaml", "helm template -x"]);
    expect(texts[1]!.text).toMatch(new RegExp(`^# template ${process.cwd()}/-x\napiVersion: v1\n`));
  });

  test("takes kubectl where there is no kustomize", async () => {
    programs({ kubectl: "echo kubectl $1" });
    expect((await renderTexts([{ name: "k/kustomization.yaml", text: "" }])).texts).toEqual([
      { name: "kubectl kustomize k", text: "kubectl kustomize\n" },
    ]);
  });

  test("says what the tool said, or that there is none, and the rest goes on", async () => {
    programs({ helm: "echo no values >&2; exit 1" });
    const both = [...chart, { name: "k/kustomization.yaml", text: "" }];
    expect(await renderTexts(both)).toEqual({
      texts: [{ name: "kept.yaml", text: "kept" }],
      problems: [
        expect.objectContaining({ source: "-x", code: "E_RENDER", message: "helm: no values" }),
        expect.objectContaining({
          source: "k",
          code: "E_RENDER",
          message: "It is rendered by kustomize or kubectl, which is not on PATH.",
        }),
      ],
    });
  });
});

describe("a cluster", () => {
  test("needs kubectl", async () => {
    programs({});
    expect(await failure(auditCluster({}))).toMatchObject({
      code: "E_CLUSTER",
      message: "A cluster is read by kubectl, and there is none on PATH.",
    });
  });

  test("is audited as far as kubectl may look, and what it said is a problem", async () => {
    const list = JSON.stringify({
      kind: "List",
      items: [{ kind: "Pod", metadata: { name: "p" }, spec: { containers: [{ image: "i" }] } }],
    });
    programs({ kubectl: `echo '${list}'; echo 'jobs is forbidden' >&2; exit 1` });
    const { containers, problems } = await auditCluster({ context: "prod" });
    expect(containers.map(({ workload, source }) => [workload, source.name])).toEqual([
      ["Pod p", "cluster (context prod)"],
    ]);
    expect(problems).toEqual([expect.objectContaining({ code: "E_CLUSTER", message: "kubectl: jobs is forbidden" })]);
  });

  test("that does not answer ends with kubectl's words", async () => {
    programs({ kubectl: "echo connection refused >&2; exit 1" });
    expect(await failure(auditCluster({}))).toMatchObject({
      code: "E_CLUSTER",
      message: "kubectl: connection refused",
    });
  });
});
