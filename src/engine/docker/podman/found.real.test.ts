import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dockerHttp, dockerJson } from "../../../../test/support/docker-http.ts";
import { podman } from "../../../../test/support/podman-command.ts";
import { busyboxPath, type PrivateEngine, startPrivatePodman } from "../../../../test/support/private-engine.ts";
import { busyboxRoot } from "../../../../test/support/test-image.ts";
import { NO_SETTINGS, type Workload } from "../../../model/workload.ts";
import type { ContainerEvent, Engine, FoundContainer } from "../../engine.ts";
import { connectDocker } from "../connect.ts";

const IMAGE = "localhost/petrify-podman-found:1";
let daemon: PrivateEngine;
let engine: Engine;

beforeAll(async () => {
  daemon = await startPrivatePodman();
  engine = await connectDocker({ kind: "unix", path: daemon.socketPath }, "test");
  const root = busyboxRoot(
    await busyboxPath(),
    "mkdir -p etc tmp state; echo 'app:x:1:1::/home/app:/bin/sh' > etc/passwd",
  );
  await engine.importImage(root.tar, { reference: IMAGE, changes: ['CMD ["sleep","1000"]', "ENV PATH=/bin"] });
  root.remove();
});
afterAll(async () => {
  podman(daemon, "pod", "rm", "--all", "--force", "--time", "0");
  podman(daemon, "rm", "--all", "--force", "--volumes", "--time", "0");
  await engine.removeImage(IMAGE);
  await engine[Symbol.asyncDispose]();
  await daemon.stop();
});

const plain = (settings: Partial<Workload>): object => ({ image: IMAGE, ...NO_SETTINGS, ...settings });
async function found(name: string): Promise<FoundContainer> {
  const container = await engine.find(name);
  if (container === undefined) throw new Error(`there is no ${name}`);
  return container;
}

test("podman run without a flag gives no setting, before, while and after it runs; its layer holds nothing", async () => {
  podman(daemon, "create", "--name", "plain", "--network", "none", "--user", "app", IMAGE);
  const expected = plain({ network: "none", user: "app" });
  expect((await found("plain")).settings).toEqual(expected);
  podman(daemon, "start", "plain");
  expect((await found("plain")).settings).toEqual(expected);
  podman(daemon, "stop", "--time", "0", "plain");
  expect((await found("plain")).settings).toEqual(expected);
  expect(await engine.changes(await found("plain"))).toEqual({ changes: [], unread: [] });
});

test("flags of podman run are settings, and what it adds to a read-only container is none", async () => {
  const mounts = ["--tmpfs", "/t:size=1m,noexec", "-v", "/srv:/b:ro", "-v", "found-data:/d"];
  const rights = ["--cap-add", "NET_ADMIN", "--cap-drop", "KILL", "--security-opt", "no-new-privileges"];
  const life = ["--init", "--rm", "--stop-timeout", "3", "--stop-signal", "INT", "--hostname", "h", "-e", "A=1"];
  podman(
    daemon,
    "create",
    "--name",
    "flags",
    "--read-only",
    "--network",
    "none",
    ...mounts,
    ...rights,
    ...life,
    IMAGE,
    "true",
  );
  const container = await found("flags");
  expect(container).toMatchObject({ readOnlyRoot: true, autoRemove: true, isInfrastructure: false });
  expect(container.settings).toEqual(
    plain({
      command: ["true"],
      env: ["A=1"],
      hostname: "h",
      network: "none",
      capAdd: ["NET_ADMIN"],
      capDrop: ["KILL"],
      securityOpt: ["no-new-privileges"],
      init: true,
      stopSignal: "SIGINT",
      stopTimeoutSeconds: 3,
      mounts: [
        { type: "bind", source: "/srv", target: "/b", readOnly: true },
        { type: "volume", source: "found-data", target: "/d", readOnly: false },
        { type: "tmpfs", target: "/t", readOnly: false, options: "size=1m" },
      ],
    }),
  );
});

test("one that was made by Docker's API", async () => {
  const HostConfig = {
    ReadonlyRootfs: true,
    NetworkMode: "none",
    Tmpfs: { "/t": "size=1m" },
    RestartPolicy: { Name: "always" },
  };
  const body = { Image: IMAGE, Env: ["A=1"], HostConfig };
  await dockerJson(daemon.socketPath, "POST", "/containers/create?name=compat", body);
  const { settings } = await found("compat");
  expect(settings).toMatchObject({ env: ["A=1"], network: "none", restart: "always", capAdd: [], capDrop: [] });
  expect(settings.mounts).toEqual([{ type: "tmpfs", target: "/t", readOnly: false, options: "size=1m,exec" }]);
  expect(settings).not.toHaveProperty("stopTimeoutSeconds");
});

test("one of a pod that was played: no name and network of the pod's, and what holds the pod is nobody's workload", async () => {
  const file = join(dirname(daemon.socketPath), "pod.yaml");
  const containers = [
    {
      name: "web",
      image: IMAGE,
      imagePullPolicy: "Never",
      env: [{ name: "A", value: "1" }],
      volumeMounts: [{ name: "data", mountPath: "/data" }],
    },
  ];
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "found-claim" } }];
  // JSON is YAML.
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "pod" }, spec: { containers, volumes } }),
  );
  podman(daemon, "kube", "play", "--network", "none", file);
  const { settings, isInfrastructure, state } = await found("pod-web");
  expect({ settings, isInfrastructure, status: state.status }).toMatchObject({
    isInfrastructure: false,
    status: "running",
    settings: { env: ["A=1"], mounts: [{ type: "volume", source: "found-claim", target: "/data" }] },
  });
  expect(settings).not.toHaveProperty("hostname");
  const all = await Promise.all((await engine.containers("running")).map(found));
  expect(all.filter((one) => one.isInfrastructure).map(({ name }) => name)).toHaveLength(1);
});

const make = async (name: string, label: string): Promise<string> => {
  const body = { Image: IMAGE, Labels: { label } };
  const path = `/containers/create?name=${name}`;
  return (await dockerJson<{ Id: string }>(daemon.socketPath, "POST", path, body)).Id;
};
const remove = (id: string): Promise<unknown> => dockerHttp(daemon.socketPath, "DELETE", `/containers/${id}`);

test("events go on being told when their file is full and replaced", async () => {
  const told: ContainerEvent[] = [];
  let lost: Error | undefined;
  using watching = await engine.watch(
    (event) => void told.push(event),
    (error) => (lost = error),
  );
  const id = await make("outlives", "");
  // Every event carries the labels, and the file takes 1 MB.
  for (let round = 0; round < 10; round++) await remove(await make("long", "x".repeat(80_000)));
  await remove(id);
  await watching.flush();
  expect(lost).toBeUndefined();
  expect(told).toHaveLength(22);
  expect(told.filter((event) => event.id === id)).toEqual([
    { action: "create", id },
    { action: "destroy", id },
  ]);
});
