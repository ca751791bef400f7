import { expect, test } from "vitest";
import type { EngineInfo } from "../engine/engine.ts";
import type { ProbeResult } from "../engine/find.ts";
import { PetrifyError } from "../model/errors.ts";
import { examineEngines } from "./engines.ts";

const INFO: EngineInfo = {
  kind: "docker",
  host: "unix:///var/run/docker.sock",
  version: "28.0.0",
  apiVersion: "1.47",
  local: true,
  rootless: false,
  cgroupDriver: "systemd",
  cgroupVersion: "2",
  selinux: false,
  storageDriver: "overlay2",
  defaultRuntime: "runc",
  foundBy: "socket /var/run/docker.sock",
};
const SILENT = new PetrifyError("E_ENGINE_UNREACHABLE", "It does not answer.");

function probe(name: string, result: Partial<ProbeResult>): ProbeResult {
  return { probe: name, outcome: "not here", host: "", foundBy: "", named: false, ...result };
}
const absent = probe("environment", {});
const local = probe("docker socket", { outcome: "answers", info: INFO });
const remote = probe("podman socket", { outcome: "answers", info: { ...INFO, local: false } });
const rootless = probe("rootless docker socket", { outcome: "answers", info: { ...INFO, rootless: true } });
const stale = probe("docker socket", { outcome: "does not answer", error: SILENT });
const dead = probe("environment", { outcome: "does not answer", named: true, error: SILENT });
const broken = probe("docker context", { outcome: "broken", error: SILENT });

test.for<[string, readonly ProbeResult[], readonly string[]]>([
  ["none at all", [absent], ["ok engine"]],
  ["one on this host", [absent, local], ["ok engine"]],
  ["a rootless one", [rootless], ["fail engine"]],
  ["a remote one in use", [remote], ["fail engine"]],
  ["a remote one beside it does no harm", [local, remote], ["ok engine", "ok engine.podman socket"]],
  ["a stale socket is passed over", [stale, remote], ["fail engine", "warn engine.docker socket"]],
  ["nothing but a stale socket", [stale], ["ok engine", "warn engine.docker socket"]],
  ["a named one that is dead is not replaced", [dead, local], ["ok engine.docker socket"]],
  ["nor is a setting that cannot be read", [broken, local], ["ok engine.docker socket"]],
])("%s", ([, probes, expected]) => {
  expect(examineEngines(probes).map(({ status, id }) => `${status} ${id}`)).toEqual(expected);
});
