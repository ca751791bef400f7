import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { overlaidScript } from "../../test/support/overlaid.ts";
import { podmanRoot, podmanScript } from "../../test/support/podman.ts";
import { execWords, generatedServices } from "../../test/support/quadlet.ts";
import {
  bind,
  SAMPLES,
  scratch,
  seeded,
  strategy,
  tmpfs,
  volume,
  workload,
} from "../../test/support/strategy-samples.ts";
import { defaultCacheDir } from "../engine/embedded/layout.ts";
import { DOCKERD } from "../engine/embedded/dockerd.ts";
import { unpackPackages } from "../engine/embedded/packages.ts";
import { planMounts } from "./mount-plan.ts";
import { podmanFlags } from "./podman.ts";
import { serviceFlags } from "./unit-run.ts";
import { exportTo } from "./targets.ts";

/** Says of each place whether it can be written, with mode and owner; then it goes on. */
const LOOK = `for d in / /tmp /var/tmp /run /own /etc/app /cache /data /dev/shm; do
  if touch $d/x 2> /dev/null; then echo $d: $(stat -c '%a %u:%g' $d); else echo $d: denied; fi
done; cat /etc/app/conf; cat /data/state 2> /dev/null || echo empty; echo started >> /data/state; echo looked; exec sleep 600`;

const APP = strategy(
  [
    tmpfs("/run", { mode: 0o710 }),
    tmpfs("/own", { uid: 33, gid: 4, mode: 0o750 }),
    seeded("/etc/app"),
    scratch("/cache"),
    volume("/data"),
  ],
  { workload: workload({ name: "app", image: "localhost/app:1", entrypoint: ["sh", "-c"], command: [LOOK] }) },
);

/** Prints a container's log once it has looked. */
const LOG = `log() { for i in $(seq 100); do podman logs "$1" > log 2>&1; grep -q looked log && break; sleep 0.1; done; cat log; }\n`;

function write(name: string, text: string): string {
  return `cat > ${name} << 'END_OF_FILE'\n${text}END_OF_FILE\n`;
}

describe("podman run", () => {
  test("takes a bind's SELinux label in its long form, on a host without SELinux too", async () => {
    const run = { name: "app", image: "localhost/app:1", entrypoint: ["cat"], command: ["/d/in"] };
    const mounts = [{ type: "bind", source: "/run/a:b", target: "/d", readOnly: false, options: "Z" }] as const;
    const bound = strategy([bind("/d", { source: "/run/a:b" })], { workload: workload({ ...run, mounts }) });
    const command = exportTo("podman", bound).text.replace("podman run", "podman run --network none --rm");
    const script = `mkdir /run/a:b; echo bound > /run/a:b/in\n${write("run.sh", command)}sh run.sh`;
    expect(await podmanScript(script)).toBe("bound\n");
  });

  test("gives exactly the places of the strategy, with their modes and owners, and keeps only what must last", async () => {
    const command = exportTo("podman", APP).text.replace("podman run", "podman run --detach --network none --rm");
    const script = `${LOG}${write("run.sh", command)}
sh run.sh > /dev/null; log app
podman exec app sh -c 'grep -E " /(run|own|etc/app|cache|data) " /proc/mounts; cp /bin/sh /data/sh; /data/sh -c : || echo refused: $?' 2>&1
podman stop --time 0 app > /dev/null; while podman container exists app; do sleep 0.1; done; echo kept: $(podman volume ls --quiet)
sh run.sh > /dev/null; log app | grep -A1 shipped`;
    const lines = (await podmanScript(script)).trim().split("\n");
    expect(lines.slice(0, 12)).toEqual([
      "/: denied",
      "/tmp: denied",
      "/var/tmp: denied",
      "/run: 710 0:0",
      "/own: 750 33:4",
      "/etc/app: 755 0:0",
      "/cache: 755 0:0",
      "/data: 755 0:0",
      "/dev/shm: 1777 0:0",
      "shipped",
      "empty",
      "looked",
    ]);
    const mounts = lines.filter((line) => /^\S+ \/\S+ \S+ rw/.test(line)).toSorted();
    expect(mounts).toEqual([
      expect.stringMatching(/^\S+ \/cache \S+ rw,.*noexec/),
      expect.stringMatching(/^\S+ \/data \S+ rw,nosuid,nodev,noexec/),
      expect.stringMatching(/^tmpfs \/etc\/app tmpfs rw,.*noexec.*size=1024k/),
      expect.stringMatching(/^tmpfs \/own tmpfs rw,.*noexec.*size=1024k/),
      expect.stringMatching(/^tmpfs \/run tmpfs rw,.*noexec.*size=1024k/),
    ]);
    expect(lines).toContain("refused: 126");
    expect(lines.slice(-3)).toEqual(["kept: app_data", "shipped", "started"]);
  });
});

