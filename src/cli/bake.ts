import type { Command } from "commander";
import { PetrifyError } from "../model/errors.ts";
import { DockerStyleCommand } from "./docker-style-command.ts";
import { bakedJson, renderBaked } from "./render/baked.ts";
import { styleFor, widthOf } from "./render/style.ts";
import { engineOptions, withSession } from "./session.ts";
import { type TestFlags, testOptions, testPlan } from "./test-options.ts";

interface BakeFlags extends TestFlags {
  readonly host?: string;
  readonly context?: string;
  readonly tag?: string;
  readonly out?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `petrify bake IMAGE [docker run's flags] [--test CMD] [-- CMD...]`. */
export function bakeCommand(program: Command): void {
  const command = new DockerStyleCommand("bake", "after dashes")
    .usage("IMAGE [docker run's flags] [--test COMMAND] [--tag NEW] [--out FOLDER] [-- COMMAND...]")
    .argument("[operands...]", "an image of one's own; it is run in containers of Petrify's own")
    .option("--tag <name>", "name of the new image (default: IMAGE:TAG-baked)")
    .option("--out <folder>", "where the Dockerfile with its context is written (default: NAME-bake)")
    .option("--dry-run", "write the Dockerfile with its context, and build nothing")
    .option("--json", "print the result as JSON");
  program.addCommand(
    testOptions(engineOptions(command)).action(async (operands: string[], flags: BakeFlags) => {
      await bake(command, operands, flags);
    }),
  );
}

async function bake(command: DockerStyleCommand, [image, ...args]: readonly string[], flags: BakeFlags): Promise<void> {
  if (image === undefined)
    throw new PetrifyError("E_USAGE", "The image is missing.", {
      hint: "petrify bake IMAGE; see `petrify bake --help`.",
    });
  const { bakeImage } = await import("../bake/bake.ts");
  const { bakedName } = await import("../bake/base-image.ts");
  const { assertOwnFolder } = await import("../bake/context-folder.ts");
  const { assertWritable } = await import("../learn/write-learned.ts");
  const { parseReference } = await import("../strategy/reference.ts");
  const { workload, notes } = command.runRequest(image, args);
  const plan = testPlan(flags);
  const tag = flags.tag ?? bakedName(workload);
  if (parseReference(tag).digest !== undefined)
    throw new PetrifyError("E_USAGE", "--tag takes a name, not a digest.", { hint: "--tag shop:1-baked" });
  const folder = flags.out ?? `${workload.name}-bake`;
  await assertOwnFolder(folder);
  await assertWritable(folder);
  const baked = await withSession(flags, async (session) => {
    for (const note of notes) session.progress.note(note);
    return bakeImage(session, { workload, plan, folder, tag, dryRun: flags.dryRun ?? false });
  });
  const told = { ...baked, image, tag, folder };
  if (baked.outcome !== "baked" && baked.outcome !== "planned") process.exitCode = 2;
  process.stdout.write(
    flags.json
      ? `${JSON.stringify(bakedJson(told))}\n`
      : renderBaked(told, { width: widthOf(process.stdout), style: styleFor(process.stdout) }),
  );
}
