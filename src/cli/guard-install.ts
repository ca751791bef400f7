import { execFileSync } from "node:child_process";
import { isAbsolute, join, resolve } from "node:path";
import type { Command } from "commander";
import { assetPath } from "../assets.ts";
import type { Plan } from "../guard/install/plan.ts";
import { PetrifyError } from "../model/errors.ts";
import { quoteForTerminal } from "../model/quote.ts";

interface InstallFlags {
  readonly docker?: true;
  readonly authz?: true;
  readonly podman?: true;
  readonly strict?: true;
  readonly policy: string;
  readonly dryRun?: true;
  readonly restart?: true;
  readonly root: string;
}

interface UninstallFlags {
  readonly force?: true;
  readonly restart?: true;
  readonly root: string;
}

/** `petrify guard install` and `petrify guard uninstall`. */
export function guardInstallCommands(guard: Command): void {
  guard
    .command("install")
    .summary("put the guard in front of the engines of this host")
    .description(
      "Puts the guard in front of Docker (--docker), beside dockerd (--authz) or into Podman's settings (--podman). What it changes is " +
        "written down first, and `petrify guard uninstall` puts it back byte for byte, also after a crash. It restarts nothing by itself.",
    )
    .option("--docker", "listen at Docker's socket; the engine's own moves to where only root is")
    .option("--authz", "authorization plugin of dockerd: also for who reaches its own socket")
    .option("--podman", "Podman without a daemon: its setting where the version has it, else the runtime wrapper")
    .option("--strict", "also the runtime wrapper, below every API")
    .option("--policy <file>", "ReadOnlyPolicy", "/etc/petrify/policy.yaml")
    .option("--dry-run", "say what would be changed")
    .option("--restart", "run the commands that put it in force; they restart the engine")
    .option("--root <directory>", "root directory of the host whose files are changed", "/")
    .action((flags: InstallFlags) => install(flags));
  guard
    .command("uninstall")
    .summary("put back what install changed")
    .description(
      "Puts back what `petrify guard install` changed, byte for byte. What somebody changed since stays, unless --force.",
    )
    .option("--force", "also put back what was changed since")
    .option("--restart", "restart the engine")
    .option("--root <directory>", "root directory of the host whose files are changed", "/")
    .action((flags: UninstallFlags) => uninstall(flags));
}

async function install(flags: InstallFlags): Promise<void> {
  const root = resolve(flags.root);
  const policy = isAbsolute(flags.policy) ? flags.policy : resolve(flags.policy);
  const { hostFacts, readIfThere } = await import("../guard/install/host-facts.ts");
  const { installPlan } = await import("../guard/install/install-plan.ts");
  const { apply } = await import("../guard/install/apply.ts");
  const { parsePolicy } = await import("../policy/file.ts");
  const text = readIfThere(join(root, policy));
  if (text === undefined)
    throw new PetrifyError("E_IO", `There is no ${policy}.`, {
      hint: "Write the policy first; --policy names another place.",
    });
  parsePolicy(text, policy);
  await requireTrusted(policy, root);
  const own = {
    node: process.execPath,
    main: resolve(process.argv[1] ?? ""),
    wrapper: assetPath("runtime-wrapper.cjs"),
  };
  const plan = installPlan(hostFacts(root, own), {
    docker: flags.docker ?? false,
    authz: flags.authz ?? false,
    podman: flags.podman ?? false,
    strict: flags.strict ?? false,
    policy,
  });
  if (flags.dryRun === true) {
    say(
      plan.files.map(({ path }) => `would write ${path}`),
      plan.links.map(({ path }) => `would link ${path}`),
    );
    tellRest(plan, false);
    return;
  }
  requireRights(root, flags.restart);
  const { written, unchanged } = apply(plan, root);
  say(
    written.map((path) => `wrote ${path}`),
    unchanged.map((path) => `is so already: ${path}`),
  );
  await warnOfMounts(root);
  tellRest(plan, flags.restart === true);
}

