import { describe, expect, test } from "vitest";
import {
  attempt,
  composeMountText,
  flagLines,
  patchOf,
  podOf,
  podOfValues,
  podText,
  unitLines,
} from "../../test/support/export-text.ts";
import {
  bind,
  deny,
  env,
  image,
  scratch,
  seeded,
  strategy,
  tmpfs,
  volume,
  workload as workloadOf,
} from "../../test/support/strategy-samples.ts";
import type { Strategy, StrategyEntry } from "../model/strategy.ts";
import { exportCompose } from "./compose.ts";
import { exportDocker } from "./docker.ts";
import { exportHelmValues } from "./helm-values.ts";
import { exportKubernetes } from "./kubernetes/manifest.ts";
import { exportKustomize } from "./kustomize.ts";
import { exportPodman } from "./podman.ts";
import { exportQuadlet } from "./quadlet.ts";
import { exportSystemd } from "./systemd.ts";
import { TARGETS, exportTo } from "./targets.ts";

const POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n  - name: c\n    image: app:1\n";

/** What a target makes of an entry: the words it writes, or a pattern of the reason why it cannot. */
type Outcome = unknown;
interface Row {
  readonly name: string;
  readonly entry: StrategyEntry;
  readonly docker: Outcome;
  readonly podman: Outcome;
  readonly compose: Outcome;
  /** Of kubernetes, kustomize and helm-values, which write the same volume and mount. */
  readonly pod: Outcome;
  readonly quadlet: Outcome;
  /** Of a unit with docker; default: docker's. */
  readonly systemd?: Outcome;
}
const COLON = expect.stringMatching(/^unsupported: .*\/a:b.*colon/) as unknown;

