import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { dockerHttp, dockerJson } from "./docker-http.ts";

/**
 * A program that starts containers as a test-suite does, without a pause between create and start: IMAGE, HOW ("in turn", "at once")
 * and a name for each. Every container's first instruction makes a directory; half of them remove themselves.
 *
 * dockerd 20.10 now and then does not hear that a container has ended: such a one is told on stderr (`lost: NAME`) and removed.
 */
const [image = "", how = "", ...names] = process.argv.slice(2);
const socketPath = (process.env["DOCKER_HOST"] ?? "").replace("unix://", "");

/** `mkdir` takes milliseconds. */
const LONGEST_WAIT_MS = 20_000;

async function run(name: string, index: number): Promise<void> {
  const autoRemove = index % 2 === 1;
  const body = {
    Image: image,
    Cmd: ["mkdir", `/state/${name}`],
    HostConfig: { NetworkMode: "none", AutoRemove: autoRemove },
  };
  const path = `/containers/create?name=${name}`;
  const { Id } = await dockerJson<{ Id: string }>(socketPath, "POST", path, body);
  await dockerJson(socketPath, "POST", `/containers/${Id}/start`);
  const condition = autoRemove ? "removed" : "not-running";
  const ended = dockerHttp(socketPath, "POST", `/containers/${Id}/wait?condition=${condition}`);
  if ((await Promise.race([ended, sleep(LONGEST_WAIT_MS, undefined, { ref: false })])) !== undefined) return;
  const { State } = await dockerJson<{ State: { Pid: number } }>(socketPath, "GET", `/containers/${Id}/json`);
  if (State.Pid !== 0 && existsSync(`/proc/${State.Pid}`))
    throw new Error(`${name} did not end: ${JSON.stringify(State)}`);
  process.stderr.write(`lost: ${name} ${JSON.stringify(State)}\n`);
  await dockerHttp(socketPath, "DELETE", `/containers/${Id}?force=1&v=1`);
}

if (how === "at once") await Promise.all(names.map(run));
else for (const [index, name] of names.entries()) await run(name, index);
// The engine may never answer who waited for one that was lost.
process.exit();
