import type { DockerdView } from "./host-view.ts";

/**
 * What a dockerd was started with: its command line, and the file that it names, else /etc/docker/daemon.json. `readConfig` gives
 * undefined where it cannot be read. Flags: dockerd(8).
 */
export function dockerdView(
  pid: number,
  args: readonly string[],
  readConfig: (path: string) => string | undefined,
): DockerdView {
  const valuesOf = (...names: readonly string[]): readonly string[] =>
    args.flatMap((word, index) => {
      const name = names.find((flag) => word === flag || word.startsWith(`${flag}=`));
      if (name === undefined)
        return word.startsWith("-H") && names.includes("-H") && word.length > 2 ? [word.slice(2)] : [];
      const value = word === name ? args[index + 1] : word.slice(name.length + 1);
      return value === undefined ? [] : [value];
    });
  const config = objectOf(readConfig(valuesOf("--config-file").at(-1) ?? "/etc/docker/daemon.json"));
  const hosts = [...valuesOf("-H", "--host"), ...strings(config["hosts"])];
  const registered = Object.keys(asObject(config["runtimes"]));
  const flagged = valuesOf("--add-runtime").map((value) => value.split("=", 1)[0] ?? "");
  const configured = config["default-runtime"];
  const defaultRuntime = valuesOf("--default-runtime").at(-1) ?? (typeof configured === "string" ? configured : "runc");
  return {
    pid,
    hosts: hosts.length === 0 ? ["unix:///var/run/docker.sock"] : hosts,
    authorizationPlugins: [...valuesOf("--authorization-plugin"), ...strings(config["authorization-plugins"])],
    defaultRuntime,
    otherRuntimes: [...new Set(["runc", ...registered, ...flagged])].filter((name) => name !== defaultRuntime),
  };
}

/** The program that a runtime's name stands for in a configuration. */
export function runtimePath(configText: string | undefined, name: string): string | undefined {
  const path = asObject(asObject(objectOf(configText)["runtimes"])[name])["path"];
  return typeof path === "string" ? path : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function objectOf(text: string | undefined): Fields {
  try {
    return asObject(JSON.parse(text ?? "{}"));
  } catch {
    return {};
  }
}
function asObject(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}
