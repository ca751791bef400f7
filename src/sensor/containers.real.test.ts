import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isExecution, observe, summary } from "../../test/support/observe.ts";
import { busyboxPath, type PrivateEngine, startPrivateEngine } from "../../test/support/private-engine.ts";
import { TestContainers } from "../../test/support/test-containers.ts";
import { NO_LOSS, type WriteEvent } from "../model/event.ts";
import type { FileTree } from "../model/image.ts";
import { openSensor } from "./open-sensor.ts";

let engine: PrivateEngine;
let containers: TestContainers;
beforeAll(async () => {
  engine = await startPrivateEngine();
  containers = new TestContainers(engine.socketPath);
  await containers.importBusybox(await busyboxPath());
});
afterAll(async () => {
  await containers.remove();
  await engine.stop();
});

const EXEC_TOUCH = { operation: "exec", syscall: "execve", result: 0, path: "/bin/busybox", type: "file" };
/** Asked for what can no longer be looked at when the container has ended before its events are read. */
const EMPTY_TREE: FileTree = { entry: () => undefined, children: () => [] };
const RUNTIMES = ["runc", "crun"];

describe.each(RUNTIMES)("%s", (runtime) => {
  test("one-shot containers are seen from their first instruction to their last, and nothing of the runtime is", async () => {
    const events = new Map<string, WriteEvent[]>();
    await using sensor = await openSensor({
      onEvents: (batch) => {
        for (const event of batch) events.get(event.container)?.push(event);
      },
    });
    const ids: { id: string; readOnly: boolean }[] = [];
    for (let index = 0; index < 15; index++) {
      const readOnly = index % 2 === 1;
      const id = await containers.create(["touch", "/x"], { Runtime: runtime, ReadonlyRootfs: readOnly });
      ids.push({ id, readOnly });
      events.set(id, []);
      await sensor.arm({ id, tree: EMPTY_TREE });
      await containers.start(id);
    }
    for (const { id } of ids) await containers.wait(id);
    for (const { id } of ids) await sensor.disarm(id);
    const size = expect.any(Number);
    for (const { id, readOnly } of ids) {
      const seen = events.get(id) ?? [];
      const mount = { target: "/", fsType: "overlay", readOnly };
      expect(seen.map((event) => event.mount)).toEqual(seen.map(() => mount));
      // busybox's touch sets the times first, and creates what is not there.
      const absent = { operation: "utimes", syscall: "utimensat", result: "ENOENT", path: "/x" };
      const open = { operation: "open", syscall: "openat", path: "/x", wantsCreate: true };
      expect(seen.map((event) => summary(event, "/x-none"))).toEqual([
        { ...EXEC_TOUCH, sizeBytes: size },
        absent,
        readOnly
          ? { ...open, result: "EROFS", mode: 0o666 }
          : { ...open, result: 0, created: true, reads: true, mode: 0o644, type: "file", sizeBytes: 0 },
      ]);
      expect(new Set(seen.map((event) => event.process.exe))).toEqual(new Set(["/bin/touch"]));
    }
    expect(await sensor.loss()).toEqual(NO_LOSS);
  });

  test("of a docker exec only the program is seen, not the runtime that enters the container for it", async () => {
    const id = await containers.create(["sleep", "600"], { Runtime: runtime });
    const { events, loss } = await observe({ id }, async () => {
      await containers.start(id);
      await containers.exec(id, ["touch", "/y"]);
    });
    expect(events.map((event) => `${event.process.exe} ${event.operation} ${event.path}`)).toEqual([
      "/bin/sleep exec /bin/busybox",
      "/bin/touch exec /bin/busybox",
      "/bin/touch utimes /y",
      "/bin/touch open /y",
    ]);
    expect(loss).toEqual(NO_LOSS);
  });
});

test("a container that was armed while it runs gives the events of the processes it has, and of new ones", async () => {
  const id = await containers.create(["sh", "-c", "while :; do echo >/tick; sleep 0.05; done"]);
  await containers.start(id);
  const { events } = await observe({ id }, async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await containers.exec(id, ["mkdir", "/made"]);
  });
  const changes = events.filter((event) => !isExecution(event));
  expect(new Set(changes.map((event) => `${event.process.exe} ${event.operation} ${event.path}`))).toEqual(
    new Set(["/bin/busybox open /tick", "/bin/busybox write /tick", "/bin/mkdir mkdir /made"]),
  );
});
