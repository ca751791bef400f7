import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { type ErrorCode, PetrifyError } from "../model/errors.ts";
import { quoteForTerminal } from "../model/quote.ts";
import type { ExportOptions, Target } from "../export/targets.ts";
import type { ExportResult } from "../export/result.ts";

interface ExportFlags {
  readonly to: Target;
  readonly into?: string;
  readonly service?: string;
  readonly workload?: string;
  readonly container?: string;
  readonly pod?: true;
  readonly kubeVersion?: string;
  readonly exactModes?: true;
  readonly seedImage?: string;
  readonly volumeSize?: string;
  readonly chart?: "bitnami" | "helm-create";
  readonly podmanVersion?: string;
  readonly dataDir?: string;
  readonly with?: "docker" | "podman";
  readonly logDriver?: string;
  readonly logOpt?: readonly string[];
  readonly out?: string;
  readonly json?: true;
}

/** Kept beside the parser so that `--help` loads no exporter; a test holds them to those of src/export. */
const TARGETS: readonly Target[] = [
  "docker",
  "podman",
  "compose",
  "kubernetes",
  "kustomize",
  "helm-values",
  "quadlet",
  "systemd",
];

/** `petrify export STRATEGY --to TARGET`. */
export function exportCommand(program: Command): void {
  program
    .command("export")
    .argument("<strategy>", "NAME.strategy.yaml")
    .addOption(new Option("--to <target>", "what to write").choices(TARGETS).makeOptionMandatory())
    .option("--into <file>", "existing Compose file or Kubernetes manifest to change in place; every other byte stays")
    .option("--service <name>", "Compose: service of that file; default: the one whose image fits")
    .option("--workload <name>", "manifest: its object; default: the one with an image that fits. kustomize: KIND/NAME")
    .option("--container <name>", "manifest, kustomize: its container; default: the one whose image fits")
    .option("--pod", "kubernetes: a Pod instead of a Deployment")
    .option("--kube-version <version>", "Kubernetes of the cluster, for fields that came later; default: 1.34")
    .option("--exact-modes", "Kubernetes: directories get the verified mode and owner, by an init container as root")
    .option("--seed-image <image>", "Kubernetes: image with sh and cp, where the workload's has none")
    .option("--volume-size <size>", "Kubernetes: size of a volume for which the strategy says none; default: 1GiB")
    .addOption(
      new Option("--chart <convention>", "helm-values: how the chart calls its values").choices([
        "bitnami",
        "helm-create",
      ]),
    )
    .option("--podman-version <version>", "quadlet: Podman of the host; default: 4.8")
    .option("--data-dir <directory>", "Docker: volumes without code lie below it, where a mount can have noexec")
    .addOption(
      new Option("--with <engine>", "systemd: what the unit runs; default: docker").choices(["docker", "podman"]),
    )
    .option("--log-driver <driver>", "not in pods: log driver of the container; default: the engine's")
    .option("--log-opt <key=value>", "not in pods: an option of the log driver; can be repeated", repeated)
    .option("--out <path>", "write there instead of to standard output; a directory, when there are several files")
    .option("--json", "print {text, notes, files?} as JSON")
    .action(async (file: string, flags: ExportFlags) => {
      await exportStrategy(file, flags);
    });
}

async function exportStrategy(file: string, flags: ExportFlags): Promise<void> {
  const { loadStrategy } = await import("../verify/files.ts");
  const { exportTo } = await import("../export/targets.ts");
  const strategy = await loadStrategy(file);
  const code = flags.to === "kubernetes" ? "E_MANIFEST_INVALID" : "E_COMPOSE_INVALID";
  const existing = flags.into === undefined ? undefined : await readText(flags.into, code);
  const result = exportTo(flags.to, strategy, {
    ...(await optionsOf(flags)),
    ...(existing === undefined ? {} : { existing }),
  });
  const target = flags.out ?? flags.into;
  if (target !== undefined) await writeResult(target, result, existing);
  if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    if (target === undefined) process.stdout.write(result.text);
    for (const note of result.notes) process.stderr.write(`note: ${quoteForTerminal(note)}\n`);
  }
}

async function optionsOf(flags: ExportFlags): Promise<ExportOptions> {
  const { parseVersion } = await import("../export/version.ts");
  const { parseSize } = await import("../model/units.ts");
  const { parseLogging } = await import("../export/logging.ts");
  const { service, workload, container, exactModes, seedImage, chart, dataDir } = flags;
  const given: { [K in keyof ExportOptions]: ExportOptions[K] | undefined } = {
    service,
    workload,
    container,
    exactModes,
    seedImage,
    chart,
    dataDir,
    engine: flags.with,
    logging: parseLogging(flags.logDriver, flags.logOpt),
    kind: flags.pod ? "Pod" : undefined,
    kubeVersion: flags.kubeVersion === undefined ? undefined : parseVersion(flags.kubeVersion),
    podmanVersion: flags.podmanVersion === undefined ? undefined : parseVersion(flags.podmanVersion),
    volumeSizeBytes: flags.volumeSize === undefined ? undefined : positive(parseSize(flags.volumeSize)),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function repeated(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

function positive(sizeBytes: number): number {
  if (sizeBytes > 0) return sizeBytes;
  throw new PetrifyError("E_USAGE", "A volume without size holds nothing.", { hint: "Give --volume-size like 20GiB." });
}

async function writeResult(target: string, { text, files }: ExportResult, existing: string | undefined): Promise<void> {
  const { writeWhole } = await import("../learn/write-whole.ts");
  if (files === undefined) {
    if (text !== existing) await writeWhole(target, text);
    return;
  }
  await mkdir(target, { recursive: true });
  for (const file of files) await writeWhole(join(target, file.name), file.text);
}

/** The exact text: a byte that is not UTF-8 would not survive the way through a string. Throws the code, E_IO. */
async function readText(file: string, code: ErrorCode): Promise<string> {
  const bytes = await readFile(file);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new PetrifyError(code, `${file} is not UTF-8 text.`, { hint: "Convert it to UTF-8 first.", cause });
  }
}
