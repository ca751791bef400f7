import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { Attack } from "../e2e/guard-attacks/attack.ts";
import { dockerHttp, dockerJson } from "./docker-http.ts";
import { sendRaw } from "./raw-http.ts";

/** Where attacks go, and the engine that they are for. It is looked at by reads alone, which no enforcement point stops. */
export interface Battlefield {
  readonly attacked: string;
  readonly engine: string;
}

/** All answers; `{id}` and `{exec}` stand for what was made last. */
export async function carryOut({ sends }: Attack, attacked: string, quietMs?: number): Promise<readonly string[]> {
  const answers: string[] = [];
  const made = { id: "none", exec: "none" };
  for (const bytes of sends) {
    const filled = bytes.toString("latin1").replace(/\{(id|exec)\}/g, (_all, name: "id" | "exec") => made[name]);
    const answer = await sendRaw(attacked, Buffer.from(filled, "latin1"), quietMs);
    const id = /^HTTP\/1\.1 20[01] [^]*"Id":"([0-9a-f]{64})"/.exec(answer)?.[1];
    if (id !== undefined) made[filled.includes("/exec HTTP") ? "exec" : "id"] = id;
    answers.push(answer);
  }
  return answers;
}

interface Listed {
  readonly Id: string;
  readonly Image?: string;
}

interface Inspected {
  readonly State: { readonly Running: boolean; readonly Pid: number };
  readonly HostConfig: { readonly ReadonlyRootfs: boolean; readonly Privileged: boolean };
}

const TRIES =
  "for f in /x /etc/x /bin/x /lib/x /usr/x /host/x /srv/x; do (echo > $f) 2>/dev/null && rm -f $f && echo WROTE $f; done; " +
  "for f in /planted /etc/planted /bin/planted; do [ -e $f ] && echo PLANTED $f; done; true";

/**
 * What could be written in any container that is there now, started the way the attacker would: by root with all capabilities, in
 * the container's own mounts and past the engine, whose own exec an enforcement point might refuse.
 */
export async function writable({ attacked, engine }: Battlefield): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { Id } of await containersOf(engine)) {
    await dockerHttp(attacked, "POST", `/v1.41/containers/${Id}/start`);
    const { State, HostConfig } = await dockerJson<Inspected>(engine, "GET", `/containers/${Id}/json`);
    if (!State.Running) continue;
    if (!HostConfig.ReadonlyRootfs || HostConfig.Privileged) found.push(`${Id} is ${JSON.stringify(HostConfig)}`);
    found.push(...writtenIn(State.Pid));
  }
  return found;
}

/** Of a process of a container: what root can write there, and what was put there from outside. Nothing when it has ended. */
export function writtenIn(pid: number): readonly string[] {
  const tried = spawnSync("nsenter", ["-t", String(pid), "-m", "/bin/sh", "-c", TRIES], { encoding: "utf8" });
  if (tried.status !== 0 && existsSync(`/proc/${pid}`)) throw new Error(tried.stderr);
  return tried.stdout.split("\n").filter((line) => line !== "");
}

export function containersOf(engine: string): Promise<readonly Listed[]> {
  return dockerJson<readonly Listed[]>(engine, "GET", "/containers/json?all=1");
}

export async function removeContainers(engine: string): Promise<void> {
  for (const { Id } of await containersOf(engine)) await dockerHttp(engine, "DELETE", `/containers/${Id}?force=1&v=1`);
}
