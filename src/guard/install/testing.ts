import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { hostFacts, type HostFacts } from "./host-facts.ts";

const FILES: Readonly<Record<string, string>> = {
  "/etc/docker/daemon.json": '{\n    "log-driver": "local",\n    "runtimes": {"kata": {"path": "/opt/kata"}}\n}\n',
  "/lib/systemd/system/docker.service": "[Service]\nExecStart=/usr/sbin/dockerd -H fd:// $DOCKER_OPTS\n",
  "/lib/systemd/system/docker.socket":
    "[Socket]\nListenStream=/run/docker.sock\nSocketMode=0660\nSocketUser=root\nSocketGroup=containers\n",
  "/usr/sbin/runc": "runc",
  "/usr/bin/crun": "crun",
  "/etc/petrify/policy.yaml":
    "apiVersion: petrify.dev/v1\nkind: ReadOnlyPolicy\nmetadata:\n  name: house\nmode: enforce\n",
};

/** A folder that looks like the root of a host. `without`: paths that it lacks. */
export function fakeHost({
  systemd = true,
  without = [],
}: { readonly systemd?: boolean; readonly without?: readonly string[] } = {}): string {
  const root = mkdtempSync(join(tmpdir(), "petrify-host-"));
  for (const [path, text] of Object.entries(FILES)) {
    if (without.includes(path)) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  if (systemd) mkdirSync(join(root, "/run/systemd/system"), { recursive: true });
  mkdirSync(join(root, "/var/lib"), { recursive: true });
  if (!without.includes("/etc/docker/daemon.json")) chmodSync(join(root, "/etc/docker/daemon.json"), 0o640);
  return root;
}

export function factsOf(root: string): HostFacts {
  return hostFacts(root, {
    node: "/opt/petrify/node",
    main: "/opt/petrify/main.mjs",
    wrapper: "/opt/petrify/wrapper.mjs",
  });
}

/** Everything below a folder: kind, mode, owner and content by path. */
export function snapshot(root: string, below = ""): Readonly<Record<string, string>> {
  const entries = readdirSync(join(root, below)).flatMap((name) => {
    const path = `${below}/${name}`;
    const place = join(root, path);
    const found = lstatSync(place);
    const head = `${(found.mode & 0o177777).toString(8)} ${found.uid}:${found.gid}`;
    if (found.isSymbolicLink()) return [[path, `${head} -> ${readlinkSync(place)}`]];
    if (found.isFile()) return [[path, `${head} ${readFileSync(place, "base64")}`]];
    return [[path, head], ...Object.entries(snapshot(root, path))];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}
