import type { Rule } from "../rule.ts";

/** What CIS Docker 5.15 allows. */
const MOST_RETRIES = 5;

export const endlessRestarts: Rule = {
  id: "endless-restarts",
  title: "It is restarted without end",
  severity: "low",
  why:
    "A container that fails at once and is started again for ever keeps the host busy, and hides that it fails. Without limits of " +
    "memory and CPU each start may take all of both.",
  fix: "Restart on failure, at most five times, or limit memory and CPU.",
  topic: "limits",
  maps: { cisDocker: ["5.15"], stig: ["V-235843"] },
  needs: ["restart"],
  spelled: {
    compose: 'restart: "on-failure:5"',
    swarm: "deploy.restart_policy: {condition: on-failure, max_attempts: 5}",
    command: "--restart on-failure:5",
  },
  check: ({ settings: { restart, memoryBytes, cpus } }) => {
    if (restart === undefined) return [];
    const { policy, maxRetries = 0 } = restart.value;
    if (policy === "on-failure")
      return maxRetries > 0 && maxRetries <= MOST_RETRIES
        ? []
        : [
            {
              message: `It is restarted ${maxRetries > 0 ? `up to ${maxRetries} times` : "without end"} when it fails.`,
              at: restart.at,
            },
          ];
    const isEndless = policy === "always" || policy === "unless-stopped" || policy === "any";
    return isEndless && (memoryBytes === undefined || cpus === undefined)
      ? [{ message: `It is always restarted (${policy}), and its memory or CPU is not limited.`, at: restart.at }]
      : [];
  },
  fires: [
    { what: "always, and no limits", settings: { restart: { value: { policy: "always" } } } },
    { what: "on failure, ten times", settings: { restart: { value: { policy: "on-failure", maxRetries: 10 } } } },
    { what: "on failure, without end", settings: { restart: { value: { policy: "on-failure" } } } },
  ],
  silent: [
    { what: "on failure, five times", settings: { restart: { value: { policy: "on-failure", maxRetries: 5 } } } },
    { what: "never", settings: { restart: { value: { policy: "no" } } } },
    {
      what: "always, with limits",
      settings: { restart: { value: { policy: "always" } }, memoryBytes: { value: 2 ** 29 }, cpus: { value: 1 } },
    },
  ],
};