// Each row states every target's exact output: a target that was forgotten cannot go unnoticed.
const ROWS: readonly Row[] = [
  {
    name: "tmpfs",
    entry: tmpfs("/run"),
    docker: "--tmpfs /run:rw,nosuid,nodev,noexec,size=1m,mode=0755,uid=0,gid=0",
    podman: "--tmpfs /run:rw,nosuid,nodev,noexec,size=1m,mode=0755,notmpcopyup",
    compose: "tmpfs: /run:rw,nosuid,nodev,noexec,size=1m,mode=0755,uid=0,gid=0",
    pod: "mount: {name: run, mountPath: /run}\nvolume: {name: run, emptyDir: {medium: Memory, sizeLimit: 1Mi}}",
    quadlet: "Tmpfs=/run:rw,nosuid,nodev,noexec,size=1m,mode=0755,notmpcopyup",
  },
  {
    name: "tmpfs with owner, exec, odd size",
    entry: tmpfs("/t", { uid: 33, gid: 4, mode: 0o1777, exec: true, sizeBytes: 1025 }),
    docker: "--tmpfs /t:rw,nosuid,nodev,exec,size=1025,mode=1777,uid=33,gid=4",
    podman: `--mount 'type=volume,destination=/t,volume-opt=type=tmpfs,volume-opt=device=tmpfs,"volume-opt=o=size=1025,mode=1777,uid=33,gid=4"'`,
    compose: "tmpfs: /t:rw,nosuid,nodev,exec,size=1025,mode=1777,uid=33,gid=4",
    pod: "mount: {name: t, mountPath: /t}\nvolume: {name: t, emptyDir: {medium: Memory, sizeLimit: 1025}}",
    quadlet:
      'PodmanArgs=--mount "type=volume,destination=/t,volume-opt=type=tmpfs,volume-opt=device=tmpfs,\\"volume-opt=o=size=1025,mode=1777,uid=33,gid=4\\""',
  },
  {
    name: "tmpfs with a comma",
    entry: tmpfs("/a,b", { sizeBytes: 2 ** 31 }),
    docker: "--tmpfs /a,b:rw,nosuid,nodev,noexec,size=2g,mode=0755,uid=0,gid=0",
    podman: "--tmpfs /a,b:rw,nosuid,nodev,noexec,size=2g,mode=0755,notmpcopyup",
    compose: "tmpfs: /a,b:rw,nosuid,nodev,noexec,size=2g,mode=0755,uid=0,gid=0",
    pod: "mount: {name: a-b, mountPath: /a,b}\nvolume: {name: a-b, emptyDir: {medium: Memory, sizeLimit: 2Gi}}",
    quadlet: "Tmpfs=/a,b:rw,nosuid,nodev,noexec,size=2g,mode=0755,notmpcopyup",
  },
  {
    name: "tmpfs with a colon",
    entry: tmpfs("/a:b"),
    docker: COLON,
    podman: `--mount 'type=volume,destination=/a:b,noexec,volume-opt=type=tmpfs,volume-opt=device=tmpfs,"volume-opt=o=size=1m,mode=0755,uid=0,gid=0"'`,
    compose: COLON,
    pod: COLON,
    quadlet:
      'PodmanArgs=--mount "type=volume,destination=/a:b,noexec,volume-opt=type=tmpfs,volume-opt=device=tmpfs,\\"volume-opt=o=size=1m,mode=0755,uid=0,gid=0\\""',
  },
  {
    name: "seeded",
    entry: seeded("/etc/x"),
    docker: "--volume /etc/x",
    podman: "--tmpfs /etc/x:rw,nosuid,nodev,noexec,size=1m,mode=0755,tmpcopyup",
    compose: "volumes: /etc/x",
    pod: "mount: {name: etc-x, mountPath: /etc/x}\nvolume: {name: etc-x, emptyDir: {medium: Memory, sizeLimit: 1Mi}}\ninit: cp -a /etc/x/. /petrify/etc-x",
    quadlet: "Tmpfs=/etc/x:rw,nosuid,nodev,noexec,size=1m,mode=0755,tmpcopyup",
  },
  {
    name: "seeded with an owner",
    entry: seeded("/etc/x", { uid: 33, gid: 4 }),
    docker: "--volume /etc/x",
    podman: "--mount type=volume,destination=/etc/x,noexec",
    compose: "volumes: /etc/x",
    pod: "mount: {name: etc-x, mountPath: /etc/x}\nvolume: {name: etc-x, emptyDir: {medium: Memory, sizeLimit: 1Mi}}\ninit: cp -a /etc/x/. /petrify/etc-x",
    quadlet: "PodmanArgs=--mount type=volume,destination=/etc/x,noexec",
  },
  {
    name: "seeded with a colon",
    entry: seeded("/a:b"),
    docker: "--mount type=volume,target=/a:b",
    podman: "--mount type=volume,destination=/a:b,noexec",
    compose: "volumes: {type: volume, target: /a:b}",
    pod: COLON,
    quadlet: "PodmanArgs=--mount type=volume,destination=/a:b,noexec",
  },
  {
    name: "scratch",
    entry: scratch("/var/cache/x", { sizeBytes: 2 ** 30 }),
    docker: "--volume /var/cache/x",
    podman: "--mount type=volume,destination=/var/cache/x,noexec",
    compose: "volumes: /var/cache/x",
    pod: "mount: {name: var-cache-x, mountPath: /var/cache/x}\nvolume: {name: var-cache-x, emptyDir: {sizeLimit: 1Gi}}",
    quadlet: "PodmanArgs=--mount type=volume,destination=/var/cache/x,noexec",
  },
  {
    name: "volume",
    entry: volume("/var/lib/x"),
    docker: "--volume app_var-lib-x:/var/lib/x",
    podman: "--volume app_var-lib-x:/var/lib/x:noexec,nosuid,nodev",
    compose: "volumes: app_var-lib-x:/var/lib/x\ntop: {app_var-lib-x: {}}",
    pod: "mount: {name: var-lib-x, mountPath: /var/lib/x}\nvolume: {name: var-lib-x, persistentVolumeClaim: {claimName: app-var-lib-x}}\nclaim: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
    quadlet: "Volume=app_var-lib-x.volume:/var/lib/x:noexec,nosuid,nodev\nVolumeName=app_var-lib-x",
  },
  {
    name: "volume, code in it is run",
    entry: volume("/d", { exec: true }),
    docker: "--volume app_d:/d",
    podman: "--volume app_d:/d",
    compose: "volumes: app_d:/d\ntop: {app_d: {}}",
    pod: "mount: {name: d, mountPath: /d}\nvolume: {name: d, persistentVolumeClaim: {claimName: app-d}}\nclaim: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
    quadlet: "Volume=app_d.volume:/d\nVolumeName=app_d",
  },
  {
    name: "volume, seeded",
    entry: volume("/etc/x", { seeded: true }),
    docker: "--volume app_etc-x:/etc/x",
    podman: "--volume app_etc-x:/etc/x:noexec,nosuid,nodev",
    compose: "volumes: app_etc-x:/etc/x\ntop: {app_etc-x: {}}",
    pod: "mount: {name: etc-x, mountPath: /etc/x}\nvolume: {name: etc-x, persistentVolumeClaim: {claimName: app-etc-x}}\ninit: if empty /petrify/etc-x; then cp -a /etc/x/. /petrify/etc-x; fi\nclaim: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
    quadlet: "Volume=app_etc-x.volume:/etc/x:noexec,nosuid,nodev\nVolumeName=app_etc-x",
  },
  {
    name: "volume, given",
    entry: volume("/d", { source: "mine", reason: "given" }),
    docker: "--volume mine:/d",
    podman: "--volume mine:/d:noexec,nosuid,nodev",
    compose: "volumes: mine:/d\ntop: {mine: {name: mine}}",
    pod: "mount: {name: d, mountPath: /d}\nvolume: {name: d, persistentVolumeClaim: {claimName: mine}}\nclaim: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
    quadlet: "Volume=mine.volume:/d:noexec,nosuid,nodev\nVolumeName=mine",
  },
  {
    name: "volume with a size",
    entry: volume("/d", { options: { size: "20GB" } }),
    docker: "--mount type=volume,source=app_d,target=/d,volume-opt=size=20GB",
    podman: "--volume app_d:/d:noexec,nosuid,nodev",
    compose: "volumes: app_d:/d\ntop: {app_d: {driver_opts: {size: 20GB}}}",
    pod: "mount: {name: d, mountPath: /d}\nvolume: {name: d, persistentVolumeClaim: {claimName: app-d}}\nclaim: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 20Gi}}}",
    quadlet: "Volume=app_d.volume:/d:noexec,nosuid,nodev\nVolumeName=app_d\nPodmanArgs=--opt o=size=20GB",
  },
  {
    name: "volume with driver",
    entry: volume("/d", { driver: "nfs", options: { o: "addr=a,rw" } }),
    docker: `--mount 'type=volume,source=app_d,target=/d,volume-driver=nfs,"volume-opt=o=addr=a,rw"'`,
    podman: "--volume app_d:/d:noexec,nosuid,nodev",
    compose: "volumes: app_d:/d\ntop: {app_d: {driver: nfs, driver_opts: {o: addr=a,rw}}}",
    pod: "mount: {name: d, mountPath: /d}\nvolume: {name: d, persistentVolumeClaim: {claimName: app-d}}\nclaim: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
    quadlet: "Volume=app_d.volume:/d:noexec,nosuid,nodev\nVolumeName=app_d\nDriver=nfs\nPodmanArgs=--opt o=addr=a,rw",
    systemd: '--mount "type=volume,source=app_d,target=/d,volume-driver=nfs,\\"volume-opt=o=addr=a,rw\\""',
  },
  {
    name: "volume by NFS",
    entry: volume("/d", { options: { type: "nfs", o: "addr=10.0.0.1,rw", device: ":/export" } }),
    docker: `--mount 'type=volume,source=app_d,target=/d,volume-opt=type=nfs,"volume-opt=o=addr=10.0.0.1,rw",volume-opt=device=:/export'`,
    podman: "--volume app_d:/d:noexec,nosuid,nodev",
    compose: "volumes: app_d:/d\ntop: {app_d: {driver_opts: {type: nfs, o: addr=10.0.0.1,rw, device: :/export}}}",
    pod: "mount: {name: d, mountPath: /d}\nvolume: {name: d, nfs: {server: 10.0.0.1, path: /export}}",
    quadlet:
      "Volume=app_d.volume:/d:noexec,nosuid,nodev\nVolumeName=app_d\nType=nfs\nOptions=addr=10.0.0.1,rw\nDevice=:/export",
    systemd:
      '--mount "type=volume,source=app_d,target=/d,volume-opt=type=nfs,\\"volume-opt=o=addr=10.0.0.1,rw\\",volume-opt=device=:/export"',
  },
  {
    name: "volume with a colon",
    entry: volume("/a:b"),
    docker: "--mount type=volume,source=app_a.3ab,target=/a:b",
    podman: "--mount type=volume,source=app_a.3ab,target=/a:b,noexec,nosuid,nodev",
    compose: "volumes: {type: volume, source: app_a.3ab, target: /a:b}\ntop: {app_a.3ab: {}}",
    pod: COLON,
    quadlet: "PodmanArgs=--mount type=volume,source=app_a.3ab,target=/a:b,noexec,nosuid,nodev",
  },
  {
    name: "bind",
    entry: bind("/d"),
    docker: "--volume /srv/app:/d",
    podman: "--volume /srv/app:/d",
    compose: "volumes: /srv/app:/d",
    pod: "mount: {name: d, mountPath: /d}\nvolume: {name: d, hostPath: {path: /srv/app}}",
    quadlet: "Volume=/srv/app:/d",
  },
  {
    name: "bind, read-only",
    entry: bind("/d", { readOnly: true }),
    docker: "--volume /srv/app:/d:ro",
    podman: "--volume /srv/app:/d:ro",
    compose: "volumes: /srv/app:/d:ro",
    pod: "mount: {name: d, mountPath: /d, readOnly: true}\nvolume: {name: d, hostPath: {path: /srv/app}}",
    quadlet: "Volume=/srv/app:/d:ro",
  },
  {
    name: "bind with a colon",
    entry: bind("/d", { source: "/a:b", readOnly: true }),
    docker: "--mount type=bind,source=/a:b,target=/d,readonly",
    podman: "--mount type=bind,source=/a:b,target=/d,readonly",
    compose: "volumes: {type: bind, source: /a:b, target: /d, read_only: true}",
    pod: "mount: {name: d, mountPath: /d, readOnly: true}\nvolume: {name: d, hostPath: {path: /a:b}}",
    quadlet: "PodmanArgs=--mount type=bind,source=/a:b,target=/d,readonly",
  },
  {
    name: "bind with blanks and signs",
    entry: bind("/d", { source: "/srv/a %b$c" }),
    docker: "--volume '/srv/a %b$c:/d'",
    podman: "--volume '/srv/a %b$c:/d'",
    compose: "volumes: /srv/a %b$$c:/d",
    pod: "mount: {name: d, mountPath: /d}\nvolume: {name: d, hostPath: {path: /srv/a %b$c}}",
    quadlet: "Volume=/srv/a %%b$$c:/d",
    systemd: `--volume "/srv/a %%b$$c:/d"`,
  },
  { name: "deny", entry: deny("/etc/x"), docker: "", podman: "", compose: "", pod: "", quadlet: "" },
  { name: "image", entry: image("/state"), docker: "", podman: "", compose: "", pod: "", quadlet: "" },
];

