import * as realFs from "node:fs";
import { rmSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { apply } from "./apply.ts";
import { installPlan } from "./install-plan.ts";
import { factsOf, fakeHost, snapshot } from "./testing.ts";
import { undo } from "./undo.ts";

/** The process ends before this call that changes something, and does nothing more. */
const death = vi.hoisted(() => ({ after: Number.POSITIVE_INFINITY, calls: 0 }));

vi.mock(import("node:fs"), async (original) => {
  const fs = await original();
  const changing =
    "mkdirSync openSync writeSync fchownSync fchmodSync renameSync rmSync rmdirSync unlinkSync symlinkSync".split(" ");
  const wrapped = changing.map((name) => {
    const call = fs[name as keyof typeof fs] as (...args: readonly unknown[]) => unknown;
    const mortal = (...args: readonly unknown[]): unknown => {
      if (++death.calls > death.after) throw new Error("killed");
      // Half of what is written may be there.
      if (name === "writeSync" && death.calls === death.after)
        return call(args[0], (args[1] as Buffer).subarray(0, (args[1] as Buffer).length >> 1), 0);
      return call(...args);
    };
    return [name, mortal];
  });
  return { ...fs, ...Object.fromEntries(wrapped) } as typeof fs;
});

const roots: string[] = [];
afterEach(() => {
  alive();
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

function alive(): void {
  death.after = Number.POSITIVE_INFINITY;
}
/** Calls that `act` made; with `after` it dies when it has made so many. */
function dying(act: () => unknown, after = Number.POSITIVE_INFINITY): number {
  death.calls = 0;
  death.after = after;
  try {
    act();
  } catch (error) {
    if (!(error instanceof Error) || error.message !== "killed") throw error;
  } finally {
    alive();
  }
  return death.calls;
}

const WAYS = { docker: true, authz: false, podman: false, strict: true, policy: "/etc/petrify/policy.yaml" };

function host(): {
  readonly root: string;
  readonly before: Readonly<Record<string, string>>;
  readonly install: () => void;
} {
  const root = fakeHost();
  roots.push(root);
  const plan = installPlan(factsOf(root), WAYS);
  return { root, before: snapshot(root), install: () => void apply(plan, root) };
}

test("an installation that is killed before any of its calls is undone byte for byte", () => {
  const all = dying(host().install);
  expect(all).toBeGreaterThan(40);
  for (let after = 0; after < all; after++) {
    const { root, before, install } = host();
    dying(install, after);
    undo(root);
    expect(snapshot(root), `killed after ${after} calls`).toEqual(before);
  }
});

test("one that is killed can be done again, and be undone then", () => {
  const { root: whole, install: installWhole } = host();
  installWhole();
  const wanted = Object.entries(snapshot(whole)).filter(
    ([path]) => path.startsWith("/etc/docker") || path.includes("systemd"),
  );
  const all = dying(host().install);
  for (let after = 0; after < all; after += 3) {
    const { root, before, install } = host();
    dying(install, after);
    install();
    expect(snapshot(root), `killed after ${after} calls`).toMatchObject(Object.fromEntries(wanted));
    undo(root);
    expect(snapshot(root), `killed after ${after} calls`).toEqual(before);
  }
});

test("a removal that is killed before any of its calls is finished by the next", () => {
  const counted = host();
  counted.install();
  const all = dying(() => undo(counted.root));
  for (let after = 0; after < all; after++) {
    const { root, before, install } = host();
    install();
    dying(() => undo(root), after);
    undo(root);
    expect(snapshot(root), `killed after ${after} calls`).toEqual(before);
  }
});

test("what dies here is the file system that the product uses", () => {
  expect(dying(() => realFs.mkdirSync("/nowhere/at/all"), 0)).toBe(1);
});
