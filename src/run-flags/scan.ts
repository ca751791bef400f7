import { PetrifyError } from "../model/errors.ts";

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
  /** Which of the arguments it stands in, and which one its value ends in. */
  readonly from: number;
  readonly to: number;
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
  /** What to take a flag for that is not in `flags`, or throws what is to be said about it; the argument is `--name` or `-n`. */
  readonly onUnknown: (name: string) => Flag;
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
  // As long as the argument's value has not been taken, too.
  const position = (): number => args.length - rest.length - 1;

  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--") return { uses, operands, afterDashes: rest };
    if (!arg.startsWith("-") || arg === "-") {
      operands.push(arg);
      if (options.flagsEndAtFirstOperand) return { uses, operands: [...operands, ...rest], afterDashes: [] };
    } else if (arg.startsWith("--")) {
      const equals = arg.indexOf("=");
      const name = equals < 0 ? arg : arg.slice(0, equals);
      const flag = byLong.get(name.slice(2)) ?? options.onUnknown(name);
      const from = position();
      if (equals >= 0) uses.push({ flag, value: arg.slice(equals + 1), from, to: from });
      else {
        const takesNext = flag.takesValue || (flag.mayTakeNumber === true && /^\d+$/.test(rest[0] ?? ""));
        const value = takesNext ? nextValue(name) : "true";
        uses.push({ flag, value, from, to: position() });
      }
    } else {
      const from = position();
      for (let cluster = arg.slice(1); cluster !== "";) {
        const name = `-${cluster.charAt(0)}`;
        const flag = byShort.get(cluster.charAt(0)) ?? options.onUnknown(name);
        const behind = cluster.slice(1);
        cluster = "";
        if (behind.length > 1 && behind.startsWith("=")) uses.push({ flag, value: behind.slice(1), from, to: from });
        else if (flag.takesValue) {
          const value = behind === "" ? nextValue(name) : behind;
          uses.push({ flag, value, from, to: position() });
        } else {
          uses.push({ flag, value: "true", from, to: from });
          cluster = behind;
        }
      }
    }
  }
  return { uses, operands, afterDashes: [] };
}