describe.each(ROWS)("$name", ({ entry, ...outcomes }) => {
  const subject = strategy([entry]);
  test.each([
    ["docker", () => flagLines(exportDocker(subject).text), outcomes.docker],
    ["podman", () => flagLines(exportPodman(subject).text), outcomes.podman],
    ["compose", () => composeMountText(subject), outcomes.compose],
    ["kubernetes", () => podText(podOf(exportKubernetes(subject))), outcomes.pod],
    ["kustomize", () => podText(podOf(patchOf(exportKustomize(subject)))), outcomes.pod],
    ["helm-values", () => podText(podOfValues(exportHelmValues(subject).text)), outcomes.pod],
    ["quadlet", () => unitLines(exportQuadlet(subject).text), outcomes.quadlet],
    ["systemd", () => flagLines(exportSystemd(subject).text), outcomes.systemd ?? outcomes.docker],
  ] as const)("%s", (_target, write, outcome) => {
    expect(attempt(write)).toEqual(outcome);
  });
});

test("single read-only paths in a writable root are refused: no target has words for them", () => {
  for (const target of TARGETS)
    expect(() => exportTo(target, strategy([], { readOnlyPaths: ["/etc"] }))).toThrow(
      expect.objectContaining({ code: "E_EXPORT_UNSUPPORTED", message: expect.stringContaining("/etc") as string }),
    );
});

