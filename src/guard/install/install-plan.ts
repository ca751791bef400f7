import { PetrifyError } from "../../model/errors.ts";
import type { HostFacts } from "./host-facts.ts";
import { type Plan, united } from "./plan.ts";
import { DAEMON_JSON, DOCKER_SOCKET, ENGINE_SOCKET, planAuthz, planDocker } from "./plan-docker.ts";
import { honoursReadOnly, planDockerRuntime, planPodmanRuntime, planPodmanSetting } from "./plan-runtime.ts";

/** What is asked for; at least one of the first three. */
export interface InstallWays {
  readonly docker: boolean;
  readonly authz: boolean;
  readonly podman: boolean;
  /** The runtime wrapper, too. */
  readonly strict: boolean;
  /** Absolute path of the policy. */
  readonly policy: string;
}

/** All that an installation changes; pure. Throws E_GUARD_INSTALL, E_USAGE. */
export function installPlan(host: HostFacts, { docker, authz, podman, strict, policy }: InstallWays): Plan {
  if (!docker && !authz && !podman)
    throw new PetrifyError("E_USAGE", "What is to be guarded is not said.", {
      hint: "Give --docker, --authz or --podman, or several of them.",
    });
  const plans: Plan[] = [];
  // Each plan goes on with what the one before makes of daemon.json.
  const add = (make: (facts: HostFacts) => Plan): void => {
    const daemonJson = plans.flatMap(({ files }) => files).findLast(({ path }) => path === DAEMON_JSON)?.content;
    plans.push(make(daemonJson === undefined ? host : { ...host, daemonJson }));
  };
  if (docker) add((facts) => planDocker(facts, policy));
  if (authz) add((facts) => planAuthz(facts, policy, docker ? ENGINE_SOCKET : DOCKER_SOCKET));
  if (strict && (docker || authz)) add((facts) => planDockerRuntime(facts, policy));
  if (podman)
    add((facts) =>
      strict || !honoursReadOnly(facts.podmanVersion) ? planPodmanRuntime(facts, policy) : planPodmanSetting(),
    );
  return united(plans);
}

/**
 * What puts a removal in force under systemd, by what was installed. Only units that were there: systemctl fails for others, and what comes
 * after it would not be run.
 */
export function commandsOfRemoval(ways: readonly string[]): Plan["commands"] {
  const units = [
    ...(ways.includes("docker") ? ["petrify-guard.socket", "petrify-guard.service"] : []),
    ...(ways.includes("authz") ? ["petrify-guard-authz.service"] : []),
  ];
  if (units.length === 0) return ways.includes("docker-runtime") ? [["systemctl", "restart", "docker.service"]] : [];
  return [
    ["systemctl", "stop", "docker.socket", "docker.service"],
    ["systemctl", "stop", ...units],
    ["systemctl", "daemon-reload"],
    ["systemctl", "start", "docker.socket", "docker.service"],
  ];
}