async function uninstall({ root: given, force, restart }: UninstallFlags): Promise<void> {
  const root = resolve(given);
  requireRights(root, restart);
  const { undo } = await import("../guard/install/undo.ts");
  const { commandsOfRemoval } = await import("../guard/install/install-plan.ts");
  const { restored, kept, ways } = undo(root, { force: force ?? false });
  if (kept.length > 0) process.exitCode = 2;
  say(
    restored.map((path) => `put back ${path}`),
    kept.map(({ path, backup }) => `changed since, kept: ${path}${backup === undefined ? "" : ` (before: ${backup})`}`),
    restored.length + kept.length === 0 ? ["nothing is installed"] : [],
  );
  const { hostFacts } = await import("../guard/install/host-facts.ts");
  const { systemd, dockerRoot } = hostFacts(root, { node: "", main: "", wrapper: "" });
  const engine = ways.some((way) => way !== "podman" && way !== "podman-runtime");
  const commands = systemd ? commandsOfRemoval(ways) : [];
  const { wrappedContainers } = await import("../guard/install/wrapped-containers.ts");
  const wrapped = ways.includes("docker-runtime") ? wrappedContainers(join(root, dockerRoot)) : [];
  const notes = [
    ...(wrapped.length > 0 ? [`${WRAPPED}: ${wrapped.join(", ")}.`] : []),
    ...(engine && !systemd && restored.length > 0 ? [BACK_BY_HAND] : []),
  ];
  tellRest({ ways: [], files: [], links: [], notes, commands }, restart === true);
}

const WRAPPED =
  "These containers were made with the runtime wrapper, which is gone: make them anew, as they start no more, and those that run take no exec and are only ended by force";
const BACK_BY_HAND =
  "Stop what you started of petrify guard, give dockerd back what you took from its command line, and restart it. Until then it listens where the guard expects it.";

/** Containers keep the inode that they were given: the engine's own socket. */
async function warnOfMounts(root: string): Promise<void> {
  if (root !== "/") return;
  const { observeHost } = await import("../guard/status/observe.ts");
  const names = observeHost(undefined).socketContainers.map(({ name, source }) => `${name} (${source})`);
  if (names.length > 0)
    say([
      `These containers have an engine's socket mounted: ${names.join(", ")}. Make them anew. Until the engine restarts they reach the engine itself, ` +
        "then nobody; those that have the whole directory reach the engine's own socket even then.",
    ]);
}

/** Who can change the policy, or what runs as root, could let himself out. */
async function requireTrusted(policy: string, root: string): Promise<void> {
  const { changeableByOthers } = await import("../guard/install/trusted.ts");
  const programs =
    root === "/" ? [process.execPath, resolve(process.argv[1] ?? ""), assetPath("runtime-wrapper.cjs")] : [];
  for (const path of [policy, ...programs]) {
    const part = changeableByOthers(path, root);
    if (part === undefined) continue;
    throw new PetrifyError("E_GUARD_INSTALL", `${part} can be changed by others than root, and ${path} lies there.`, {
      hint: "Give it to root and take writing from group and others (chown root, chmod go-w), or use another place.",
    });
  }
}

function tellRest({ notes, commands }: Plan, run: boolean): void {
  say(notes);
  for (const [index, words] of commands.entries()) {
    if (run) carryOut(words, commands.slice(index));
    else say([`now run: ${words.join(" ")}`]);
  }
}

function carryOut(words: readonly string[], left: Plan["commands"]): void {
  const [program = "", ...args] = words;
  try {
    execFileSync(program, args, { stdio: "inherit" });
  } catch (cause) {
    throw new PetrifyError("E_GUARD_INSTALL", `The files are changed, but \`${words.join(" ")}\` failed.`, {
      cause,
      hint: `See why, then run: ${left.map((command) => command.join(" ")).join("; ")}.`,
    });
  }
}

function requireRights(root: string, restart: true | undefined): void {
  if (root !== "/" && restart === true)
    throw new PetrifyError("E_USAGE", "--restart is for this host, and --root names another.", {
      hint: "Leave one of them away.",
    });
  if (root === "/" && process.geteuid?.() !== 0)
    throw new PetrifyError("E_NOT_ROOT", "The engines' settings are root's.", {
      hint: "Run it with sudo; --dry-run needs no root.",
    });
}

function say(...lines: readonly (readonly string[])[]): void {
  for (const line of lines.flat()) process.stdout.write(`${quoteForTerminal(line)}\n`);
}
