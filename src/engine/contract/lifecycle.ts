import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { busyboxRoot } from "../../../test/support/test-image.ts";
import { type Bench, eventually } from "./bench.ts";

const HANGS = "trap '' TERM; echo ready; while :; do sleep 1; done";

export function lifecycleContract(bench: Bench): void {
  test.each([0, 7, 255])("exit code %i comes back", async (code) => {
    expect((await bench.run(`exit ${code}`)).exitCode).toBe(code);
  });

  test("a container that was created and not started does not run", async () => {
    await bench.with({}, async (container) => {
      expect(await container.state()).toMatchObject({ status: "created", pid: 0, health: "none", oomKilled: false });
    });
  });

  test("states follow the process; the pid is one of this host", async () => {
    await bench.started("sleep 1000", {}, async (container) => {
      const { status, pid } = await container.state();
      expect(status).toBe("running");
      expect(existsSync(`/proc/${pid}`)).toBe(bench.engine.info.local);
      await container.signal("SIGKILL");
      expect(await container.wait()).toBe(137);
      expect(await container.state()).toMatchObject({ status: "exited", exitCode: 137, pid: 0 });
    });
  });

  test("a container that removes itself leaves its exit code", async () => {
    const container = await bench.engine.createContainer(
      bench.spec({ autoRemove: true, workload: { command: ["sh", "-c", "exit 9"] } }),
    );
    await container.start();
    await eventually(async () => ((await isGone(container.state())) ? true : undefined));
    expect(await container.wait()).toBe(9);
    await container.remove();
  });

  test("whoever waits before the start gets the exit code of the run, or the start's failure", async () => {
    await bench.with({ workload: { command: ["sh", "-c", "exit 8"] } }, async (container) => {
      const waiting = container.wait();
      await container.start();
      expect(await waiting).toBe(8);
      expect(await container.wait()).toBe(8);
    });
    await bench.with({ workload: { command: ["no-such-program"] } }, async (container) => {
      const waiting = container.wait();
      await expect(container.start()).rejects.toMatchObject({ code: "E_CONTAINER_START" });
      await expect(waiting).rejects.toMatchObject({ code: "E_CONTAINER_START" });
    });
  });

  test("a signal for a process that has ended is no error", async () => {
    await bench.started("exit 0", {}, async (container) => {
      await container.wait();
      await expect(container.signal("SIGTERM")).resolves.toBeUndefined();
    });
  });

  test("a stopped container can be started again, and its second exit code is seen", async () => {
    await bench.with(
      { workload: { command: ["sh", "-c", "[ -e /was ] && exit 5; touch /was; exit 4"] } },
      async (container) => {
        await container.start();
        expect(await container.wait()).toBe(4);
        await container.start();
        expect(await container.wait()).toBe(5);
      },
    );
  });

  test("stop lets the process end by itself", async () => {
    await bench.started("trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done", {}, async (container) => {
      await ready(container);
      await container.stop(20);
      expect(await container.wait()).toBe(3);
      await container.stop(20);
    });
  });

  test("stop kills a process that ignores the signal, after the time it was given", async () => {
    await bench.started(HANGS, {}, async (container) => {
      await ready(container);
      await container.stop(1);
      expect(await container.wait()).toBe(137);
    });
  });

  test("stop sends the workload's own signal", async () => {
    const workload = { stopSignal: "SIGUSR1" };
    await bench.started(
      "trap 'exit 6' USR1; echo ready; while :; do sleep 0.05; done",
      { workload },
      async (container) => {
        await ready(container);
        await container.stop(20);
        expect(await container.wait()).toBe(6);
      },
    );
  });

  test("remove takes a running container away, and is content when it is gone", async () => {
    await bench.started(HANGS, {}, async (container) => {
      await container.remove();
      await container.remove();
      expect(await isGone(container.state())).toBe(true);
    });
  });

  test("a memory limit that is broken shows", async ({ skip }) => {
    bench.need("reason of a kill", skip);
    const workload = { memoryBytes: 16 * 2 ** 20 };
    const isTold = (): Promise<boolean> =>
      bench.started("exec dd if=/dev/zero of=/dev/null bs=200M", { workload }, async (container) => {
        expect(await container.wait()).toBe(137);
        return (await container.state()).oomKilled;
      });
    // containerd tells of the kill and of the exit in either order, and dockerd takes note of a kill that comes first.
    expect((await isTold()) || (await isTold()) || (await isTold())).toBe(true);
  });

  test("a health check's answer is seen", async ({ skip }) => {
    bench.need("health checks", skip);
    const root = busyboxRoot(bench.subject.busybox);
    const changes = ["HEALTHCHECK --interval=100ms --timeout=5s --retries=1 CMD test -e /ok"];
    await bench.engine.importImage(root.tar, { reference: "petrify-contract/health:1", changes });
    root.remove();
    await bench.started("sleep 1000", { workload: { image: "petrify-contract/health:1" } }, async (container) => {
      const becomes = (health: string): Promise<string> =>
        eventually(async () => ((await container.state()).health === health ? health : undefined));
      expect(await becomes("unhealthy")).toBe("unhealthy");
      await container.exec(["touch", "/ok"]);
      expect(await becomes("healthy")).toBe("healthy");
    });
    await bench.engine.removeImage("petrify-contract/health:1");
  });

  test.each([
    [
      "a command that is not in the image",
      { workload: { command: ["no-such-program"] } },
      /no-such-program/,
      /not in the image/,
    ],
    ["a file that is no program", { workload: { command: ["/seed/file"] } }, /permission denied/i, /not executable/],
    [
      "a directory that is not on the host",
      { binds: [{ source: "/petrify-contract-absent/x", target: "/x", readOnly: true }] },
      /\/petrify-contract-absent\/x/,
      /Make the directory/,
    ],
    [
      "a network that does not exist",
      { workload: { network: "nope" } },
      /network.* nope.* not found/,
      /network create/,
    ],
  ])("%s is said, with a way out", async (_what, options, message, hint) => {
    const failure = bench.with(options, (container) => container.start());
    await expect(failure).rejects.toMatchObject({
      code: "E_CONTAINER_START",
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(hint) as string,
    });
  });

  test("a runtime that the engine has not is refused, whether it has one for all or one for each container", async () => {
    const failure = bench.with({ workload: { runtime: "nope" } }, (container) => container.start());
    await expect(failure).rejects.toMatchObject({
      code: expect.stringMatching(/^E_CONTAINER_START|E_ENGINE_UNSUPPORTED$/) as string,
      message: expect.stringContaining("nope") as string,
      hint: expect.stringMatching(/runtime/) as string,
    });
  });

  test("whoever attaches before a start that fails is told as by the start", async () => {
    await bench.with({ workload: { command: ["no-such-program"] } }, async (container) => {
      const starting = async (): Promise<void> => {
        await container.attach({ stdin: false, tty: false });
        await container.start();
      };
      await expect(starting()).rejects.toMatchObject({
        code: "E_CONTAINER_START",
        hint: expect.stringContaining("not in the image") as string,
      });
    });
  });

  test("a name that is taken is said", async () => {
    await bench.with({ name: "contract-taken" }, async () => {
      await expect(bench.with({ name: "contract-taken" }, async () => undefined)).rejects.toMatchObject({
        code: "E_CONTAINER_START",
        hint: expect.stringContaining("name") as string,
      });
    });
  });

  test("an image that the engine does not have is said", async () => {
    await expect(
      bench.with({ workload: { image: "petrify-contract/none:1" } }, async () => undefined),
    ).rejects.toMatchObject({
      code: "E_IMAGE_NOT_FOUND",
    });
  });
}

async function ready(container: { logs(tailLines: number): Promise<string> }): Promise<void> {
  await eventually(async () => ((await container.logs(10)).includes("ready") ? true : undefined));
}

function isGone(state: Promise<unknown>): Promise<boolean> {
  return state.then(
    () => false,
    (error: unknown) => /no such container/i.test(String(error)),
  );
}
