import type { Strategy } from "../model/strategy.ts";
import type { Workload } from "../model/workload.ts";
import { imageAndCommand } from "./command-text.ts";
import { dockerFlags } from "./docker-flags.ts";
import { dockerMount } from "./docker.ts";
import { bakedLogNotes } from "./log-notes.ts";
import { type PlannedMount, planMounts } from "./mount-plan.ts";
import { introduction, strategyNotes, volumeNotes, workloadNotes } from "./notes.ts";
import { createVolumeWords, fullImage, podmanFlags, podmanNotes } from "./podman.ts";
import type { ExportResult } from "./result.ts";
import { type UnitSection, unitText, unitWord } from "./unit-file.ts";
import { workloadUnder } from "../strategy/settings.ts";
import { restartSetting, serviceFlags, serviceName, serviceNotes } from "./unit-run.ts";

export const UNIT_ENGINES = ["docker", "podman"] as const;
export type UnitEngine = (typeof UNIT_ENGINES)[number];

interface Runner {
  readonly flags: (mounts: readonly PlannedMount[], workload: Workload) => readonly (readonly string[])[];
  readonly image: (workload: Workload) => string;
  readonly notes: (mounts: readonly PlannedMount[]) => readonly string[];
  readonly before: (mounts: readonly PlannedMount[]) => readonly (readonly string[])[];
  /** Of the section [Unit]. */
  readonly needs: readonly (readonly [key: string, value: string])[];
}

const RUNNERS: Readonly<Record<UnitEngine, Runner>> = {
  docker: {
    flags: (mounts, workload) => [["--read-only"], ...mounts.map(dockerMount), ...dockerFlags(workload)],
    image: ({ image }) => image,
    notes: volumeNotes,
    before: () => [],
    needs: [
      ["Requires", "docker.service"],
      ["After", "docker.service"],
    ],
  },
  podman: {
    flags: podmanFlags,
    image: fullImage,
    notes: podmanNotes,
    before: (mounts) => mounts.flatMap(createVolumeWords),
    needs: [],
  },
};

/** The strategy as a service of systemd that keeps one `docker run` or `podman run` in the foreground. Throws E_EXPORT_UNSUPPORTED. */
export function exportSystemd(
  strategy: Strategy,
  engine: UnitEngine = "docker",
  workload: Workload = workloadUnder(strategy),
): ExportResult {
  const { flags, image, notes, before, needs } = RUNNERS[engine];
  const mounts = planMounts(strategy, workload);
  const name = serviceName(workload);
  const program = `/usr/bin/${engine}`;
  const run = [
    [program, "run", "--rm"],
    ["--name", name],
    ...serviceFlags(flags(mounts, workload)),
    imageAndCommand(engine, image(workload), workload),
  ];
  const sections: readonly UnitSection[] = [
    {
      name: "Unit",
      settings: [
        ["Description", `${name}, read-only under its data writing strategy`],
        ["Wants", "network-online.target"],
        ["After", "network-online.target"],
        ...needs,
      ],
    },
    {
      name: "Service",
      settings: [
        // Left by a host that lost its power; there is none after an ordinary stop.
        ["ExecStartPre", `-${program} rm --force ${name}`],
        ...before(mounts).map((words) => ["ExecStartPre", `-${program} ${words.map(unitWord).join(" ")}`] as const),
        ["ExecStart", run.map((line) => line.map(unitWord).join(" ")).join(" \\\n  ")],
        ["ExecStop", `${program} stop ${name}`],
        ...restartSetting(workload),
      ],
    },
    { name: "Install", settings: [["WantedBy", "multi-user.target"]] },
  ];
  const comments = [...introduction(strategy), ...mounts.map(({ target, why }) => `${target}: ${why}`)];
  return {
    text: unitText(comments, sections),
    notes: [
      ...strategyNotes(strategy),
      ...bakedLogNotes(strategy),
      ...notes(mounts),
      ...serviceNotes(workload),
      ...workloadNotes(workload),
    ],
  };
}
