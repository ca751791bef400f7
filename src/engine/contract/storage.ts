import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { busyboxRoot } from "../../../test/support/test-image.ts";
import type { PetrifyError } from "../../model/errors.ts";
import type { Bench, SpecOptions } from "./bench.ts";

export function storageContract(bench: Bench): void {
  test("a read-only root refuses writes as the kernel does, and tmpfs takes them", async () => {
    const script = "touch /new; echo x > /seed/file; mkdir /seed/dir; echo ok > /tmp/a && cat /tmp/a";
    const { stdout, stderr } = await bench.run(script, { readOnlyRoot: true, tmpfs: { "/tmp": "" } });
    expect(stdout).toBe("ok\n");
    expect(stderr.match(/Read-only file system/g)).toHaveLength(3);
  });

  test("a read-only root has nothing writable but what was asked for", async () => {
    const { stdout, stderr } = await bench.run(
      "for each in /tmp /run /var/tmp /etc /srv; do echo x > $each/new; done; ls /tmp",
      {
        readOnlyRoot: true,
        tmpfs: { "/srv": "" },
      },
    );
    expect(stderr.match(/Read-only file system/g)).toHaveLength(4);
    expect(stdout).toBe("");
  });

  describe("single paths read-only in a writable root", () => {
    test("a process gets EROFS there, and nowhere else: not in a mount below, not beside it", async ({ skip }) => {
      bench.need("read-only paths", skip);
      const script = `
        touch /seed/x; echo x >> /etc/passwd; echo x >> /absolute; mv /opaque/old /seed/
        touch /seed/sub/ok /etc/ok /new && mkdir /opaque/ok && ls /seed/sub
        echo 1 > /proc/sys/vm/overcommit_memory`;
      const { stdout, stderr } = await bench.run(script, {
        readOnlyPaths: ["/seed", "/etc/passwd", "/absolute"],
        volumes: [{ target: "/seed/sub", readOnly: false }],
      });
      expect(stdout).toBe("file\nok\n");
      for (const path of ["/seed/x", "/etc/passwd", "/absolute", "/proc/sys/vm/overcommit_memory"])
        expect(stderr).toMatch(new RegExp(`${path}: Read-only file system`));
      expect(stderr).toMatch(/mv: .*Read-only file system/);
    });

    test.for<readonly [string, SpecOptions, string]>([
      [
        "a path that the image lacks, which runtimes pass over",
        { readOnlyPaths: ["/seed", "/absent"] },
        "E_CONTAINER_START",
      ],
      [
        "a privileged container, of which the engine drops them",
        { readOnlyPaths: ["/seed"], workload: { privileged: true } },
        "E_ENGINE_UNSUPPORTED",
      ],
    ])("refused, and no container left: %s", async ([, options, code], { skip }) => {
      bench.need("read-only paths", skip);
      const name = bench.name();
      await expect(bench.with({ ...options, name }, async () => undefined)).rejects.toMatchObject({ code });
      await bench.with({ name }, async (container) => expect(container.name).toBe(name));
    });
  });

  describe("links", () => {
    test("are in a volume before the start, and stay after a restart, under a read-only root", async () => {
      const links = [
        { path: "/seed/log", target: "/dev/stdout" },
        { path: "/seed/err or", target: "/dev/stderr" },
      ];
      const workload = { command: ["sh", "-c", "echo written > /seed/log; readlink '/seed/err or'"] };
      const volumes = [{ target: "/seed", readOnly: false }];
      await bench.with({ workload, readOnlyRoot: true, volumes, links }, async (container) => {
        for (const run of [1, 2]) {
          await container.start();
          await container.wait();
          expect(await container.logs(100, "stdout")).toBe("written\n/dev/stderr\n".repeat(run));
          expect(await container.logs(100, "stderr")).toBe("");
        }
      });
    });

    test("take the place of the image's files in a writable root", async () => {
      const links = [{ path: "/seed/file", target: "/dev/stdout" }];
      const { stdout } = await bench.run("echo written > /seed/file", { links });
      expect(stdout).toBe("written\n");
    });

    test("that cannot be put are an error, and no container stays", async () => {
      const name = bench.name();
      const links = [{ path: "/missing/log", target: "/dev/stdout" }];
      await expect(bench.with({ name, links }, async () => undefined)).rejects.toMatchObject({
        code: "E_CONTAINER_START",
      });
      await bench.with({ name }, async (container) => expect(container.name).toBe(name));
    });
  });

  describe("tmpfs", () => {
    test("is empty, and is again after a restart, whoever owns it", async () => {
      const script = "ls /seed /var/lib/app; stat -c '%u' /seed /var/lib/app; touch /seed/new /var/lib/app/new";
      const tmpfs = { "/seed": "size=1m", "/var/lib/app": "size=1m,uid=1234,gid=1235" };
      const workload = { command: ["sh", "-c", script] };
      await bench.with({ workload, readOnlyRoot: true, tmpfs }, async (container) => {
        for (const run of [1, 2]) {
          await container.start();
          await container.wait();
          const lines = `/seed:\n\n/var/lib/app:\n0\n1234\n`;
          expect(await container.logs(100)).toBe(lines.repeat(run));
        }
        expect(await container.volumes()).toEqual([]);
      });
      const left = (await bench.engine.listSessions()).find(({ session }) => session === bench.session);
      expect(left?.volumes ?? []).toEqual([]);
    });

    test("has the mode, owner and size of its options", async () => {
      const script =
        "stat -c '%a %u %g' /mnt/t; grep ' /mnt/t ' /proc/mounts; dd if=/dev/zero of=/mnt/t/f bs=1k count=2000";
      const options = "mode=2750,uid=1234,gid=1235,size=1m";
      const { stdout, stderr } = await bench.run(script, { readOnlyRoot: true, tmpfs: { "/mnt/t": options } });
      expect(stdout).toContain("2750 1234 1235\n");
      expect(stdout).toMatch(/tmpfs \/mnt\/t tmpfs rw,[^ ]*size=1024k/);
      expect(stderr).toContain("No space left on device");
    });

    test.each([
      ["", /Permission denied/],
      ["exec", /^$/],
    ])("with options %j programs in it: %s", async (options, expected) => {
      const script = "cp /bin/busybox /mnt/t/true && /mnt/t/true";
      const { stderr } = await bench.run(script, { readOnlyRoot: true, tmpfs: { "/mnt/t": options } });
      expect(stderr).toMatch(expected);
    });

    test("of the workload is mounted; one of the run at the same path wins", async () => {
      const mounts = [
        { type: "tmpfs", target: "/mnt/user", readOnly: false, options: "size=1m" },
        { type: "tmpfs", target: "/mnt/both/", readOnly: false, options: "size=1m" },
      ] as const;
      const script = "df -k /mnt/user /mnt/both | awk 'NR>1{print $2}'";
      const { stdout } = await bench.run(script, { workload: { mounts }, tmpfs: { "/mnt/both": "size=2m" } });
      expect(stdout).toBe("1024\n2048\n");
    });

    test("wins over the image's own VOLUME", async () => {
      const root = busyboxRoot(bench.subject.busybox);
      await bench.engine.importImage(root.tar, { reference: "petrify-contract/volume:1", changes: ["VOLUME /data"] });
      root.remove();
      const { stdout } = await bench.run("grep -c ' /data tmpfs ' /proc/mounts", {
        workload: { image: "petrify-contract/volume:1" },
        readOnlyRoot: true,
        tmpfs: { "/data": "size=1m" },
      });
      expect(stdout).toBe("1\n");
      await bench.engine.removeImage("petrify-contract/volume:1");
    });
  });

  describe("volumes", () => {
    test("a new named volume starts with the image's content, owners and modes, unless told not to, and stays", async () => {
      const name = bench.name();
      expect(await bench.engine.hasVolume(name)).toBe(false);
      await bench.engine.createVolume(name, { session: bench.session });
      expect(await bench.engine.hasVolume(name)).toBe(true);
      const volumes = [{ name, target: "/seed", readOnly: false }];
      const first = await bench.run("stat -c '%n %a %u %g' /seed /seed/file; echo new > /seed/new", {
        readOnlyRoot: true,
        volumes,
      });
      expect(first.stdout).toBe("/seed 750 1234 1235\n/seed/file 640 1234 1235\n");
      const second = await bench.run("cat /seed/new /seed/sub/file", { readOnlyRoot: true, volumes });
      expect(second.stdout).toBe("new\ndeeper\n");
      const readOnly = await bench.run("touch /seed/x", { volumes: [{ name, target: "/seed", readOnly: true }] });
      expect(readOnly.stderr).toContain("Read-only file system");
      await bench.engine.removeVolume(name);
      await bench.engine.createVolume(name, { session: bench.session });
      const empty = [{ name, target: "/seed", readOnly: true, noCopy: true as const }];
      expect((await bench.run("ls /seed", { volumes: empty })).stdout).toBe("");
      const third = await bench.run("ls /seed", { volumes });
      expect(third.stdout).toBe("file\nsub\n");
      await bench.engine.removeVolume(name);
      await bench.engine.removeVolume(name);
    });

    test("a driver's options take effect", async () => {
      const name = bench.name();
      const driverOptions = { type: "tmpfs", device: "tmpfs", o: "size=5m,mode=0700" };
      const volumes = [{ name, target: "/mnt/v", readOnly: false, driver: "local", driverOptions }];
      const { stdout } = await bench.run("df -k /mnt/v | awk 'NR==2{print $2}'", { volumes });
      expect(stdout).toBe("5120\n");
      await bench.engine.removeVolume(name);
    });

    test("code in one can be run, unless that is forbidden, which Docker cannot", async () => {
      const script = "cp /bin/busybox /mnt/v/true && /mnt/v/true && echo ran";
      const run = async (more: { readonly noExec?: true }) =>
        await bench.run(script, { readOnlyRoot: true, volumes: [{ target: "/mnt/v", readOnly: false, ...more }] });
      expect(await run({})).toMatchObject({ stdout: "ran\n", stderr: "" });
      const { stdout, stderr } = await run({ noExec: true });
      expect([stdout, stderr].join("")).toMatch(bench.engine.info.kind === "podman" ? /Permission denied/ : /^ran\n$/);
    });

    const nfs = { type: "nfs", device: ":/x", o: "addr=127.0.0.1,soft,retrans=0,timeo=1" };
    test.each([
      [
        "a size, on a disk without project quotas",
        { driverOptions: { size: "10m" } },
        ["made", "E_ENGINE_UNSUPPORTED"],
      ],
      ["a server that does not answer", { driverOptions: nfs }, ["E_CONTAINER_START"]],
    ])("cannot be had, in one sentence with the way out: %s", async (_, options, outcomes) => {
      const name = bench.name();
      const volumes = [{ name, target: "/mnt/v", readOnly: false, ...options }];
      const outcome = await bench
        .with({ volumes, workload: { command: ["true"] } }, (container) => container.start())
        .then(
          () => "made",
          ({ code, hint }: PetrifyError) => (hint === undefined ? "no way out" : code),
        );
      expect(outcomes).toContain(outcome);
      await bench.engine.removeVolume(name);
    });

    test("one that is made before its container fails the same way", async () => {
      const name = bench.name();
      const outcome = await bench.engine.createVolume(name, { driverOptions: { size: "10m" } }).then(
        () => "made",
        ({ code, hint }: PetrifyError) => (hint === undefined ? "no way out" : code),
      );
      expect(["made", "E_ENGINE_UNSUPPORTED"]).toContain(outcome);
      await bench.engine.removeVolume(name);
    });

    test("an anonymous one goes with its container", async () => {
      const name = await bench.with(
        { volumes: [{ target: "/mnt/v", readOnly: false }], workload: { command: ["touch", "/mnt/v/file"] } },
        async (container) => {
          const [volume, ...more] = await container.volumes();
          expect({ ...volume, more }).toMatchObject({ target: "/mnt/v", anonymous: true, more: [] });
          await container.start();
          await container.wait();
          return volume?.name ?? "";
        },
      );
      const { stdout } = await bench.run("ls /mnt/v", { volumes: [{ name, target: "/mnt/v", readOnly: false }] });
      expect(stdout).toBe("");
      await bench.engine.removeVolume(name);
    });
  });

  describe("binds", () => {
    test("show the host's folder, writable or not, whatever syntax their options need", async () => {
      const source = mkdtempSync(join(tmpdir(), "petrify-bind-"));
      // Root of the container need not be root of the host.
      chmodSync(source, 0o777);
      writeFileSync(join(source, "in"), "from the host");
      const script = "cat /a/in; echo out > /a/out; touch /b/x; touch /c/x; grep -c ' /d ' /proc/self/mountinfo";
      const { stdout, stderr } = await bench.run(script, {
        readOnlyRoot: true,
        binds: [
          { source, target: "/a", readOnly: false },
          { source, target: "/b", readOnly: true },
          { source, target: "/c", readOnly: true, options: "z" },
          { source, target: "/d", readOnly: false, options: "rprivate" },
        ],
      });
      expect(stdout).toBe("from the host1\n");
      expect(stderr.match(/Read-only file system/g)).toHaveLength(2);
      expect(readFileSync(join(source, "out"), "utf8")).toBe("out\n");
      rmSync(source, { recursive: true });
    });
  });
}
