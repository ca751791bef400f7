/** What is taken out of an output before it is compared, beside what is taken out of all. */
export type Normalisation = keyof typeof NORMALISATIONS;

type Rule = readonly [pattern: RegExp, replacement: string];

const TIME = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?: ?(?:Z|[+-]\d\d:?\d\d(?: UTC)?))?`;

/** In everything: what an engine makes up, and what the clock says. */
const ALWAYS: readonly Rule[] = [
  [new RegExp(TIME, "g"), "TIME"],
  [/(?:Less than a second|About an? (?:minute|hour)|\d+ (?:seconds?|minutes?|hours?|days?)) ago/g, "AGO"],
  [
    /\b(Up|Created|Exited \(\d+\)) (?:Less than a second|About an? (?:minute|hour)|\d+ (?:seconds?|minutes?))/g,
    "$1 AGE",
  ],
  [/\b172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+\b/g, "ADDRESS"],
  [/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, "MAC"],
  // The column widths of a table follow its longest cell.
  [/ {2,}/g, "  "],
];

export const NORMALISATIONS = {
  /** Process ids, times, and who runs them on the host. */
  processes: [[/^(1 \S+ +)\d+ +\d+ +\d+ +\S+ +\S+ +\S+/gm, "$1PROCESS"]],
  /** The client waits for the end of a container that does not start, and says so or not: it does not know which comes first. */
  startFailure: [[/^2 time="[^"]*" level=error msg="error waiting for container: context canceled"\n/gm, ""]],
  /** Who says it, engine or guard, is another test's matter. */
  copyRefusal: [[/^2 Error response from daemon: .*read-only.*$/gm, "2 REFUSED, AS READ-ONLY"]],
  ports: [[/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT"]],
  hostSettings: [[/"(Pid|SizeRw|OomScoreAdj)": \d+/g, '"$1": N']],
  buildCache: [[/Sending build context to Docker daemon\s+[\d.]+ ?[kKM]?B\s*\r?/g, "Sending build context\n"]],
  /** What other tests on the same engine have at the same moment. */
  engineTotals: [
    [/^(1 +(?:Containers|Running|Paused|Stopped|Images|Goroutines|File Descriptors|Events Listeners): )\d+/gm, "$1N"],
    [/^(1 +System Time: ).*/gm, "$1TIME"],
    // A map of Go's: in any order.
    [/^(1 +Runtimes: ).*/gm, "$1RUNTIMES"],
    [/^1 (Images|Containers|Local Volumes|Build Cache) .*$/gm, "1 $1 TOTALS"],
  ],
  /** Ports of the client's end. */
  network: [[/127\.0\.0\.1:\d{4,5}->/g, "127.0.0.1:PORT->"]],
} as const satisfies Readonly<Record<string, readonly Rule[]>>;

/** Text in which what differs between any two runs is gone; an id becomes the number of its first appearance. */
export function normalised(
  text: string,
  own: readonly (readonly [text: string, replacement: string])[],
  wanted: readonly Normalisation[],
): string {
  let result = text;
  for (const [from, to] of own) result = result.replaceAll(from, to);
  for (const [pattern, replacement] of [...wanted.flatMap((name): readonly Rule[] => NORMALISATIONS[name]), ...ALWAYS])
    result = result.replaceAll(pattern, replacement);
  const seen: string[] = [];
  // Docker shortens ids to twelve digits: both spellings of one are the same number.
  return result.replaceAll(/\b[0-9a-f]{64}\b|\b[0-9a-f]{12}\b/g, (id) => {
    const short = id.slice(0, 12);
    if (!seen.includes(short)) seen.push(short);
    return `ID${seen.indexOf(short)}`;
  });
}
