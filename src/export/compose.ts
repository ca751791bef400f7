import type { Strategy } from "../model/strategy.ts";
import type { Workload } from "../model/workload.ts";
import {
  composeMountNotes,
  composeMounts,
  composeNotes,
  composeSettings,
  externalNetworks,
  withReason,
} from "./compose-service.ts";
import { bakedLogNotes } from "./log-notes.ts";
import { planMounts } from "./mount-plan.ts";
import { introduction, oneLine, strategyNotes, workloadNotes } from "./notes.ts";
import type { ExportResult } from "./result.ts";
import { workloadUnder } from "../strategy/settings.ts";
import { type YamlMap, mapLines } from "../strategy/yaml-text.ts";

/**
 * The strategy as a Compose file of its own, for Compose v2 and for docker-compose 1.29; the service has the strategy's
 * name. Throws E_EXPORT_UNSUPPORTED.
 */
export function exportCompose(strategy: Strategy, workload: Workload = workloadUnder(strategy)): ExportResult {
  const mounts = planMounts(strategy, workload);
  const { tmpfs, volumes, topLevel } = composeMounts(mounts);
  const service: YamlMap = {
    image: workload.image.replaceAll("$", "$$$$"),
    read_only: true,
    ...(tmpfs.length > 0 && { tmpfs: tmpfs.map(withReason) }),
    ...(volumes.length > 0 && { volumes: volumes.map(withReason) }),
    ...composeSettings(workload),
  };
  const networks = externalNetworks(workload);
  const file: YamlMap = {
    services: { [strategy.name]: service },
    ...(Object.keys(topLevel).length > 0 && { volumes: topLevel }),
    ...(Object.keys(networks).length > 0 && { networks }),
  };
  const comments = introduction(strategy).map((line) => `# ${oneLine(line)}`);
  return {
    text: [...comments, ...mapLines(file), ""].join("\n"),
    notes: [
      ...strategyNotes(strategy),
      ...bakedLogNotes(strategy),
      ...composeMountNotes(mounts),
      ...workloadNotes(workload),
      ...composeNotes(workload),
    ],
  };
}
