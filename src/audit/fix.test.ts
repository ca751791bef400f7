import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { fixFiles } from "../../test/support/audit-fix.ts";
import { schemaErrors } from "../../test/support/kubernetes-schema.ts";
import { objectsOf } from "../../test/support/manifest-objects.ts";
import { RUN } from "../../test/support/splice.ts";
import { bind, env, seeded, strategy, tmpfs, volume } from "../../test/support/strategy-samples.ts";

const APP = strategy([tmpfs("/run", { why: "Pid." }), volume("/data", { why: "State." })]);
const STRATEGIES = { app: APP };

interface Service {
  readonly read_only?: boolean;
  readonly tmpfs?: readonly string[];
  readonly volumes?: readonly string[];
}
const services = (text: string | undefined): Readonly<Record<string, Service>> =>
  (parse(text ?? "") as { readonly services: Readonly<Record<string, Service>> }).services;

/** Where a strategy cannot be written: the reason, and that no file changes. */
function refusal(...args: Parameters<typeof fixFiles>): string {
  const { files, unfixed } = fixFiles(...args);
  expect(files).toEqual([]);
  expect(unfixed).toHaveLength(1);
  return `${unfixed[0]?.reason} ${unfixed[0]?.hint}`;
}

describe("Compose", () => {
  test("each service gets places of its own, also where one strategy fits several", () => {
    const { after, fixed, unfixed } = fixFiles(
      { "compose.yml": "services:\n  a:\n    image: app:1\n  b: {image: 'app:2'} # b\n  c:\n    image: other\n" },
      STRATEGIES,
    );
    expect(services(after["compose.yml"])).toEqual({
      a: { image: "app:1", read_only: true, tmpfs: [RUN], volumes: ["a_data:/data"] },
      b: { image: "app:2", read_only: true, tmpfs: [RUN], volumes: ["b_data:/data"] },
      c: { image: "other" },
    });
    expect(fixed.map(({ container, by }) => [container.workload, by])).toEqual([
      ["a", "app.strategy.yaml"],
      ["b", "app.strategy.yaml"],
    ]);
    expect(unfixed.map(({ hint }) => hint)).toEqual([
      "Learn it first (--learn does it): petrify learn --compose compose.yml c --test COMMAND",
    ]);
  });

  test("a service is changed in the file that it is of, though an override and another file say more of it", () => {
    const files = {
      "docker-compose.yml": "services:\n  web:\n    extends: {file: base.yml, service: base}\n    image: app:1\n",
      "docker-compose.override.yml": "services:\n  web:\n    tmpfs: /run\n",
      "base.yml": "services:\n  base:\n    image: none\n    volumes: ['kept:/data']\n",
    };
    const { after } = fixFiles(files, STRATEGIES, { named: ["docker-compose.yml", "docker-compose.override.yml"] });
    expect(services(after["docker-compose.yml"])["web"]).toMatchObject({ image: "app:1", read_only: true });
    expect(services(after["docker-compose.yml"])["web"]).not.toHaveProperty("tmpfs");
    expect(services(after["docker-compose.yml"])["web"]).not.toHaveProperty("volumes");
    expect({ ...after, "docker-compose.yml": "" }).toEqual({ ...files, "docker-compose.yml": "" });
  });

  test("an included file is changed where its service is", () => {
    const files = { "compose.yml": "include: [sub/db.yml]\n", "sub/db.yml": "services:\n  db:\n    image: app:1\n" };
    const { after, files: changed } = fixFiles(files, STRATEGIES, { named: ["compose.yml"] });
    expect(changed.map(({ name }) => name)).toEqual(["sub/db.yml"]);
    expect(services(after["sub/db.yml"])["db"]).toMatchObject({ read_only: true });
  });

  test("a service that another file extends is not changed for both", () => {
    const files = {
      "base.yml": "services:\n  base:\n    image: app:1\n",
      "compose.yml": "services:\n  web:\n    image: other\n    extends: {file: base.yml, service: base}\n",
    };
    const { files: changed, unfixed } = fixFiles(files, STRATEGIES);
    expect(changed).toEqual([]);
    expect(unfixed.map(({ reason }) => reason)).toContain("Not changed: web would get another readOnlyRoot.");
  });

  test("one that cannot be changed is not in the way of the others of its file", () => {
    const text = `x-app: &app
  image: app:1
services:
  alias: *app
  plain:
    image: app:1
`;
    const { after, unfixed } = fixFiles({ "compose.yml": text }, STRATEGIES);
    expect(services(after["compose.yml"])["plain"]).toMatchObject({ read_only: true });
    expect(services(after["compose.yml"])["alias"]).toEqual({ image: "app:1" });
    expect(unfixed.map(({ reason }) => reason)).toEqual([
      "The service 'alias' is only an alias, *app: changing it would change what it stands for.",
    ]);
  });

  test.each<[string, Record<string, string>, string]>([
    [
      "an override makes it writable",
      {
        "compose.yaml": "services:\n  web:\n    image: app\n",
        "compose.override.yaml": "services:\n  web:\n    read_only: false\n",
      },
      "compose.override.yaml, line 3, makes it writable again",
    ],
    [
      "a mount is read-only where it writes",
      { "compose.yaml": "services:\n  web:\n    image: app\n    volumes: ['./d:/data:ro']\n" },
      "Not changed: it would not suffice: /data is not writable",
    ],
    [
      "the volume's name is another service's",
      {
        "compose.yaml":
          "services:\n  web:\n    image: app\n  b:\n    image: b\n    read_only: true\n    volumes: ['web_data:/b']\nvolumes: {web_data: }\n",
      },
      "it would share the volume web_data with b.",
    ],
    [
      "its file was not named and lies elsewhere",
      { "compose.yaml": "include: [/srv/db.yml]\n", "/srv/db.yml": "services:\n  db:\n    image: app\n" },
      "/srv/db.yml was not named",
    ],
    [
      "it is of a stack",
      { "stack.yml": "services:\n  web:\n    image: app\n    deploy: {mode: global}\n" },
      "It is in a stack of a swarm",
    ],
    [
      "what it extends cannot be read",
      {
        "c.yml": "services:\n  web:\n    image: app\n    read_only: false\n    extends: {file: none.yml, service: x}\n",
      },
      "What it takes over from elsewhere cannot be read",
    ],
  ])("is refused when %s", (_, files, reason) => {
    expect(refusal(files, STRATEGIES, { named: Object.keys(files).filter((name) => !name.startsWith("/")) })).toContain(
      reason,
    );
  });

  test.each([
    ["a partial seal", strategy([], { readOnlyPaths: ["/etc"] }), "only /etc read-only"],
    ["a bind mount that is not there", strategy([bind("/conf")]), "a bind mount on /conf"],
    [
      "a volume that may lead anywhere",
      strategy([volume("/data", { driver: "local", options: { type: "none", o: "bind", device: "/etc" } })]),
      "on /data, which can lead anywhere",
    ],
  ])("is refused for %s", (_, subject, reason) => {
    expect(refusal({ "c.yml": "services:\n  web:\n    image: app\n" }, { app: subject })).toContain(reason);
  });

  test("of a service that has it all nothing is to fix", () => {
    expect(
      fixFiles(
        { "c.yml": "services:\n  web:\n    image: app\n    read_only: true\n    tmpfs: /run\n" },
        { app: strategy([tmpfs("/run")]) },
      ),
    ).toMatchObject({ files: [], unfixed: [] });
  });

  test("places and variables that a read-only service lacks are written", () => {
    const { after } = fixFiles(
      { "c.yml": "services:\n  web:\n    image: app\n    read_only: true\n    environment:\n      A: b\n" },
      { app: strategy([tmpfs("/run")], { settings: [env("HOME", "/run")] }) },
    );
    expect(services(after["c.yml"])["web"]).toEqual({
      image: "app",
      read_only: true,
      environment: { A: "b", HOME: "/run" },
      tmpfs: [RUN],
    });
  });
});

