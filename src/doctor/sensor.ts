import { command } from "../engine/embedded/command.ts";
import { PetrifyError } from "../model/errors.ts";
import { probeSensor } from "../sensor/probe.ts";
import { straceAvailability } from "../sensor/strace/tools.ts";
import { type Finding, ok, warn } from "./report.ts";

/** Each way to observe, tried for a moment, and which of them `--sensor auto` takes. */
export async function examineSensor(): Promise<Finding[]> {
  const [bpf, strace] = [await kernelSensor(), await examineStrace()];
  return [await libbpf(), bpf, strace, chosen(bpf, strace)];
}

async function libbpf(): Promise<Finding> {
  const { stdout } = await command("ldconfig", ["-p"]);
  const path = /^\s*libbpf\.so\.1 .*=> (\S+)$/m.exec(stdout)?.[1];
  if (path !== undefined) return ok("libbpf", "libbpf", path);
  return warn("libbpf", "libbpf", "libbpf.so.1 is not installed", "apt-get install libbpf1, or dnf install libbpf.");
}

async function kernelSensor(): Promise<Finding> {
  const probe = await probeSensor();
  if (probe.ok) return ok("sensor", "kernel sensor", probe.details);
  return warn("sensor", "kernel sensor", probe.reason, probe.hint ?? "Use --sensor strace.");
}

async function examineStrace(): Promise<Finding> {
  try {
    return ok("strace", "strace", await straceAvailability());
  } catch (error) {
    if (!(error instanceof PetrifyError)) throw error;
    return warn("strace", "strace", error.message, error.hint ?? "Use another sensor.");
  }
}

function chosen(bpf: Finding, strace: Finding): Finding {
  const [id, name] = ["sensor.auto", "--sensor auto"];
  if (bpf.status === "ok") return ok(id, name, "bpf");
  if (strace.status === "ok") return ok(id, name, "strace, for there is no kernel sensor");
  const action = "Make one of them work, or take what learn says as a first guess.";
  return warn(id, name, "diff, which sees only what is there at the end and is never complete", action);
}
