import { describe, expect, test } from "vitest";
import { thrownBy } from "../../test/support/splice.ts";
import { strategy, tmpfs, volume } from "../../test/support/strategy-samples.ts";
import { petrify } from "../../test/support/cli.ts";
import { parseLogging } from "./logging.ts";
import { type ExportOptions, type Target, TARGETS, exportTo } from "./targets.ts";
import { isAtLeast, parseVersion } from "./version.ts";

describe("an option that means nothing for a target is refused, with those for which it does", () => {
  test.each<[Target, ExportOptions, RegExp, RegExp]>([
    ["docker", { existing: "" }, /--into means nothing/, /--to compose, kubernetes/],
    ["compose", { kubeVersion: [1, 30] }, /--kube-version means nothing/, /kubernetes, kustomize, helm-values/],
    ["quadlet", { engine: "podman" }, /--with means nothing/, /systemd/],
    ["podman", { dataDir: "/srv" }, /--data-dir means nothing/, /docker, compose, systemd/],
    [
      "kubernetes",
      { logging: { options: {} } },
      /--log-driver means nothing/,
      /docker, podman, compose, quadlet, systemd/,
    ],
    ["compose", { logging: { options: {} }, existing: "" }, /keeps its own log driver/, /--log-opt/],
    ["helm-values", { workload: "x" }, /--workload means nothing/, /kubernetes, kustomize/],
    ["compose", { service: "x" }, /--service is for a file that exists/, /--into/],
    ["kubernetes", { container: "x" }, /--container is for a file that exists/, /--into/],
  ])("%s %j", (target, options, message, hint) => {
    const error = thrownBy(() => exportTo(target, strategy([]), options));
    expect([error.code, error.message, error.hint]).toEqual([
      "E_USAGE",
      expect.stringMatching(message),
      expect.stringMatching(hint),
    ]);
  });
});

describe("a data directory", () => {
  const subject = strategy([
    volume("/data"),
    volume("/plugins", { exec: true }),
    volume("/own", { source: "mine", reason: "given" }),
    volume("/nfs", { options: { type: "nfs", device: ":/x" } }),
  ]);

  test("takes the volumes without code that are nobody's yet, and says what the host must do for it", () => {
    const { text, notes } = exportTo("docker", subject, { dataDir: "/srv/app" });
    expect(text).toContain("target=/data,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/srv/app/app_data ");
    for (const flag of ["--volume app_plugins:/plugins ", "--volume mine:/own ", "volume-opt=device=:/x "])
      expect(text).toContain(flag);
    expect(notes).toEqual([
      "Docker lets code in a volume be run: also in /own.",
      "Make /srv/app/app_data before the first start: Docker does not.",
      expect.stringContaining("/srv/app /srv/app none bind,noexec,nosuid,nodev 0 0"),
    ]);
  });

  test("without such volumes changes nothing, and says so", () => {
    const other = strategy([tmpfs("/run"), volume("/plugins", { exec: true })]);
    const plain = exportTo("compose", other);
    const { text, notes } = exportTo("compose", other, { dataDir: "/srv/app" });
    expect(text).toBe(plain.text);
    expect(notes.slice(plain.notes.length)).toEqual([
      "Nothing lies in /srv/app: in each volume code is run, or it has a name, a driver or options of its own.",
    ]);
  });

  test.each(["srv/app", "/srv/app/", "/", "", "/srv/../etc", "/srv//app", "/srv/my app", "/srv/a\nb", "/srv/a\\b"])(
    "cannot be %j",
    (dataDir) => {
      expect(thrownBy(() => exportTo("docker", subject, { dataDir })).code).toBe("E_USAGE");
    },
  );
});

test.each<[Target, string]>([
  ["docker", "--log-driver journald \\\n  --log-opt 'tag=$app'"],
  ["podman", "--log-driver journald \\\n  --log-opt 'tag=$app'"],
  ["compose", '    logging:\n      driver: journald\n      options:\n        tag: "$$app"'],
  ["quadlet", "PodmanArgs=--log-driver journald\nPodmanArgs=--log-opt"],
  ["systemd", "--log-driver journald \\\n  --log-opt"],
])("%s says the log driver and its options", (target, expected) => {
  const logging = { driver: "journald", options: { tag: "$app" } };
  expect(exportTo(target, strategy([]), { logging }).text).toContain(expected);
  expect(exportTo(target, strategy([])).text).not.toMatch(/log-(?:driver|opt)|logging/);
});

test("options of a log driver are pairs", () => {
  expect(parseLogging(undefined, ["labels=a=b", "mode="])).toEqual({ options: { labels: "a=b", mode: "" } });
  expect([parseLogging(undefined), parseLogging("none")]).toEqual([undefined, { driver: "none", options: {} }]);
  for (const text of ["=x", "x", ""]) expect(() => parseLogging("none", [text])).toThrow(/is no option/);
});

test("the command line offers every target", () => {
  const { stdout } = petrify(["export", "--help"]);
  expect(stdout.replaceAll(/\s+/g, " ")).toContain(`choices: ${TARGETS.map((target) => `"${target}"`).join(", ")}`);
});

test.each([
  ["1.34", [1, 34]],
  ["v1.9.3", [1, 9]],
  ["4.9.4-rhel", [4, 9]],
])("version %s", (text, version) => {
  expect(parseVersion(text)).toEqual(version);
});

test("versions are compared as numbers, and nothing else is one", () => {
  expect([isAtLeast([1, 9], [1, 10]), isAtLeast([2, 0], [1, 10]), isAtLeast([1, 10], [1, 10])]).toEqual([
    false,
    true,
    true,
  ]);
  for (const text of ["1", "one.two", "1.2.3 4", ""]) expect(() => parseVersion(text)).toThrow(/is not a version/);
});
