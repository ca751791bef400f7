import type { AuditedContainer } from "../container.ts";
import { isReadOnly } from "../mounts.ts";
import type { Hit, Rule } from "../rule.ts";
import { exampleStrategy } from "./examples.ts";

export const readOnlyRoot: Rule = {
  id: "read-only-root",
  title: "The root file system is writable",
  severity: "high",
  why:
    "Whoever gets into the container can replace its programs and stay, and what the application writes there is lost with " +
    "the container. Quotas do not count it either, because it lies in the copy-on-write layer.",
  fix: "Make the root read-only, and give the application the places that it needs: petrify learn finds them.",
  topic: "read-only root",
  // CM-5 and the SRG: CCI-001813; CM-7: CCI-000381 of V-235808. AC-3 and AC-6: AWS Security Hub ECS.5. 5.12 is its number in CIS 1.2 to 1.5.
  maps: {
    cisDocker: ["5.13"],
    cisDockerBefore: ["5.12"],
    cisKubernetes: ["5.7.3"],
    nsa: ["Immutable container file systems"],
    nist800190: ["4.4.4"],
    nist80053: ["AC-3", "AC-6", "CM-5", "CM-7"],
    stig: ["DKER-EE-002030", "V-235808", "V-270876", "SRG-APP-000380-CTR-000340"],
  },
  needs: ["readOnlyRoot"],
  spelled: {
    compose: "read_only: true",
    kubernetes: "securityContext.readOnlyRootFilesystem: true on the container",
    quadlet: "ReadOnly=true",
    ecs: '"readonlyRootFilesystem": true',
    command: "--read-only",
  },
  check: (container) => {
    const { settings } = container;
    const { readOnlyRoot: root, misplacedReadOnlyRoot: misplaced, readOnlyPaths: sealed } = settings;
    if (isReadOnly(settings)) return [];
    if (misplaced !== undefined)
      return [
        {
          message: `A read-only root is asked for at ${misplaced.value}, where nothing reads it: the root is writable.`,
          fix: "Move it to the securityContext of each container.",
          at: misplaced.at,
        },
      ];
    const but = sealed === undefined ? "" : `, but for ${sealed.value.join(", ")}`;
    const why = root === undefined ? ": nothing says otherwise." : " on purpose.";
    return [{ message: `The root is writable${but}${why}`, ...nextStep(container), at: root?.at }];
  },
  fires: [
    { what: "nothing is said", settings: {} },
    { what: "writable on purpose", settings: { readOnlyRoot: { value: false } } },
    { what: "an init container", settings: {}, input: "kubernetes", role: "init" },
    { what: "a sidecar", settings: {}, input: "kubernetes", role: "sidecar" },
    { what: "a strategy is there and not in use", settings: {}, strategy: exampleStrategy({}) },
    {
      what: "its strategy is a partial seal",
      settings: {},
      strategy: exampleStrategy({ readOnlyPaths: ["/etc"] }),
    },
    {
      what: "single paths are read-only, and the rest is not",
      input: "engine",
      settings: { readOnlyRoot: { value: false }, readOnlyPaths: { value: ["/etc"] } },
    },
    {
      what: "asked for at the pod, where Kubernetes does not look",
      input: "kubernetes",
      settings: { misplacedReadOnlyRoot: { value: "spec.securityContext" } },
    },
  ],
  silent: [
    { what: "read-only", settings: { readOnlyRoot: { value: true } } },
    // Windows cannot honour it (kubernetes/enhancements KEP-116).
    { what: "Windows, which cannot", input: "kubernetes", os: "windows", settings: {} },
    {
      what: "an ephemeral container, which can have no places of its own",
      input: "kubernetes",
      role: "ephemeral",
      settings: {},
    },
    { what: "a Dockerfile, which cannot say it", input: "dockerfile", settings: {} },
  ],
};

/** What a strategy says of the way: it may be one tmpfs, or a volume that must be planned. */
function nextStep({ strategy: found }: AuditedContainer): Pick<Hit, "fix"> {
  if (found.standing === "none") return {};
  const { file, strategy } = found;
  if (strategy.readOnlyPaths !== undefined)
    return {
      fix: `Its strategy ${file} makes ${strategy.readOnlyPaths.join(", ")} read-only, and leaves the root writable.`,
    };
  const volumes = strategy.entries.filter(({ kind }) => kind === "volume").map(({ path }) => path);
  const places = strategy.entries.filter(({ kind }) => kind !== "deny" && kind !== "image").map(({ path }) => path);
  const needs =
    places.length === 0
      ? "it needs no writable place"
      : volumes.length > 0
        ? `it needs a volume for ${volumes.join(", ")}`
        : `it needs only ${places.join(", ")}, and no volume`;
  const doubts = strategy.incomplete.length > 0 || found.standing === "unverified" ? ", after petrify verify" : "";
  return { fix: `Its strategy ${file} is there, and ${needs}: petrify audit --fix writes it${doubts}.` };
}
