import * as fc from "fast-check";
import { expect, test } from "vitest";
import { applyChanges } from "./apply.ts";
import type { Policy } from "../model/policy.ts";
import { decide } from "./decide.ts";
import type { GuardRequest } from "./request.ts";
import { anyCircumstances, anyContainer, anyExemption, anyPolicy, anyRequest } from "./testing/arbitrary.ts";
import { bindMount, NOW_MS, volumeMount } from "./testing/samples.ts";

const RUNS = { numRuns: 3000 };

test("a request with all changes made is allowed, also when the container is started then", () => {
  let patched = 0;
  const property = fc.property(anyContainer, anyPolicy, anyCircumstances, (container, policy, circumstances) => {
    const decision = decide({ action: "create", container }, policy, circumstances);
    if (decision.verdict !== "patch") return;
    patched++;
    const made = applyChanges(container, decision.changes);
    expect(decide({ action: "create", container: made }, policy, circumstances).verdict).toBe("allow");
    const start = { action: "start", container: made, createdMs: NOW_MS } as const;
    expect(decide(start, policy, circumstances).verdict).toBe("allow");
  });
  fc.assert(property, RUNS);
  expect(patched).toBeGreaterThan(RUNS.numRuns / 20);
});

test("what is allowed or changed by nobody's exemption has a read-only root", () => {
  fc.assert(
    fc.property(anyRequest, anyPolicy, anyCircumstances, (request, policy, circumstances) => {
      const decision = decide(request, policy, circumstances);
      if (decision.verdict === "deny" || decision.exemption !== undefined || !("container" in request)) return;
      if (request.action !== "create" && request.action !== "start") return;
      if (decision.notes.some(({ rule }) => rule === "privileged-exempt" || rule === "grandfathered")) return;
      const changes = decision.verdict === "patch" ? decision.changes : [];
      expect(applyChanges(request.container, changes).readOnlyRoot).toBe(true);
    }),
    RUNS,
  );
});

test("the same request is judged the same, and only a creation is ever changed", () => {
  fc.assert(
    fc.property(anyRequest, anyPolicy, anyCircumstances, (request, policy, circumstances) => {
      const decision = decide(request, policy, circumstances);
      expect(decide(request, policy, circumstances)).toEqual(decision);
      const isChanged = decision.verdict === "patch";
      expect(!isChanged || (request.action === "create" && decision.changes.length > 0)).toBe(true);
      const isRefused = decision.verdict === "deny";
      expect(!isRefused || decision.reasons.some(({ rule }) => rule !== "expired-exemption")).toBe(true);
    }),
    RUNS,
  );
});

test("asking for more never helps: what was refused stays refused", () => {
  const more = [
    { mounts: [bindMount("/etc"), volumeMount("/usr"), volumeMount("/srv/data")] },
    { capAdd: ["SYS_ADMIN"] },
    { devices: [{ hostPath: "/dev/sda", containerPath: "/dev/x", permissions: "rwm" }] },
    { volumesFrom: ["more"] },
    { securityOptions: ["systempaths=unconfined"] },
    { unknownFields: ["HostConfig.More"] },
  ];
  const property = fc.property(
    anyContainer,
    anyPolicy,
    anyCircumstances,
    fc.constantFrom(...more),
    (container, policy, circumstances, added) => {
      const verdict = (asked: typeof container) =>
        decide({ action: "create", container: asked }, policy, { ...circumstances, strategies: [] }).verdict;
      if (verdict(container) !== "deny") return;
      const lists = Object.entries(added).map(([field, values]) => [
        field,
        [...(container[field as keyof typeof added] as readonly unknown[]), ...(values as readonly unknown[])],
      ]);
      expect(verdict({ ...container, ...Object.fromEntries(lists) })).toBe("deny");
    },
  );
  fc.assert(property, RUNS);
});

test("no exemption by label, name or tag is worth anything against a hostile client", () => {
  const byClient = anyExemption.filter(({ who: { by } }) => by === "label" || by === "name" || by === "tag");
  fc.assert(
    fc.property(anyRequest, anyPolicy, fc.array(byClient), anyCircumstances, (request, base, exemptions, now) => {
      const hostile = { ...base, trust: "hostile" } as const;
      // The way to allow it is written for a file that has exemptions, or for one that has none.
      const said = (policy: Policy) =>
        JSON.stringify(decide(request, policy, now), (key, value: unknown) => (key === "remedy" ? "" : value));
      expect(said({ ...hostile, exemptions })).toBe(said({ ...hostile, exemptions: [] }));
    }),
    RUNS,
  );
});

test("what a client wrote reaches a terminal as one line that steers nothing", () => {
  const nasty = "a\u001B]0;x\u0007\n\u202e";
  const requests: readonly GuardRequest[] = [
    { action: "unknown", what: nasty },
    { action: "engineChange", what: nasty },
  ];
  const hostileText = fc.record({ imageReference: fc.constant(nasty), runtime: fc.constant(nasty) });
  const property = fc.property(anyContainer, hostileText, anyPolicy, anyCircumstances, (base, said, policy, now) => {
    const container = {
      ...base,
      ...said,
      mounts: [bindMount(`/etc/${nasty}`, `/usr/${nasty}`), volumeMount("/x", { driver: nasty })],
      volumesFrom: [nasty],
      unknownFields: [nasty],
      deviceRules: [nasty],
    };
    for (const request of [...requests, { action: "create", container } as const]) {
      const decision = decide(request, policy, now);
      const told = decision.verdict === "deny" ? decision.reasons : decision.notes;
      for (const { sentence, remedy } of told) expect(`${sentence}${remedy}`).not.toMatch(/[\p{Cc}\u202e]/u);
    }
  });
  fc.assert(property, { numRuns: 300 });
});