describe("podman kube play", () => {
  test("starts the exported pod read-only, filled and with exact modes by its init container", async () => {
    const { text } = exportTo("kubernetes", APP, { kind: "Pod", exactModes: true });
    // Podman 4.3 removes an init container at once, sometimes before it knows that it has ended; this kind stays.
    const kept = text.replace(
      /^kind: Pod\nmetadata:\n/m,
      "$&  annotations: {io.podman.annotations.init.container.type: always}\n",
    );
    const script = `${LOG}${write("pod.yaml", kept)}
podman kube play --network none pod.yaml > /dev/null; log app-app
podman inspect --format '{{.HostConfig.ReadonlyRootfs}}' app-app`;
    const lines = (await podmanScript(script)).trim().split("\n");
    expect(lines).toEqual([
      "/: denied",
      // Podman's kube play adds these by itself; a cluster does not.
      expect.stringMatching(/^\/tmp: /),
      expect.stringMatching(/^\/var\/tmp: /),
      "/run: 710 0:0",
      "/own: 750 33:4",
      "/etc/app: 755 0:0",
      "/cache: 755 0:0",
      "/data: 755 0:0",
      "/dev/shm: 1777 0:0",
      "shipped",
      "empty",
      "looked",
      "true",
    ]);
  });
});

describe.each(Object.entries({ ...SAMPLES, app: APP }))("units of %s", (name, sample) => {
  test("Quadlet's own generator takes them, and its service asks for the same run as podman run", () => {
    const services = generatedServices(exportTo("quadlet", sample).files ?? []);
    const words = execWords(services.get(`${sample.workload.name}.service`) ?? "").join("\0");
    for (const flag of serviceFlags(podmanFlags(planMounts(sample, sample.workload), sample.workload)))
      for (const word of flag) expect(words.toLowerCase()).toContain(comparable(word).toLowerCase());
    expect([...services.keys()].length).toBe(
      1 + planMounts(sample, sample.workload).filter(({ kind }) => kind === "volume").length,
    );
  });

  test.each(["docker", "podman"] as const)(
    "systemd-analyze verify has nothing to say of the unit with %s",
    async (engine) => {
      const packages = join(defaultCacheDir(), "packages");
      const [systemd, docker] = await Promise.all([
        unpackPackages(["systemd"], packages),
        unpackPackages(DOCKERD.packages, packages),
      ]);
      const directory = mkdtempSync(join(tmpdir(), "petrify-unit-"));
      try {
        writeFileSync(join(directory, `${name}.service`), exportTo("systemd", sample, { engine }).text);
        const units = `SYSTEMD_UNIT_PATH=${directory}:${docker.root}/lib/systemd/system:/lib/systemd/system`;
        const script = `${units} systemd-analyze verify ${directory}/${name}.service 2>&1`;
        expect(overlaidScript([systemd.root, docker.root, await podmanRoot()], script)).toBe("");
      } finally {
        rmSync(directory, { recursive: true });
      }
    },
  );
});

/** Quadlet has other words for some flags; the values are the same. */
function comparable(word: string): string {
  const words: Readonly<Record<string, string>> = { "--volume": "-v" };
  return words[word] ?? word;
}
