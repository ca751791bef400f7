import { expect, test } from "vitest";
import type { ContainerHandle } from "../engine.ts";
import { type Bench, eventually } from "./bench.ts";

const SERVER = "mkdir /www; echo $WORD > /www/index.html; exec httpd -f -p $PORT -h /www";

export function networkContract(bench: Bench): void {
  const answer = (container: ContainerHandle, port: number): Promise<string> =>
    eventually(async () => {
      const address = await bench.engine.reach(container, port, "tcp");
      return bench.subject.httpGet(address.host, address.port).catch(() => undefined);
    });

  test("a port that is not published is reached", async () => {
    await bench.started(SERVER, { workload: { env: ["WORD=bridge", "PORT=8080"] } }, async (container) => {
      expect(await answer(container, 8080)).toBe("bridge\n");
      expect((await container.state()).ipAddress).toMatch(/^\d+(\.\d+){3}$/);
    });
  });

  test("a port of a container in the host's network is reached", async ({ skip }) => {
    bench.need("host network", skip);
    const workload = { network: "host", env: ["WORD=host", "PORT=18731"] };
    await bench.started(SERVER, { workload }, async (container) => {
      expect(await answer(container, 18731)).toBe("host\n");
    });
  });

  test("published ports are published when asked for, and only then", async () => {
    const ports = [{ hostIp: "127.0.0.1", hostPort: 18732, containerPort: 80, protocol: "tcp" }] as const;
    const workload = { ports, env: ["WORD=published", "PORT=80"] };
    await bench.started(SERVER, { workload, publishPorts: true }, async (container) => {
      await answer(container, 80);
      // The port is taken: only a second one that publishes meets it.
      await bench.started("sleep 1000", { workload }, async (second) => {
        expect((await second.state()).status).toBe("running");
      });
      await expect(
        bench.started("sleep 1000", { workload, publishPorts: true }, async () => undefined),
      ).rejects.toMatchObject({
        code: "E_PORT",
        hint: expect.stringContaining("port") as string,
      });
    });
  });

  test("a container without a network is not reached, and it is said why", async () => {
    await bench.started("sleep 1000", { workload: { network: "none" } }, async (container) => {
      await expect(bench.engine.reach(container, 80, "tcp")).rejects.toMatchObject({
        code: "E_PORT",
        hint: expect.stringContaining("network") as string,
      });
    });
  });
}
