import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scratch, strategy, tmpfs, volume, workload } from "../../../test/support/strategy-samples.ts";
import { exportQuadlet } from "../../export/quadlet.ts";
import type { Settings } from "../container.ts";
import { quadlet } from "./quadlet.ts";
import { readWith, textAt, valuesOf } from "./testing.ts";

function webOf(section: string, beside: Readonly<Record<string, string>> = {}) {
  const files = { "u/web.container": `[Container]\nImage=nginx:1\n${section}\n`, ...beside };
  const { containers, problems } = readWith(quadlet, files);
  expect(problems).toEqual([]);
  expect(containers).toHaveLength(1);
  return containers[0] as (typeof containers)[number];
}

const IMAGE = { image: "nginx:1", unknown: ["pidsLimit"] };

describe("keys of [Container]", () => {
  test.each<[section: string, settings: Readonly<Record<string, unknown>>]>([
    ["ReadOnly=yes\nReadOnlyTmpfs=no", { readOnlyRoot: true }],
    ["ReadOnly=false", { readOnlyRoot: false }],
    ["User=1\nGroup=2", { user: "1:2" }],
    [
      "AddCapability=SYS_ADMIN CAP_NET_RAW\nAddCapability=KILL\nDropCapability=all",
      { capAdd: ["SYS_ADMIN", "NET_RAW", "KILL"], capDrop: ["ALL"] },
    ],
    ["AddCapability=SYS_ADMIN\nAddCapability=", {}],
    [
      "NoNewPrivileges=true\nSecurityLabelDisable=true\nSeccompProfile=unconfined\nAppArmor=unconfined",
      { noNewPrivileges: true, selinux: "disable", seccomp: "unconfined", appArmor: "unconfined" },
    ],
    ["SecurityLabelDisable=false\nSecurityLabelType=spc_t\nUnmask=ALL", { selinux: "type:spc_t", unmaskedPaths: true }],
    ["Mask=/proc/x", {}],
    [
      "Network=host\nUserNS=host\nPidsLimit=0\nUlimit=nproc=-1\nSysctl=a.b=1 c.d=2",
      {
        network: "host",
        userns: "host",
        pidsLimit: 0,
        ulimits: [{ name: "nproc", soft: -1, hard: -1 }],
        sysctls: ["a.b", "c.d"],
        unknown: undefined,
      },
    ],
    ["HealthCmd=none\nLogDriver=none", { healthcheck: false, logDriver: "none" }],
    ["PublishPort=80:8080", { ports: [{ hostPort: 80, containerPort: 8080 }] }],
    ['Environment=A=1 "B=x y"\nEnvironment=T=%n', { environment: ["A=1", "B=x y", "T"] }],
    [
      'Exec=serve "a b"\nEntrypoint=["sh", "-c"]\nWorkingDir=/app',
      { command: ["serve", "a b"], entrypoint: ["sh", "-c"], workingDir: "/app" },
    ],
    [
      "Tmpfs=/t:size=1m,noexec",
      { mounts: [{ type: "tmpfs", target: "/t", readOnly: false, sizeBytes: 2 ** 20, exec: false }] },
    ],
    [
      "Volume=./d:/d:ro\nVolume=%h/e:/e\nVolume=x.volume:/x:noexec",
      {
        mounts: [
          { type: "bind", source: "u/d", target: "/d", readOnly: true },
          { type: "bind", source: "${%h}/e", target: "/e", readOnly: false },
          { type: "volume", source: "x.volume", target: "/x", readOnly: false, sizeBytes: null, exec: false },
        ],
      },
    ],
    [
      "PodmanArgs=--privileged --memory 64m \\\n  --cpus=2\nPodmanArgs=--pid host",
      { privileged: true, memoryBytes: 2 ** 26, cpus: 2, pid: "host" },
    ],
    [
      "Memory=1g\n[Service]\nMemoryMax=2G\nCPUQuota=50%\nTasksMax=9",
      { memoryBytes: 2 ** 30, cpus: 0.5, pidsLimit: 9, unknown: undefined },
    ],
    ["ReadOnly=true\nReadOnly=false", { readOnlyRoot: false }],
  ])("%s", (section, settings) => {
    expect(JSON.parse(JSON.stringify(valuesOf(webOf(section))))).toEqual(
      JSON.parse(JSON.stringify({ ...IMAGE, ...settings })),
    );
  });
});

test("drop-ins count by their names, and their settings lie in them", () => {
  const web = webOf("ReadOnly=true", {
    "u/web.container.d/20-b.conf": "[Container]\nReadOnly=false\n",
    "u/web.container.d/10-a.conf": "[Container]\nReadOnly=true\nUser=root\n",
    "u/web.container.d/note.txt": "[Container]\nUser=1\n",
  });
  expect(web.settings.readOnlyRoot).toEqual({
    value: false,
    at: { line: 2, column: 1, endColumn: 15, file: "u/web.container.d/20-b.conf" },
  });
  expect(web.settings.user?.value).toBe("root");
});

