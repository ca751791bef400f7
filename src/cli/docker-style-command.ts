import { Command, type Help, Option } from "commander";
import { type CommandPlace, type RunRequest, runRequest, splitRunArguments } from "./run-flags.ts";
import { RUN_FLAGS, type RunFlag } from "./run-flags/flag-table.ts";
import { type CommandHost, processHost } from "./run-flags/host.ts";
import type { FlagShape, FlagUse } from "../run-flags/scan.ts";

const HELP: FlagShape = { long: "help", takesValue: false };

const DOCKER_OPTIONS = RUN_FLAGS.map(({ long, short, metavar, help }) => {
  const names = `${short === undefined ? "" : `-${short}, `}--${long}`;
  return new Option(metavar === undefined ? names : `${names} <${metavar}>`, help).helpGroup("Flags of docker run:");
});

/**
 * A command that takes docker run's flags beside its own. Commander lists all of them, but only ever reads its own
 * (`-itp80:80`, `-e=A=1` and `--rm=false` mean other things to it): docker's are taken out before it looks.
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
  readonly #manyOperandsWith: ReadonlySet<string>;
  #dockerFlags: readonly FlagUse<RunFlag>[] = [];

  /** `manyOperandsWith`: flags of Petrify's with which the operands are no image and command. */
  constructor(name: string, place: CommandPlace, manyOperandsWith: readonly string[] = []) {
    super(name);
    this.#place = place;
    this.#manyOperandsWith = new Set(manyOperandsWith);
    // -h is docker run's --hostname.
    this.helpOption("--help", "show this text");
  }

  /** Docker's flags come last: its users know them, and look for Petrify's own. */
  override createHelp(): Help {
    const help = super.createHelp();
    const own = help.visibleOptions.bind(help);
    help.visibleOptions = (command) => [...own(command), ...DOCKER_OPTIONS];
    return help;
  }

  /** The run that was asked for; to be called in the action. Throws E_USAGE, E_IO. */
  runRequest(image: string, args: readonly string[], host: CommandHost = processHost()): RunRequest {
    return runRequest(this.#dockerFlags, image, args, host);
  }

  /** Long names of docker run's flags that were given. */
  get givenDockerFlags(): readonly string[] {
    return this.#dockerFlags.map(({ flag }) => flag.long);
  }

  override parseOptions(args: string[]): ReturnType<Command["parseOptions"]> {
    const split = splitRunArguments(args, this.#place, [HELP, ...this.#ownFlags()], this.#manyOperandsWith);
    this.#dockerFlags = split.dockerFlags;
    const own = split.ownFlags.map(({ flag, value }) =>
      flag.takesValue || value !== "true" ? `--${flag.long}=${value}` : `--${flag.long}`,
    );
    return super.parseOptions([...own, "--", ...split.operands]);
  }

  #ownFlags(): FlagShape[] {
    return this.options.flatMap((option) => {
      const long = option.long?.slice(2);
      if (long === undefined) return [];
      const short = option.short?.slice(1);
      return [
        { long, takesValue: option.required, mayTakeNumber: option.optional, ...(short !== undefined && { short }) },
      ];
    });
  }
}