describe("a setting is written, and the run's own value wins", () => {
  const settings = [env("HOME", "/tmp/$x"), env("OWN", "1")];
  const subject = strategy([], { settings, workload: workloadOf({ env: ["OWN=2"] }) });
  const existing = { compose: "services:\n  web:\n    image: app:1\n", kubernetes: POD };
  test.each([
    ["docker", {}, "--env OWN=2 \\\n  --env 'HOME=/tmp/$x'", "OWN=1"],
    ["podman", {}, "--env OWN=2 \\\n  --env 'HOME=/tmp/$x'", "OWN=1"],
    ["compose", {}, '- "HOME=/tmp/$$x"', "OWN=1"],
    ["kubernetes", {}, 'name: HOME\n              value: "/tmp/$x"', 'value: "1"'],
    ["quadlet", {}, 'Environment="HOME=/tmp/$$x"', "OWN=1"],
    ["systemd", {}, '--env "HOME=/tmp/$$x"', "OWN=1"],
  ] as const)("%s", (target, options, expected, overruled) => {
    const { text } = exportTo(target, subject, options);
    expect(text).toContain(expected);
    expect(
      text
        .split("\n")
        .filter((line) => !line.startsWith("#"))
        .join("\n"),
    ).not.toContain(overruled);
  });

  test.each([
    ["kustomize", {}, "env:"],
    ["helm-values", {}, "extraEnvVars:"],
    ["compose", { existing: existing.compose }, "environment:"],
    ["kubernetes", { existing: existing.kubernetes }, "env:"],
  ] as const)("%s beside what is there %j", (target, options, key) => {
    const { text } = exportTo(target, strategy([], { settings: [env("HOME", "/tmp")] }), options);
    expect(text).toMatch(new RegExp(`${key}\\n +- (?:"?HOME=/tmp"?|name: HOME\\n +value: "?/tmp"?)\\n`));
  });

  test("what a file sets already stays, and is told when it differs", () => {
    const set = strategy([], { settings: [env("A", "1"), env("B", "1"), env("C", "1")] });
    const compose = exportTo("compose", set, {
      existing: `${existing.compose}    environment:\n      A: 1\n      B: other\n`,
    });
    expect(compose.text).toContain('      A: 1\n      B: other\n      C: "1"\n');
    expect(compose.notes.filter((note) => note.includes("has its own"))).toEqual([
      "The service 'web' has its own B, which stays; the strategy was verified with '1'.",
    ]);
    const pod = exportTo("kubernetes", set, {
      existing: `${POD}    env:\n    - {name: A, value: "1"}\n    - {name: B, valueFrom: {fieldRef: {fieldPath: metadata.name}}}\n`,
    });
    expect(pod.text).toContain("    - name: C\n");
    expect(pod.notes.filter((note) => note.includes("has its own"))).toEqual([
      expect.stringContaining("has its own B, which stays") as string,
    ]);
  });

  test("helm-values of a convention without a list of variables", () => {
    expect(exportTo("helm-values", subject, { chart: "helm-create" }).notes).toContain(
      "The list of variables has no value in this convention: see --to kubernetes, and add it to the chart.",
    );
  });
});

