import { PetrifyError } from "../../model/errors.ts";

/** What the scanner must know of a flag: its names, and whether it takes a value. */
export interface FlagShape {
  readonly long: string;
  readonly short?: string;
  readonly takesValue: boolean;
  /** A number that follows is its value. */
  readonly mayTakeNumber?: boolean;
}

export interface FlagUse<Flag extends FlagShape> {
  readonly flag: Flag;
  /** Of a switch: `true`, or the text behind `=`. */
  readonly value: string;
}

export interface ScannedArguments<Flag extends FlagShape> {
  /** In the order of the command line. */
  readonly uses: readonly FlagUse<Flag>[];
  readonly operands: readonly string[];
  /** What follows the first `--` that ended the flags. */
  readonly afterDashes: readonly string[];
}

export interface ScanOptions<Flag extends FlagShape> {
  readonly flags: readonly Flag[];
  /** `docker run` reads flags only before the image; everything after it belongs to the container's command. */
  readonly flagsEndAtFirstOperand: boolean;
  /** Throws what is to be said about a flag that is not in `flags`; the argument is `--name` or `-n`. */
  readonly onUnknown: (name: string) => never;
}

/**
 * Splits a command line exactly as docker does, whose flags are read by Go's spf13/pflag (flag.go, parseLongArg and
 * parseSingleShortArg): `--env A=1`, `--env=A=1`, `-eA=1`, `-e=A=1`, `-itp 80:80`, `--rm=false`; `-` alone is an operand.
 * Throws E_USAGE.
 */
export function scanFlags<Flag extends FlagShape>(
  args: readonly string[],
  options: ScanOptions<Flag>,
): ScannedArguments<Flag> {
  const byLong = new Map(options.flags.map((flag) => [flag.long, flag]));
  const byShort = new Map(options.flags.flatMap((flag) => (flag.short === undefined ? [] : [[flag.short, flag]])));
  const uses: FlagUse<Flag>[] = [];
  const operands: string[] = [];
  const rest = [...args];

  const nextValue = (name: string): string => {
    const value = rest.shift();
    if (value === undefined) throw new PetrifyError("E_USAGE", `${name} needs a value.`);
    return value;
  };

  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--") return { uses, operands, afterDashes: rest };
    if (!arg.startsWith("-") || arg === "-") {
      operands.push(arg);
      if (options.flagsEndAtFirstOperand) return { uses, operands: [...operands, ...rest], afterDashes: [] };
    } else if (arg.startsWith("--")) {
      const equals = arg.indexOf("=");
      const name = equals < 0 ? arg : arg.slice(0, equals);
      const flag = byLong.get(name.slice(2)) ?? options.onUnknown(name);
      if (equals >= 0) uses.push({ flag, value: arg.slice(equals + 1) });
      else {
        const takesNext = flag.takesValue || (flag.mayTakeNumber === true && /^\d+$/.test(rest[0] ?? ""));
        uses.push({ flag, value: takesNext ? nextValue(name) : "true" });
      }
    } else {
      for (let cluster = arg.slice(1); cluster !== "";) {
        const name = `-${cluster.charAt(0)}`;
        const flag = byShort.get(cluster.charAt(0)) ?? options.onUnknown(name);
        const behind = cluster.slice(1);
        cluster = "";
        if (behind.length > 1 && behind.startsWith("=")) uses.push({ flag, value: behind.slice(1) });
        else if (flag.takesValue) uses.push({ flag, value: behind === "" ? nextValue(name) : behind });
        else {
          uses.push({ flag, value: "true" });
          cluster = behind;
        }
      }
    }
  }
  return { uses, operands, afterDashes: [] };
}