test("what a pod says holds for its containers; of one that is not there nothing is known", () => {
  const pod = webOf("Pod=p.pod", { "u/p.pod": "[Pod]\nNetwork=host\nPublishPort=80:80\n" });
  expect(valuesOf(pod)).toEqual({ ...IMAGE, network: "host", ports: [{ hostPort: 80, containerPort: 80 }] });
  expect(pod.settings.network?.at).toMatchObject({ line: 2, file: "u/p.pod" });
  expect(webOf("Pod=p.pod").unknown).toEqual(expect.arrayContaining(["network", "ports", "userns"]));
});

test("an image unit names the image, and one that is built has no name", () => {
  expect(valuesOf(webOf("Image=x.image", { "u/x.image": "[Image]\nImage=quay.io/x:2\n" }))["image"]).toBe(
    "quay.io/x:2",
  );
  expect(webOf("Image=x.build").unknown).toContain("image");
});

test("a .kube unit leads to its manifest, and pods and other units have no containers", () => {
  const manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: x}]}\n";
  const { containers } = readWith(quadlet, { "u/a.kube": "[Kube]\nYaml=p.yaml\n", "u/p.yaml": manifest });
  expect(containers).toMatchObject([{ source: { kind: "kubernetes", name: "u/p.yaml" }, workload: "Pod p" }]);
  expect(readWith(quadlet, { "p.pod": "[Pod]\nPodName=x\n" }).containers).toEqual([]);
  expect(quadlet.recognise({ name: "x.service", text: "[Unit]\n[Service]\nExecStart=x\n" })).toBe(false);
  expect(quadlet.recognise({ name: "-", text: "[Container]\nImage=x\n" })).toBe(true);
});

test("flags that cannot be read are a problem", () => {
  const { problems } = readWith(quadlet, { "a.container": "[Container]\nImage=x\nPodmanArgs=--memory\n" });
  expect(problems).toMatchObject([
    { code: "E_COMMAND_LINE", message: expect.stringContaining("--memory needs a value.") as string },
  ]);
});

test("what Petrify exports is read back as what it is", () => {
  const subject = strategy([tmpfs("/run"), scratch("/c"), volume("/data")], {
    workload: workload({ command: ["a b"], env: ["A=1"], capDrop: ["ALL"], user: "5:6" }),
  });
  const { files = [] } = exportQuadlet(subject);
  const unit = files.find(({ name }) => name.endsWith(".container"));
  const { containers, problems } = readWith(quadlet, { "x.container": unit?.text ?? "" });
  expect(problems).toEqual([]);
  const values = valuesOf(containers[0] as (typeof containers)[number]);
  expect(values).toMatchObject({ readOnlyRoot: true, user: "5:6", capDrop: ["ALL"], command: ["a b"] });
  expect((values["mounts"] as { target: string }[]).map(({ target }) => target)).toEqual(
    expect.arrayContaining(["/run", "/c", "/data"]),
  );
  expect((values["mounts"] as { target: string }[]).map(({ target }) => target)).not.toContain("/var/tmp");
});

const LINES: readonly (readonly [setting: string, line: string, at?: string])[] = [
  ["readOnlyRoot", "ReadOnly=true"],
  ["network", "Network = host"],
  ["capAdd", "AddCapability=SYS_ADMIN", "SYS_ADMIN"],
  ["mounts", "Volume=/a:/b"],
  ["mounts", "Tmpfs=/c"],
  ["memoryBytes", "PodmanArgs=--log-level=x \\\n  --memory 64m", "--memory 64m"],
  ["ports", "PublishPort=80:80"],
];

test("the place of each setting is where its key, or its word, stands", () => {
  const lines = fc.shuffledSubarray([...LINES]);
  const between = fc.array(fc.constantFrom("", "# c", "; c", "Label=a=b"), { minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(
      lines,
      between,
      fc.constantFrom("\n", "\r\n"),
      fc.constantFrom("", "\uFEFF"),
      (chosen, others, lineBreak, mark) => {
        const text = [
          "[Unit]",
          "[Container]",
          "Image=x",
          "ReadOnlyTmpfs=false",
          ...chosen.flatMap(([, line], index) => [others[index] ?? "", line]),
        ]
          .join("\n")
          .replaceAll("\n", lineBreak);
        const { containers } = readWith(quadlet, { "x.container": mark + text });
        const settings: Settings = containers[0]?.settings ?? {};
        for (const name of new Set(chosen.map(([setting]) => setting))) {
          const own = settings[name as "user"];
          const places = Array.isArray(own) ? (own as { at: never }[]).map(({ at }) => at) : [own?.at];
          expect(places.map((at) => textAt(text, at))).toEqual(
            chosen.flatMap(([setting, line, at = line]) => (setting === name ? [at] : [])),
          );
        }
      },
    ),
    { numRuns: 300 },
  );
});