test("a denied path is not written, and said with what is known of it", () => {
  const proofs = [
    [{}, "everything tested worked without it when it was verified"],
    [{ test: { kind: "none" } }, "it ran, untested, without it when it was verified"],
    [{ verifiedOn: [] }, "whether all works without it is not verified"],
  ] as const;
  for (const target of TARGETS)
    for (const [settings, proof] of proofs)
      expect(exportTo(target, strategy([deny("/etc/x")], settings)).notes).toContain(
        `Denied on purpose, by the read-only root itself: /etc/x; ${proof}.`,
      );
});

test("what must change in the image is said with the lines that would do", () => {
  for (const target of TARGETS)
    expect(exportTo(target, strategy([image("/state", { fix: ["# Once:", "RUN touch /state"] })])).notes).toContain(
      "Must change in the image, and is refused until then: /state. # Once: RUN touch /state",
    );
});

test("what Docker and Compose cannot do for volumes without a name is said", () => {
  const subject = strategy([seeded("/etc/x"), scratch("/var/cache/x", { exec: true, sizeBytes: 2 ** 30 })]);
  const both = [
    "Docker does not hold a volume to a size: nothing bounds /etc/x (1MiB), /var/cache/x (1GiB).",
    "Docker lets code in a volume be run: also in /etc/x.",
  ];
  expect(exportDocker(subject).notes).toEqual([
    ...both,
    "Start it with --rm, or remove it with docker rm -v: the volumes at /etc/x, /var/cache/x would stay.",
  ]);
  expect(exportCompose(subject).notes).toEqual([
    ...both,
    expect.stringMatching(/^Compose hands on \/etc\/x, \/var\/cache\/x from a container .*-V/) as string,
  ]);
});

