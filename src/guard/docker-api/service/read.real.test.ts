import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { busyboxTar, dockerHttp, dockerJson } from "../../../../test/support/docker-http.ts";
import { busyboxPath, type PrivateEngine, startPrivateNewerDocker } from "../../../../test/support/private-engine.ts";
import type { Change } from "../../../policy/decision.ts";
import { readService } from "./read.ts";

const IMAGE = "guarded:1";
let docker: PrivateEngine;

beforeAll(async () => {
  docker = await startPrivateNewerDocker();
  const tar = busyboxTar(await busyboxPath());
  await dockerHttp(docker.socketPath, "POST", "/v1.44/images/create?fromSrc=-&repo=guarded&tag=1", tar);
  const init = { ListenAddr: "127.0.0.1:23777", AdvertiseAddr: "127.0.0.1", DefaultAddrPool: ["10.199.0.0/16"] };
  await dockerJson(docker.socketPath, "POST", "/v1.44/swarm/init", init);
}, 300_000);

afterAll(async () => {
  await dockerHttp(docker.socketPath, "POST", "/v1.44/swarm/leave?force=true");
  await docker.stop();
});

const CHANGES: readonly Change[] = [
  { kind: "readOnlyRoot" },
  { kind: "tmpfs", path: "/tmp", sizeBytes: 1 << 20, mode: 0o1777, uid: 0, gid: 0, exec: false },
  { kind: "volume", path: "/data" },
  { kind: "env", name: "ADDED", value: "by the policy" },
  { kind: "noNewPrivileges" },
];
const SCRIPT = `
touch /x; echo "root $?"
for d in /tmp /data; do touch $d/x; echo "$d $?"; done
stat -c '%n %a' /tmp
while read -r _ at type options _; do case $at in /tmp) echo "$at $type $options";; esac; done < /proc/mounts
while read -r name value; do case $name in NoNewPrivs:) echo "$name $value";; esac; done < /proc/self/status
echo "$ADDED"
`;

interface Task {
  readonly Status: {
    readonly State: string;
    readonly Err?: string;
    readonly ContainerStatus?: { readonly ContainerID: string };
  };
}

async function ended(service: string): Promise<Task> {
  const filters = encodeURIComponent(JSON.stringify({ service: [service] }));
  for (;;) {
    const [task] = await dockerJson<readonly Task[]>(docker.socketPath, "GET", `/v1.44/tasks?filters=${filters}`);
    if (task !== undefined && ["complete", "failed", "rejected"].includes(task.Status.State)) return task;
    await sleep(100);
  }
}

it("a task made by the changed body has a read-only root and can write where the changes let it", async () => {
  const asked = {
    Name: "guarded",
    TaskTemplate: {
      ContainerSpec: { image: IMAGE, Command: ["/bin/sh", "-c", SCRIPT], ReadOnly: false },
      RestartPolicy: { Condition: "none" },
    },
  };
  const head = { version: "1.44", query: [], maxBytes: 1 << 20 };
  const body = readService(Buffer.from(JSON.stringify(asked)), head).body([CHANGES]);
  const made = await dockerJson<{ ID: string }>(
    docker.socketPath,
    "POST",
    "/v1.44/services/create",
    JSON.parse(String(body)),
  );
  const { Status } = await ended(made.ID);
  expect(Status).toMatchObject({ State: "complete" });
  const id = Status.ContainerStatus?.ContainerID ?? "";
  const container = await dockerJson(docker.socketPath, "GET", `/v1.44/containers/${id}/json`);
  expect(container).toMatchObject({ HostConfig: { ReadonlyRootfs: true } });
  const { text } = await dockerHttp(docker.socketPath, "GET", `/v1.44/containers/${id}/logs?stdout=1&stderr=1`);
  expect(text).toContain("touch: /x: Read-only file system");
  expect(text).toContain("root 1\n");
  for (const place of ["/tmp", "/data"]) expect(text).toContain(`${place} 0\n`);
  expect(text).toContain("/tmp 1777\n");
  expect(text).toMatch(/\/tmp tmpfs \S*noexec\S*size=1024k/);
  expect(text).toContain("NoNewPrivs: 1\n");
  expect(text).toContain("by the policy");
});
