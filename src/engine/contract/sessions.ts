import { expect, test } from "vitest";
import { newSessionId } from "../sessions.ts";
import type { Bench } from "./bench.ts";

export function sessionContract(bench: Bench): void {
  test("removing a session takes its containers and volumes, running or not, and nothing of another one or of the user", async () => {
    const session = newSessionId();
    const [own, users] = [`${bench.name()}-own`, `${bench.name()}-user`];
    await bench.engine.createVolume(own, { session });
    await bench.engine.createVolume(users);
    const running = await bench.engine.createContainer(
      bench.spec({
        session,
        workload: { command: ["sleep", "1000"] },
        volumes: [
          { name: own, target: "/own", readOnly: false },
          { name: users, target: "/users", readOnly: false },
        ],
      }),
    );
    await running.start();
    await running.exec(["sh", "-c", "echo kept > /users/file; echo lost > /own/file"]);
    const created = await bench.engine.createContainer(bench.spec({ session }));
    const other = await bench.engine.createContainer(bench.spec());

    const listed = (await bench.engine.listSessions()).find((each) => each.session === session);
    expect(listed?.containers.toSorted()).toEqual([running.name, created.name].toSorted());
    expect(listed?.volumes).toEqual([own]);

    await bench.engine.removeSession(session);
    await bench.engine.removeSession(session);
    expect((await bench.engine.listSessions()).map((each) => each.session)).not.toContain(session);
    await expect(running.state()).rejects.toThrow(/no such container/i);
    expect(await other.state()).toMatchObject({ status: "created" });
    const { stdout } = await bench.run("cat /users/file /own/file", {
      volumes: [
        { name: own, target: "/own", readOnly: false },
        { name: users, target: "/users", readOnly: false },
      ],
    });
    expect(stdout).toBe("kept\n");
    await other.remove();
    await bench.engine.removeVolume(own);
    await bench.engine.removeVolume(users);
  });

  test("what is being created while its session is removed is removed too", async () => {
    const session = newSessionId();
    const creating = [1, 2, 3].map(() => bench.engine.createContainer(bench.spec({ session })));
    await bench.engine.removeSession(session);
    for (const container of await Promise.all(creating)) {
      await expect(container.state()).rejects.toThrow(/no such container/i);
    }
    expect((await bench.engine.listSessions()).map((each) => each.session)).not.toContain(session);
  });

  test("a container without a session belongs to no session", async () => {
    await bench.with({ session: "" }, async (container) => {
      const all = (await bench.engine.listSessions()).flatMap(({ containers }) => containers);
      expect(all).not.toContain(container.name);
    });
  });
}
