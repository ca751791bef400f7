import { expect, test } from "vitest";
import type { ContainerEvent, Engine, FoundContainer } from "../../engine/engine.ts";
import type { FileTree } from "../../model/image.ts";
import { NO_SETTINGS } from "../../model/workload.ts";
import { SILENT, type Session } from "../session.ts";
import { Observation } from "./observation.ts";

// What a real engine does only when it is slower than its containers; the real tests are test/e2e/during.real.test.ts and
// podman-observe.real.test.ts.

const EMPTY: FileTree = { entry: () => undefined, children: () => [] };
const ENDED: FoundContainer = {
  id: "a",
  name: "app",
  imageId: "sha256:1",
  settings: { ...NO_SETTINGS, image: "app:1" },
  labels: {},
  session: "",
  isInfrastructure: false,
  readOnlyRoot: false,
  autoRemove: false,
  state: { status: "exited", pid: 0, exitCode: 0, oomKilled: false, error: "", health: "none", ipAddress: "" },
};

interface Stage {
  readonly session: Session;
  /** Containers that the sensor still observes. */
  readonly armed: ReadonlySet<string>;
  readonly tell: (event: ContainerEvent) => void;
}

function stage(find: () => Promise<FoundContainer>): Stage {
  const armed = new Set<string>();
  const listeners: ((event: ContainerEvent) => void)[] = [];
  const engine = {
    find,
    image: async () => ({ exposedPorts: [] }),
    tree: async () => EMPTY,
    changes: async () => ({ changes: [], unread: [] }),
    watch: async (onEvent: (event: ContainerEvent) => void) => {
      listeners.push(onEvent);
      return { flush: async () => undefined, [Symbol.dispose]: () => undefined };
    },
  } as unknown as Engine;
  const session = {
    engine,
    progress: SILENT,
    defer: () => undefined,
    openSensor: async () => undefined,
    flush: async () => undefined,
    imageTree: async () => EMPTY,
    observe: async ({ id }: { readonly id: string }) => {
      armed.add(id);
      return { wasRunning: false };
    },
    unobserve: async (id: string) => {
      armed.delete(id);
      return { incomplete: [], notes: [] };
    },
  } as unknown as Session;
  return { session, armed, tell: (event) => listeners.forEach((listener) => listener(event)) };
}

test("a start and an end that are told after the container was taken up are no restart", async () => {
  const { session, armed, tell } = stage(async () => ENDED);
  await using observation = await Observation.open(session, { wants: () => true });
  tell({ action: "create", id: "a" });
  tell({ action: "start", id: "a" });
  tell({ action: "die", id: "a", exitCode: 0 });
  const [run] = await observation.finish();
  expect(run).toMatchObject({ phases: [], seen: { start: false, restart: false } });
  expect([...armed]).toEqual([]);
});

test("the start of a container that was there before is no restart either, and what it left counts as its past", async () => {
  const { session, armed, tell } = stage(async () => ENDED);
  await using observation = await Observation.open(session, { wants: () => true });
  tell({ action: "start", id: "a" });
  tell({ action: "die", id: "a", exitCode: 0 });
  const [run] = await observation.finish();
  expect(run).toMatchObject({ found: { name: "app" }, phases: [], seen: { start: false, restart: false } });
  expect([...armed]).toEqual([]);
});

test("a container that had ended before it was armed, which a busy engine still calls created, was not seen to start", async () => {
  const { session, tell } = stage(async () => ({ ...ENDED, state: { ...ENDED.state, status: "created" } }));
  await using observation = await Observation.open(session, { wants: () => true });
  tell({ action: "create", id: "a" });
  tell({ action: "start", id: "a" });
  tell({ action: "die", id: "a", exitCode: 0 });
  const [run] = await observation.finish();
  expect(run).toMatchObject({ phases: [{ phase: "first" }], seen: { start: false, restart: false } });
});

test("the start of a container that nobody asked for is none of its business", async () => {
  const { session, armed, tell } = stage(async () => ENDED);
  await using observation = await Observation.open(session, { wants: () => false });
  tell({ action: "start", id: "a" });
  expect(await observation.finish()).toEqual([]);
  expect([...armed]).toEqual([]);
});

test("a container that the engine fails to tell of is observed no more", async () => {
  const { session, armed, tell } = stage(async () => {
    throw new Error("broken");
  });
  await using observation = await Observation.open(session, { wants: () => true });
  tell({ action: "create", id: "a" });
  await expect(observation.finish()).rejects.toThrow("broken");
  expect([...armed]).toEqual([]);
});
