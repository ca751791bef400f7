import { dirname } from "node:path/posix";
import { PetrifyError } from "../../model/errors.ts";
import { launcherScript } from "../runtime-wrapper/launcher.ts";
import type { WrapperSettings } from "../runtime-wrapper/settings.ts";
import type { HostFacts } from "./host-facts.ts";
import type { Plan, PlannedFile } from "./plan.ts";
import { DAEMON_JSON, edit, ENGINE_SOCKET, parsed } from "./plan-docker.ts";

/** Where engines start the wrapper: not below /var or /run, which can be mounted without exec. */
const LAUNCHERS = "/usr/local/libexec/petrify";
const SETTINGS = "/etc/petrify";
export const RUNTIME_CACHE = "/var/cache/petrify-guard";
/** Where the wrapper says what it changed and refused. It is the host's record, and stays. */
export const RUNTIME_LOG = "/var/log/petrify/runtime.log";
export const PODMAN_CONF = "/etc/containers/containers.conf.d/50-petrify.conf";
export const RUNTIME_NAME = "petrify";

/** The wrapper as dockerd's default runtime, in front of the one that is it now. Throws E_GUARD_INSTALL. */
export function planDockerRuntime(host: HostFacts, policy: string): Plan {
  const config = parsed(host.daemonJson);
  const current = config["default-runtime"];
  // Where it is installed already, the launcher has the name of what it stands in front of.
  const installed = current === RUNTIME_NAME ? registered(config, RUNTIME_NAME)?.split("/").at(-1) : undefined;
  const name = installed ?? (typeof current === "string" && current !== RUNTIME_NAME ? current : "runc");
  const runtime = registered(config, name) ?? host.runtimes.find((found) => found.name === name)?.path;
  if (runtime === undefined) throw noRuntime(name);
  const { files, launcher } = wrapper(host, `docker/${name}`, runtime, {
    policyFile: policy,
    engine: "docker",
    dockerRoot: host.dockerRoot,
    enginePaths: [host.dockerRoot, dirname(ENGINE_SOCKET)],
  });
  const withRuntime = edit(host.daemonJson, ["runtimes", RUNTIME_NAME], { path: launcher });
  const content = edit(withRuntime, ["default-runtime"], RUNTIME_NAME);
  return {
    ways: ["docker-runtime"],
    files: [...files, { path: DAEMON_JSON, content, mode: 0o644 }],
    links: [],
    commands: host.systemd ? [["systemctl", "restart", "docker.service"]] : [],
    notes: [
      "Containers that exist keep the runtime they were made with: make them anew. `--runtime runc` gets past the wrapper; the guard at the socket refuses it.",
      ...(host.systemd ? [] : ["Restart dockerd."]),
    ],
  };
}

/** The wrapper in the place of each runtime that Podman knows by name. Throws E_GUARD_INSTALL. */
export function planPodmanRuntime(host: HostFacts, policy: string): Plan {
  if (host.runtimes.length === 0) throw noRuntime("crun");
  const made = host.runtimes.map(({ name, path }) => ({
    name,
    ...wrapper(host, `podman/${name}`, path, {
      policyFile: policy,
      engine: "podman",
      enginePaths: [dirname(ENGINE_SOCKET)],
    }),
  }));
  const lines = made.map(({ name, launcher }) => `${name} = [${JSON.stringify(launcher)}]\n`);
  return {
    ways: ["podman-runtime"],
    files: [
      ...made.flatMap(({ files }) => files),
      { path: PODMAN_CONF, content: `${CONF_HEAD}[engine.runtimes]\n${lines.join("")}`, mode: 0o644 },
    ],
    links: [],
    commands: [],
    notes: [
      "It holds for every container that starts from now on. A user's own containers.conf and `podman --runtime /PATH` get past it: users of a rootless Podman guard themselves.",
    ],
  };
}

/** The setting that Podman itself has since 4.4.0: `read_only` in containers.conf. */
export function planPodmanSetting(): Plan {
  return {
    ways: ["podman"],
    files: [{ path: PODMAN_CONF, content: `${CONF_HEAD}[containers]\nread_only = true\n`, mode: 0o644 }],
    links: [],
    commands: [],
    notes: [
      "It is the default of `podman run`, `podman create` and `podman kube play` alone: `--read-only=false` and Podman's API get past it, and it knows no exemptions. --strict installs the runtime wrapper instead.",
    ],
  };
}

/** Whether Podman knows `read_only` (containers/podman, cmd/podman/common/create.go of v4.4.0). */
export function honoursReadOnly(version: string | undefined): boolean {
  const [major = 0, minor = 0] = (version ?? "0.0").split(".").map(Number);
  return major > 4 || (major === 4 && minor >= 4);
}

const CONF_HEAD = "# Made by `petrify guard install`; removed by `petrify guard uninstall`.\n";

function wrapper(
  { node, wrapper: entry, sinceMs }: HostFacts,
  name: string,
  runtime: string,
  settings: Omit<WrapperSettings, "sinceMs" | "cacheDir" | "logFile">,
): { readonly files: readonly PlannedFile[]; readonly launcher: string } {
  const launcher = `${LAUNCHERS}/${name}`;
  const settingsFile = `${SETTINGS}/runtime-${name.replace("/", "-")}.json`;
  const all: WrapperSettings = { ...settings, sinceMs, cacheDir: RUNTIME_CACHE, logFile: RUNTIME_LOG };
  const paths = { runtime, node, entry, settings: settingsFile };
  return {
    files: [
      { path: settingsFile, content: `${JSON.stringify(all, undefined, 2)}\n`, mode: 0o644 },
      { path: launcher, content: launcherScript(paths), mode: 0o755 },
    ],
    launcher,
  };
}

function registered(config: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const runtimes = config["runtimes"];
  if (typeof runtimes !== "object" || runtimes === null) return undefined;
  const path = (runtimes as Record<string, { readonly path?: unknown } | undefined>)[name]?.path;
  return typeof path === "string" && path.startsWith("/") ? path : undefined;
}

function noRuntime(name: string): PetrifyError {
  return new PetrifyError(
    "E_GUARD_INSTALL",
    `There is no ${name} in the usual places, so nothing can stand in front of it.`,
    {
      hint: "Install it, or register its absolute path in /etc/docker/daemon.json (runtimes).",
    },
  );
}
