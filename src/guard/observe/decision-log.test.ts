import { expect, test } from "vitest";
import { type GuardRequest, NOTHING_ASKED } from "../../policy/request.ts";
import { DecisionLog } from "./decision-log.ts";
import { Metrics } from "./metrics.ts";
import type { Decided } from "./observer.ts";

const request: GuardRequest = {
  action: "create",
  container: {
    ...NOTHING_ASKED,
    name: 'x"}\n{"event.action":"forged',
    labels: { secret: "label" },
    imageReference: "shop:1",
    env: ["PASSWORD=hunter2"],
    command: ["--token=hunter3"],
  },
};
const decided: Decided = {
  atMs: Date.UTC(2026, 0, 2),
  policy: "default",
  mode: "enforce",
  method: "POST",
  route: "POST containers/create",
  caller: { uid: 1000, pid: 42 },
  verdict: "patch",
  rules: ["patched"],
  changes: [
    { kind: "readOnlyRoot" },
    { kind: "volume", path: "/data", name: "db" },
    { kind: "env", name: "TOKEN", value: "hunter3" },
    { kind: "logDriver", driver: "splunk", options: { "splunk-token": "hunter4" } },
  ],
  request,
  durationMs: 1.5,
};

test("one line of JSON per decision, without secrets, and with nothing that looks like another line", () => {
  const lines: string[] = [];
  new DecisionLog({ write: (line) => void lines.push(line) }, "docker-socket").decided(decided);
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain("\n");
  expect(lines[0]).not.toMatch(/hunter|label/);
  expect(JSON.parse(lines[0] ?? "")).toEqual({
    "@timestamp": "2026-01-02T00:00:00.000Z",
    "event.action": "decision",
    "petrify.point": "docker-socket",
    "event.outcome": "patch",
    "event.duration": 1_500_000,
    "petrify.policy": "default",
    "petrify.mode": "enforce",
    "http.request.method": "POST",
    "http.route": "POST containers/create",
    "petrify.action": "create",
    "petrify.rules": ["patched"],
    "petrify.changes": ["readOnlyRoot", "volume /data", "env TOKEN", "logDriver"],
    "user.id": 1000,
    "process.pid": 42,
    "container.name": 'x"}\n{"event.action":"forged',
    "container.image.name": "shop:1",
  });
});

test("metrics count by verdict, action and rule", () => {
  const metrics = new Metrics();
  metrics.decided(decided);
  metrics.decided({ ...decided, verdict: "deny", rules: ["mount-over-code", "read-only-root"] });
  metrics.decided({ ...decided, verdict: "error", rules: ["engine-unanswered"] });
  metrics.reloaded("failed");
  metrics.gauge("open_connections", "x", () => 3);
  metrics.gauge("next_exemption_expiry_timestamp_seconds", "x", () => undefined);
  const text = metrics.text();
  for (const line of [
    'petrify_guard_decisions_total{verdict="patch",action="create",mode="enforce"} 1',
    'petrify_guard_decisions_total{verdict="deny",action="create",mode="enforce"} 1',
    'petrify_guard_rules_total{verdict="deny",rule="mount-over-code"} 1',
    "petrify_guard_upstream_errors_total 1",
    'petrify_guard_policy_reloads_total{outcome="failed"} 1',
    'petrify_guard_decision_duration_seconds_bucket{le="0.001"} 0',
    'petrify_guard_decision_duration_seconds_bucket{le="0.0025"} 3',
    'petrify_guard_decision_duration_seconds_bucket{le="+Inf"} 3',
    "petrify_guard_decision_duration_seconds_count 3",
    "petrify_guard_open_connections 3",
  ])
    expect(text.split("\n")).toContain(line);
  expect(text).not.toContain("next_exemption");
  // The text form: each series has its help and type, each line is a comment or a sample.
  for (const line of text.trimEnd().split("\n"))
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{[^{}]*\})? [\d.e+-]+)$/);
});
