import type { Check, Measured, PlanName, Result } from "./result.ts";
import type { Surface } from "./surface.ts";

const PLANS: readonly { readonly name: PlanName; readonly title: string }[] = [
  { name: "plain", title: "plain `--read-only`" },
  { name: "template", title: "CRI-O template" },
  { name: "naive", title: "naive plan" },
  { name: "petrify", title: "Petrify" },
];

const NOEXEC = "Petrify, noexec";

const INTRODUCTION = `# Fidelity

Real applications from Debian packages, each run read-only in four ways. \`npm run bench:fidelity\` measures them and writes this page; what an application is, how it is tested and how it differs from what Debian ships stands in its folder below [test/e2e/workloads](../test/e2e/workloads).

An application *works* when its test passes on a fresh container and on one that replaces it, with the same volumes. The test uses it as a client does, writes, reads back, makes it reload where it can, and asks the second container for what the first one stored.

| plan | writable |
|---|---|
| plain \`--read-only\` | nothing but the declared VOLUMEs, which engines make writable by themselves, in all four plans |
| CRI-O template | tmpfs on \`/run\`, \`/tmp\` and \`/var/tmp\` |
| naive plan | tmpfs on each directory of the image in which the run wrote, made, changed or removed anything (all that Petrify's sensor saw, so more than \`docker diff\` shows) |
| Petrify | the learned strategy, unedited |

**Mounts** are writable mounts. **Surface** is three numbers, counted over all paths of the image and the mount points that it does not have, each under the innermost mount that covers it:

1. *hidden*: paths of the image other than directories that an empty mount hides. A seeded mount or a volume starts with the image's content, and hides nothing.
2. *writable*: paths at or below a writable mount: what root in the container could replace.
3. *writable and executable*: those of them on a mount without \`noexec\`. A tmpfs has that unless the workload was seen to run code from it. So has a volume on Podman, and on Docker one that lies [on a file system mounted so](reference/export.md#volumes-without-code): the row *Petrify, noexec*, whose \`works\` is that of Podman. Docker's own volumes cannot have it, whatever the plan: the row *Petrify*.

\`/dev\`, \`/dev/shm\` and \`/proc\` are the same in all four, and are left out. **Hand edits** are changes of the application's configuration that only a read-only root calls for.
`;

const CHECKS_INTRODUCTION = `
## What is promised of a strategy

- **Each mount needed**: \`verify --minimal\` takes each mount away in turn, and something fails.
- **Learns agree**: so many learns, each on its own, give the same strategy file, byte for byte.
- **Data kept**: each path that must persist is on a volume, and the replaced container found what the first one had stored.
- **Bounded**: every tmpfs has a size; the export names each mount that Docker cannot bound.
- **Compose**: the exported Compose file is started with Debian's docker-compose, tested, taken down, started and tested again.
- **Podman**: what was learned on Docker is verified on Podman, with volumes mounted \`noexec\` where the strategy lets no code be run.
`;

/** The page docs/fidelity.md. Results of older code are marked. */
export function fidelityPage(results: readonly (Result & { readonly isCurrent: boolean })[]): string {
  const measured = results.flatMap((result) =>
    result.measured === undefined ? [] : [{ ...result, measured: result.measured }],
  );
  const failed = results.filter(({ failure }) => failure !== undefined);
  return [
    INTRODUCTION,
    table(
      ["application", "plan", "works", "hand edits", "mounts", "hidden", "writable", "and executable"],
      measured.flatMap(({ name, isCurrent, measured: { plans, noexec, handEdits, checks } }) => [
        ...PLANS.map(({ name: plan, title }, index) => [
          index === 0 ? `**${name}**${isCurrent ? "" : " (older code)"}` : "",
          title,
          plans[plan].attempt.works ? "yes" : "no",
          plan === "petrify" ? String(handEdits.length) : "0",
          String(plans[plan].mounts),
          ...surface(plans[plan].surface),
        ]),
        [
          "",
          NOEXEC,
          noexec === undefined ? "-" : onPodman(checks.podman),
          String(handEdits.length),
          String(plans.petrify.mounts),
          ...(noexec === undefined ? ["-", "-", "-"] : surface(noexec)),
        ],
      ]),
    ),
    summary(measured),
    CHECKS_INTRODUCTION,
    table(
      ["application", "each mount needed", "learns agree", "data kept", "bounded", "Compose", "Podman", "seconds"],
      measured.map(({ name, seconds, measured: { checks } }) => [
        name,
        ...[checks.minimal, checks.learns, checks.persists, checks.bounded, checks.compose, checks.podman].map(shown),
        String(seconds),
      ]),
    ),
    reasons(measured),
    ...(failed.length === 0
      ? []
      : ["## Not measured\n", ...failed.map(({ name, failure }) => `- **${name}**: ${oneLine(failure ?? "")}`), ""]),
  ].join("\n");
}

