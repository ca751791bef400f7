import { command } from "../engine/embedded/command.ts";
import { probeSensor } from "../sensor/probe.ts";
import { fail, type Finding, ok } from "./report.ts";

/** The library and the sensor itself, loaded and attached for a moment. */
export async function examineSensor(): Promise<Finding[]> {
  return [await libbpf(), await sensor()];
}

async function libbpf(): Promise<Finding> {
  const { stdout } = await command("ldconfig", ["-p"]);
  const path = /^\s*libbpf\.so\.1 .*=> (\S+)$/m.exec(stdout)?.[1];
  if (path !== undefined) return ok("libbpf", "libbpf", path);
  return fail("libbpf", "libbpf", "libbpf.so.1 is not installed", "apt-get install libbpf1, or dnf install libbpf.");
}

async function sensor(): Promise<Finding> {
  const probe = await probeSensor();
  if (probe.ok) return ok("sensor", "kernel sensor", probe.details);
  return fail("sensor", "kernel sensor", probe.reason, probe.hint ?? "Learn and verify need it.");
}
