import { Command, Option } from "commander";
import { type CommandPlace, type RunRequest, runRequest, splitRunArguments } from "./run-flags.ts";
import { RUN_FLAGS, type RunFlag } from "./run-flags/flag-table.ts";
import { type CommandHost, processHost } from "./run-flags/host.ts";
import type { FlagShape, FlagUse } from "./run-flags/scan.ts";

const HELP: FlagShape = { long: "help", takesValue: false };

/**
 * A command that takes docker run's flags beside its own. Commander knows and lists all of them, but does not read
 * docker's (`-itp80:80`, `-e=A=1` and `--rm=false` mean other things to it): those are taken out before it looks.
 *
 *     program.enablePositionalOptions().addCommand(
 *       new DockerStyleCommand("run", "after image")
 *         .argument("<image>")
 *         .argument("[command...]")
 *         .option("--strategy <file>", "...")
 *         .action((image, args, options, command) => command.runRequest(image, args)));
 */
export class DockerStyleCommand extends Command {
  readonly #place: CommandPlace;
  #dockerFlags: readonly FlagUse<RunFlag>[] = [];

  constructor(name: string, place: CommandPlace) {
    super(name);
    this.#place = place;
    // -h is docker run's --hostname.
    this.helpOption("--help", "show this text");
    for (const { long, short, metavar, help } of RUN_FLAGS) {
      const names = `${short === undefined ? "" : `-${short}, `}--${long}`;
      super.addOption(
        new Option(metavar === undefined ? names : `${names} <${metavar}>`, help).helpGroup("Flags of docker run:"),
      );
    }
  }

  /** The run that was asked for; to be called in the action. Throws E_USAGE, E_IO. */
  runRequest(image: string, args: readonly string[], host: CommandHost = processHost()): RunRequest {
    return runRequest(this.#dockerFlags, image, args, host);
  }

  override parseOptions(args: string[]): ReturnType<Command["parseOptions"]> {
    const split = splitRunArguments(args, this.#place, [HELP, ...this.#ownFlags()]);
    this.#dockerFlags = split.dockerFlags;
    const own = split.ownFlags.map(({ flag, value }) =>
      flag.takesValue || value !== "true" ? `--${flag.long}=${value}` : `--${flag.long}`,
    );
    return super.parseOptions([...own, "--", ...split.operands]);
  }

  #ownFlags(): FlagShape[] {
    const docker = new Set(RUN_FLAGS.map((flag) => flag.long));
    return this.options.flatMap((option) => {
      const long = option.long?.slice(2);
      if (long === undefined || docker.has(long)) return [];
      const short = option.short?.slice(1);
      return [{ long, takesValue: option.required, ...(short !== undefined && { short }) }];
    });
  }
}