interface Named {
  readonly name: string;
  readonly measured: Measured;
}

function summary(results: readonly Named[]): string {
  const working = (plan: PlanName): number =>
    results.filter(({ measured }) => measured.plans[plan].attempt.works).length;
  const counts = PLANS.map(({ name, title }) => `${title} ${working(name)}`).join(", ");
  const edits = results.reduce((sum, { measured }) => sum + measured.handEdits.length, 0);
  const compare = (
    field: keyof Surface,
    surfaceIn: (measured: Measured) => Surface | undefined = ({ plans }) => plans.petrify.surface,
  ): string => {
    const of = (sign: number): readonly Named[] =>
      results.filter(({ measured }) => {
        const own = surfaceIn(measured)?.[field];
        return own !== undefined && Math.sign(own - measured.plans.naive.surface[field]) === sign;
      });
    const larger = of(1).map(({ name }) => name);
    return `smaller in ${of(-1).length}, equal in ${of(0).length}, larger in ${larger.length}${larger.length === 0 ? "" : ` (${larger.join(", ")})`}`;
  };
  return `
Of ${results.length} applications work: ${counts}. Hand edits: ${edits}.

Petrify's surface against the naive plan's:

- hidden: ${compare("hidden")}
- writable: ${compare("writable")}
- writable and executable, where volumes are \`noexec\`: ${compare("executable", ({ noexec }) => noexec)}
- writable and executable, on Docker's own volumes: ${compare("executable")}

The naive plan keeps nothing: it is made of \`noexec\` mounts alone, and what an application stores is lost with the container. Larger is Petrify's where code is run from what was written, or where data lies on Docker's own volumes.
`;
}

/** Why something does not work, and what each strategy is. */
function reasons(results: readonly Named[]): string {
  const lines = results.map(({ name, measured: { plans, entries, handEdits, checks } }) => {
    const failed = PLANS.flatMap(({ name: plan, title }) => {
      const { attempt } = plans[plan];
      return attempt.works ? [] : [`- ${title} fails: ${oneLine(attempt.reason)}`];
    });
    const broken = Object.entries(checks).flatMap(([check, { holds, detail }]) =>
      holds ? [] : [`- ${check}: ${oneLine(detail)}`],
    );
    const edits = handEdits.map((edit) => `- hand edit: ${oneLine(edit)}`);
    return [
      `### ${name}`,
      "",
      `- strategy: ${oneLine(entries.join(", ")) || "nothing writable"}`,
      ...failed,
      ...edits,
      ...broken,
      "",
    ].join("\n");
  });
  return `\n## Reasons\n\n${lines.join("\n")}`;
}

function shown(check: Check | undefined): string {
  if (check === undefined) return "-";
  return check.holds ? `yes${check.detail === "" ? "" : ` (${oneLine(check.detail)})`}` : "**no**";
}

function onPodman(check: Check | undefined): string {
  if (check === undefined) return "-";
  return check.holds ? "yes" : "no";
}

function surface({ hidden, writable, executable }: Surface): readonly string[] {
  return [hidden, writable, executable].map(String);
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [titles, titles.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** Reasons hold what programs printed. */
function oneLine(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .replaceAll("|", "\\|")
    .replaceAll(/[<>*_`]/g, "\\$&")
    .slice(0, 400)
    .trim();
}
