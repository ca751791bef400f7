import { createHash } from "node:crypto";
import { buffer, text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { Bench } from "./bench.ts";

export function streamContract(bench: Bench): void {
  test("stdout and stderr come apart, from the first byte on", async () => {
    const result = await bench.run("echo out; echo err >&2; echo out2");
    expect(result).toEqual({ exitCode: 0, stdout: "out\nout2\n", stderr: "err\n" });
  });

  test("stdin reaches the process, and its end does too", async () => {
    const options = { workload: { command: ["sh", "-c", "cat; echo done"], openStdin: true } };
    await bench.with(options, async (container) => {
      const attached = await container.attach({ stdin: true, tty: false });
      const output = text(attached.stdout);
      attached.stderr.resume();
      await container.start();
      attached.stdin.write("one\n");
      attached.stdin.end("two\n");
      expect(await container.wait()).toBe(0);
      expect(await output).toBe("one\ntwo\ndone\n");
      await attached.closed;
    });
  });

  test("16 MiB of binary data pass in both directions unharmed", async () => {
    const data = Buffer.alloc(16 * 2 ** 20);
    for (let at = 0; at < data.length; at += 4) data.writeUInt32LE((at * 2654435761) >>> 0, at);
    await bench.with({ workload: { command: ["cat"], openStdin: true } }, async (container) => {
      const attached = await container.attach({ stdin: true, tty: false });
      const output = buffer(attached.stdout);
      attached.stderr.resume();
      await container.start();
      attached.stdin.end(data);
      const received = await output;
      expect(createHash("sha256").update(received).digest("hex")).toBe(createHash("sha256").update(data).digest("hex"));
    });
  });

  test("a terminal is one, has the size it was given and one stream", async () => {
    const script = "read line; [ -t 0 ] && echo terminal; stty size; echo error >&2";
    await bench.with({ workload: { command: ["sh", "-c", script], tty: true, openStdin: true } }, async (container) => {
      const attached = await container.attach({ stdin: true, tty: true });
      const output = Promise.all([text(attached.stdout), text(attached.stderr)]);
      await container.start();
      await container.resize(123, 45);
      attached.stdin.write("go\n");
      expect(await container.wait()).toBe(0);
      expect(await output).toEqual(["go\r\nterminal\r\n45 123\r\nerror\r\n", ""]);
    });
  });

  test("the log has the last lines, of both streams", async () => {
    await bench.with(
      { workload: { command: ["sh", "-c", "for i in 1 2 3 4; do echo $i; done"] } },
      async (container) => {
        await container.start();
        await container.wait();
        expect(await container.logs(2)).toBe("3\n4\n");
      },
    );
    await bench.with({ workload: { command: ["sh", "-c", "echo out; echo err >&2"] } }, async (container) => {
      await container.start();
      await container.wait();
      expect((await container.logs(10)).split("\n").toSorted()).toEqual(["", "err", "out"]);
    });
  });

  test("a container that was never started has an empty log", async () => {
    await bench.with({}, async (container) => expect(await container.logs(10)).toBe(""));
  });

  describe("exec", () => {
    test("gives the exit code and both outputs", async () => {
      await bench.started("sleep 1000", {}, async (container) => {
        const result = await container.exec(["sh", "-c", "echo out; echo err >&2; exit 42"]);
        expect(result).toEqual({ exitCode: 42, stdout: "out\n", stderr: "err\n" });
      });
    });

    test("runs as the user and with the environment that it is given", async () => {
      await bench.started("sleep 1000", { workload: { env: ["A=container"] } }, async (container) => {
        const options = { user: "1234:1235", env: ["B=exec"] };
        const { stdout } = await container.exec(["sh", "-c", "echo $(id -u) $(id -g) $A $B"], options);
        expect(stdout).toBe("1234 1235 container exec\n");
      });
    });

    test("a command that is not there has code 126 or 127", async () => {
      await bench.started("sleep 1000", {}, async (container) => {
        const { exitCode, stdout, stderr } = await container.exec(["no-such-program"]);
        expect([126, 127]).toContain(exitCode);
        expect(stdout + stderr).toContain("no-such-program");
      });
    });

    test("one that takes too long ends with 124, what it wrote is kept, and it runs no more", async () => {
      await bench.started("sleep 1000", {}, async (container) => {
        const command = ["sh", "-c", "echo begun; sleep 7777 & sleep 7777"];
        const result = await container.exec(command, { timeoutMs: 500 });
        expect(result).toMatchObject({ exitCode: 124, stdout: "begun\n" });
        const { stdout } = await container.exec(["ps"]);
        expect(stdout).toContain("sleep 1000");
        expect(stdout.includes("7777")).toBe(!bench.engine.info.local);
      });
    });

    test("in a container that has ended it is refused", async () => {
      await bench.started("exit 0", {}, async (container) => {
        await container.wait();
        await expect(container.exec(["true"])).rejects.toMatchObject({ code: "E_ENGINE_API" });
      });
    });

    test("many at once keep apart", async () => {
      await bench.started("sleep 1000", {}, async (container) => {
        const results = await Promise.all(
          Array.from({ length: 8 }, (_item, index) => container.exec(["sh", "-c", `echo ${index}; exit ${index}`])),
        );
        expect(results.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual(
          Array.from({ length: 8 }, (_item, index) => [index, `${index}\n`]),
        );
      });
    });
  });
}
