import koffi from "koffi";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { startChild } from "../../test/support/child.ts";
import { openSensor } from "./open-sensor.ts";
import { probeSensor } from "./probe.ts";

const user = join(import.meta.dirname, "../../test/support/sensor-user.ts");
const libbpf = koffi.load("libbpf.so.1");
const programById = libbpf.func("int bpf_prog_get_fd_by_id(uint32_t id)");
const close = koffi.load("libc.so.6").func("int close(int fd)");

/** Ids of the BPF programs that a process holds: of other processes' programs nothing can be said. */
function programsOf(pid: number): readonly number[] {
  const names = readdirSync(`/proc/${pid}/fdinfo`);
  return names.flatMap((name) => {
    try {
      const id = /^prog_id:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${name}`, "utf8"))?.[1];
      return id === undefined ? [] : [Number(id)];
    } catch {
      return [];
    }
  });
}

function isLoaded(id: number): boolean {
  const fd = programById(id) as number;
  if (fd >= 0) close(fd);
  return fd >= 0;
}

/** The kernel frees programs a moment after the last descriptor is closed. */
async function allGone(ids: readonly number[]): Promise<boolean> {
  for (let tries = 0; tries < 500; tries++) {
    if (!ids.some(isLoaded)) return true;
    await sleep(20);
  }
  return false;
}

describe("no BPF program is left", () => {
  test("when the sensor is closed", async () => {
    const sensor = await openSensor({ onEvents: () => undefined });
    const programs = programsOf(process.pid);
    expect(programs.length).toBeGreaterThan(0);
    await sensor[Symbol.asyncDispose]();
    expect(programsOf(process.pid)).toEqual([]);
    expect(await allGone(programs)).toBe(true);
  });

  test.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)("when its process ends by %s", async (signal) => {
    const child = startChild(process.execPath, [user]);
    expect(await child.firstLine).toBe("open");
    const programs = programsOf(child.pid);
    expect(programs.length).toBeGreaterThan(0);
    child.kill(signal);
    expect(await child.ended).toBe(signal);
    expect(await allGone(programs)).toBe(true);
  });

  test("and the process ends by itself when the sensor is closed", async () => {
    const child = startChild(process.execPath, [user]);
    await child.firstLine;
    child.endInput();
    expect(await child.ended).toBe(0);
  });
});

describe("a sensor", () => {
  test("refuses everything once it is closed, and may be closed twice", async () => {
    const sensor = await openSensor({ onEvents: () => undefined });
    await sensor[Symbol.asyncDispose]();
    await sensor[Symbol.asyncDispose]();
    await expect(sensor.arm({ id: "x" })).rejects.toMatchObject({ code: "E_SENSOR_LOST" });
    await expect(sensor.flush()).rejects.toMatchObject({ code: "E_SENSOR_LOST" });
  });

  test("that nobody armed gives no events, and disarming what was not armed is nothing", async () => {
    await using sensor = await openSensor({ onEvents: () => expect.unreachable() });
    await sensor.disarm("never-armed");
    await sensor.flush();
    expect(sensor.delivered).toBe(0);
  });
});

describe("the probe", () => {
  test("says yes where the sensor loads", async () => {
    expect(await probeSensor()).toEqual({ ok: true, details: expect.any(String) });
  });

  test("says why, and the way out, to who is not root", () => {
    expect(probeIn("setpriv", "--reuid=65534", "--clear-groups")).toEqual({
      ok: false,
      reason: "The kernel sensor needs root (or CAP_BPF and CAP_PERFMON).",
      hint: "Run Petrify with sudo.",
    });
  });

  test("says so where libbpf is missing", () => {
    const hide = `for f in $(ldconfig -p | sed -n 's/.*libbpf.so.1 .*=> //p'); do mount --bind /dev/null "$(readlink -f $f)"; done`;
    expect(probeIn("unshare", "-m", "sh", "-c", `${hide}; exec "$@"`, "sh")).toMatchObject({
      ok: false,
      reason: expect.stringContaining("libbpf.so.1"),
      hint: expect.stringContaining("apt-get install libbpf1"),
    });
  });

  test("says so where the kernel carries no BTF", () => {
    expect(probeIn("unshare", "-m", "sh", "-c", `mount -t tmpfs none /sys/kernel && exec "$@"`, "sh")).toMatchObject({
      ok: false,
      reason: expect.stringContaining("BTF"),
    });
  });
});

/** The probe's answer in a process that is started through the command given. */
function probeIn(...command: readonly string[]): unknown {
  const script = `const { probeSensor } = await import(${JSON.stringify(join(import.meta.dirname, "probe.ts"))});
    console.log(JSON.stringify(await probeSensor()));`;
  const [file = "", ...rest] = command;
  const done = spawnSync(file, [...rest, process.execPath, "--input-type=module", "-e", script], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(done.stderr);
  return JSON.parse(done.stdout);
}
