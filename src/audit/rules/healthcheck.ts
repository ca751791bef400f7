import type { Rule } from "../rule.ts";

/** Inputs for which the image's own health check does not count, or which are the image. */
const OWN = new Set(["kubernetes", "ecs", "image", "dockerfile"]);

export const healthcheck: Rule = {
  id: "healthcheck",
  title: "Nothing tells whether it works",
  severity: "low",
  why:
    "A container whose application hangs, or fails each request because it cannot write, looks as well as any. A health check " +
    "lets the engine notice, and petrify verify, too.",
  fix: "Ask it for something that it only answers when it works.",
  topic: "operation",
  maps: { cisDocker: ["4.6", "5.27"] },
  needs: ["healthcheck"],
  roles: ["main"],
  windows: true,
  spelled: {
    compose: "healthcheck: {test: [CMD, ...]}",
    kubernetes: "livenessProbe or readinessProbe",
    quadlet: "HealthCmd=",
    ecs: '"healthCheck": {"command": [...]}',
    command: "--health-cmd",
    dockerfile: "HEALTHCHECK CMD",
  },
  check: ({ settings, image, state, source: { kind }, workload, at }) => {
    const { healthcheck: setting } = settings;
    // What ends by itself is told by its exit code.
    if (setting?.value === true || /^(?:Cron)?Job /.test(workload)) return [];
    if (setting?.value === false) return [{ message: "Its health check is switched off.", at: setting.at }];
    const isChecked = state !== undefined ? state.health !== "none" : image?.hasHealthcheck;
    const isKnown = OWN.has(kind) || isChecked !== undefined;
    if (!isKnown || (isChecked === true && kind !== "kubernetes" && kind !== "ecs")) return [];
    return [{ message: "It has no health check.", at }];
  },
  fires: [
    { what: "switched off", settings: { healthcheck: { value: false } } },
    { what: "neither here nor in the image", settings: {}, image: { repoDigests: [], hasHealthcheck: false } },
    { what: "a pod without probes", input: "kubernetes", settings: {} },
    {
      what: "an image's, which Kubernetes does not use",
      input: "kubernetes",
      settings: {},
      image: { repoDigests: [], hasHealthcheck: true },
    },
    { what: "a running container", input: "engine", settings: {}, state: { status: "running", health: "none" } },
  ],
  silent: [
    { what: "one of its own", settings: { healthcheck: { value: true } } },
    { what: "the image's", settings: {}, image: { repoDigests: [], hasHealthcheck: true } },
    { what: "the image is not known", settings: {} },
    { what: "a job", input: "kubernetes", workload: "CronJob shop/backup", settings: {} },
    { what: "an init container", input: "kubernetes", role: "init", settings: {} },
  ],
};
