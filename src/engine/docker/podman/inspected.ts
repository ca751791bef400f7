import { readFile } from "node:fs/promises";
import type { SettingName, Settings } from "../../../audit/container.ts";
import { securityOption } from "../../../audit/security-options.ts";
import type { ImageFacts } from "../../../model/image.ts";
import { maskSettings } from "../inspected/unmasked.ts";
import { type InspectedAnswer, type LibpodFound, type RuntimeConfig, runtimeConfig } from "../schemas.ts";
import { asDockerTells, commandLine } from "./found.ts";

/** Cgroups into which Podman puts containers and pods by itself (libpod/runtime_ctr.go, setupContainer). */
const OWN_CGROUP = /^(?:\/libpod_parent|machine\.slice|user\.slice)(?:\/|$)|^\/?machine-libpod_pod/;

export interface PodmansOwn {
  readonly answer: InspectedAnswer;
  /** What the inspection does not tell. */
  readonly settings: Settings;
  readonly unknown: readonly SettingName[];
  /** Its root is another user on the host (`--userns auto`). */
  readonly hasOwnUsers: boolean;
}

/**
 * In Docker's words, with the mounts and limits that Podman adds by itself: they are there. Masks, system call filter and the
 * memory segments' namespace are told by nobody: they are taken from what the runtime was given, where that can be read, else
 * from the command line that made it; an API's they are not known of.
 */
export async function withPodmansOwn(
  told: InspectedAnswer,
  own: LibpodFound,
  { image, isLocal }: { readonly image: ImageFacts | undefined; readonly isLocal: boolean },
): Promise<PodmansOwn> {
  const docker = asDockerTells(told, own, image);
  const { PidsLimit, Tmpfs, CgroupParent, Privileged } = told.HostConfig;
  const answer = {
    ...docker,
    HostConfig: {
      ...docker.HostConfig,
      PidsLimit: PidsLimit === 0 ? -1 : PidsLimit,
      Tmpfs,
      CgroupParent: OWN_CGROUP.test(CgroupParent) ? "" : CgroupParent,
    },
  };
  const config = isLocal ? await readRuntimeConfig(own.OCIConfigPath) : undefined;
  if (config !== undefined) {
    const hasOwnUsers = config.linux.namespaces.includes("user");
    return { answer, settings: settingsOf(config, Privileged), unknown: [], hasOwnUsers };
  }
  const command = commandLine(own.Config);
  return command === undefined
    ? { answer, settings: {}, unknown: Privileged ? [] : ["unmaskedPaths", "seccomp"], hasOwnUsers: false }
    : { answer, settings: securityOf(command), unknown: [], hasOwnUsers: false };
}

/** Undefined when it is not there yet, or not readable for this user. */
async function readRuntimeConfig(path: string): Promise<RuntimeConfig | undefined> {
  const text = path.startsWith("/") ? await readFile(path, "utf8").catch(() => undefined) : undefined;
  if (text === undefined) return undefined;
  try {
    return runtimeConfig.safeParse(JSON.parse(text)).data;
  } catch {
    // Half written.
    return undefined;
  }
}

function settingsOf({ linux, process }: RuntimeConfig, isPrivileged: boolean): Settings {
  return {
    ...(linux.namespaces.includes("ipc") ? {} : { ipc: { value: "host" } }),
    ...(process?.noNewPrivileges === true ? { noNewPrivileges: { value: true } } : {}),
    // Being privileged says all of it.
    ...(isPrivileged ? {} : maskSettings({ masked: linux.maskedPaths, readOnly: linux.readonlyPaths })),
    ...(isPrivileged || linux.seccomp ? {} : { seccomp: { value: "unconfined" } }),
  };
}

/** What `--security-opt` of its command line set. */
function securityOf(command: readonly string[]): Settings {
  const options = command.flatMap((word, index) => {
    if (word.startsWith("--security-opt=")) return [word.slice("--security-opt=".length)];
    return command[index - 1] === "--security-opt" ? [word] : [];
  });
  return options
    .map((option) =>
      /^unmask[=:]/.test(option) ? { unmaskedPaths: { value: true } } : securityOption(option).settings,
    )
    .reduce<Settings>((all, one) => ({ ...all, ...one }), {});
}