function labelled(source: string, label: string): Strategy {
  const mounts = [{ type: "bind", source, target: "/d", readOnly: false, options: label }] as const;
  return strategy([bind("/d", { source })], { workload: workloadOf({ mounts }) });
}

describe("how SELinux shall label a bind", () => {
  test.each([
    ["docker", "--volume /srv/a:/d:Z"],
    ["podman", "--volume /srv/a:/d:Z"],
    ["compose", "/srv/a:/d:Z"],
    ["quadlet", "Volume=/srv/a:/d:Z"],
    ["systemd", "--volume /srv/a:/d:Z"],
  ] as const)("%s", (target, words) => {
    expect(exportTo(target, labelled("/srv/a", "Z")).text).toContain(words);
  });

  test.each([
    ["podman", "--mount type=bind,source=/a:b,target=/d,bind-propagation=rslave,relabel=private"],
    ["quadlet", "--mount type=bind,source=/a:b,target=/d,bind-propagation=rslave,relabel=private"],
    ["compose", "bind:\n          propagation: rslave\n          selinux: Z\n"],
  ] as const)("beside a colon: %s", (target, words) => {
    expect(exportTo(target, labelled("/a:b", "rslave,Z")).text).toContain(words);
  });

  test.each(["docker", "systemd"] as const)("beside a colon it cannot be said: %s", (target) => {
    expect(() => exportTo(target, labelled("/a:b", "z"))).toThrow(/SELinux option 'z'.*\/d/);
  });
});

const WHOLE = TARGETS.filter((target) => target !== "kustomize");
test.each(WHOLE)("%s names a seccomp profile's file, and refuses one that the strategy holds itself", (target) => {
  const withProfile = (value: string): string =>
    exportTo(target, strategy([], { workload: workloadOf({ securityOpt: [`seccomp=${value}`] }) })).text;
  expect(withProfile("/etc/p.json")).toContain("p.json");
  expect(() => withProfile('{"defaultAction":"SCMP_ACT_ALLOW"}')).toThrow(
    expect.objectContaining({ code: "E_EXPORT_UNSUPPORTED", hint: expect.stringContaining("workload.securityOpt") }),
  );
});