const POD = (name: string, more = "", namespace = "default"): string => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  containers:
    - name: web
      image: app:2
${more}`;

describe("Kubernetes", () => {
  test("containers of one name in several documents and namespaces get claims of their own", () => {
    const text = `${POD("one")}---\n${POD("one", "", "shop")}---\n${POD("two")}`;
    const { after, unfixed } = fixFiles({ "k.yaml": text }, STRATEGIES);
    expect(unfixed).toEqual([]);
    const objects = objectsOf(after["k.yaml"] ?? "");
    expect(objects.flatMap((object) => schemaErrors("1.34", object))).toEqual([]);
    expect(
      objects.filter(({ kind }) => kind === "PersistentVolumeClaim").map(({ metadata }) => metadata),
    ).toMatchObject([
      { name: "one-web-data", namespace: "default" },
      { name: "one-web-data", namespace: "shop" },
      { name: "two-web-data", namespace: "default" },
    ]);
  });

  test("what fills a volume copies from the container's own image, not from the one that was learned", () => {
    const { after } = fixFiles({ "k.yaml": POD("web") }, { app: strategy([seeded("/etc/app")]) });
    expect(objectsOf(after["k.yaml"] ?? "")).toMatchObject([
      { spec: { initContainers: [{ image: "app:2", securityContext: { readOnlyRootFilesystem: true } }] } },
    ]);
  });

  test("a claim that starts as a copy of the image's files is shared with the init container that copies them", () => {
    const { after, unfixed } = fixFiles(
      { "k.yaml": POD("web") },
      { app: strategy([volume("/data", { seeded: true })]) },
    );
    expect(unfixed).toEqual([]);
    expect(objectsOf(after["k.yaml"] ?? "")).toMatchObject([
      { spec: { initContainers: [{ name: "petrify-web" }] } },
      { metadata: { name: "web-data" } },
    ]);
  });

  test.each([
    ["at the pod, alone", "  securityContext:\n    readOnlyRootFilesystem: true # here\n"],
    ["at the pod, beside others", "  securityContext:\n    readOnlyRootFilesystem: true\n    runAsUser: 1\n"],
    ["at the pod, in one line", "  securityContext: {runAsUser: 1, readOnlyRootFilesystem: true}\n"],
    ["in the pod's specification", "  readOnlyRootFilesystem: true\n"],
    ["beside the container's name", "      readOnlyRootFilesystem: true\n"],
    ["among capabilities", "      securityContext:\n        capabilities: {readOnlyRootFilesystem: true}\n"],
    ["in wrong letters", "      securityContext:\n        readonlyRootFilesystem: true\n        runAsUser: 1\n"],
  ])("a read-only root that was asked for %s moves to where it is read", (_, more) => {
    const { after, unfixed } = fixFiles({ "k.yaml": POD("web", more) }, { app: strategy([tmpfs("/run")]) });
    expect(unfixed).toEqual([]);
    const [pod] = objectsOf(after["k.yaml"] ?? "");
    expect(schemaErrors("1.34", pod)).toEqual([]);
    expect(pod).toMatchObject({ spec: { containers: [{ securityContext: { readOnlyRootFilesystem: true } }] } });
    expect(JSON.stringify(pod).match(/readonlyroot/gi)).toHaveLength(1);
  });

  test("what a chart renders is fixed on its way, and not in a file", () => {
    const text = `---\n# Source: shop/templates/web.yaml\n${POD("web")}`;
    expect(refusal({ "rendered.yaml": text }, STRATEGIES)).toContain("It is rendered from shop/templates/web.yaml");
    expect(refusal({ "helm template x": text }, STRATEGIES, { rendered: ["helm template x"] })).toContain(
      "--to helm-values",
    );
    expect(fixFiles({ "-": text }, STRATEGIES).files).toHaveLength(1);
  });

  test("what only looks like a pod is not changed", () => {
    const text = POD("web").replace("apiVersion: v1\nkind: Pod", "apiVersion: x/v1\nkind: Thing");
    expect(refusal({ "k.yaml": text }, STRATEGIES)).toContain("only looks as if it held a pod");
  });

  test("the command that learns it has what is plain of it", () => {
    const more = `      command: [sh, -c, "x; y"]\n      args: [z]\n      env:\n        - {name: A, value: b c}\n        - {name: S, valueFrom: {secretKeyRef: {name: s, key: k}}}\n`;
    expect(refusal({ "k.yaml": POD("web", more) }, {})).toContain(
      "petrify learn app:2 --entrypoint sh --env 'A=b c' --test COMMAND -- -c 'x; y' z",
    );
  });
});

test("the template is taken where no strategy fits, marked in the file, and a second time changes nothing", () => {
  const files = { "c.yml": "services:\n  web:\n    image: other\n", "k.yaml": POD("web") };
  const { after, fixed } = fixFiles(files, STRATEGIES, { template: true });
  expect(fixed.map(({ by }) => by)).toEqual([undefined, "app.strategy.yaml"]);
  expect(after["c.yml"]).toContain("# By the template, not learned: whatever it writes elsewhere is refused");
  expect(
    services(after["c.yml"])["web"]?.tmpfs?.map((item) => item.replace(/:.*size=/, " ").replace(/,.*/, "")),
  ).toEqual(["/run 64m", "/tmp 256m", "/var/tmp 256m"]);
  expect(fixFiles(after, STRATEGIES, { template: true })).toMatchObject({ files: [], unfixed: [] });
});
