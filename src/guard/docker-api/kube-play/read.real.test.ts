import { afterAll, beforeAll, expect, it } from "vitest";
import { busyboxTar, dockerHttp, dockerJson } from "../../../../test/support/docker-http.ts";
import { busyboxPath, type PrivateEngine, startPrivatePodman } from "../../../../test/support/private-engine.ts";
import { readLibpodPod } from "../libpod/pod.ts";
import { readKubePlay } from "./read.ts";

const HEAD = { maxBytes: 1 << 20 };
let podman: PrivateEngine;

beforeAll(async () => {
  podman = await startPrivatePodman();
  const tar = busyboxTar(await busyboxPath());
  await dockerHttp(podman.socketPath, "POST", "/images/create?fromSrc=-&repo=localhost/played&tag=1", tar);
  await dockerHttp(podman.socketPath, "POST", `/images/localhost/played:latest/tag?repo=localhost/played&tag=1`);
}, 300_000);

afterAll(() => podman.stop());

function call<T>(method: string, path: string): Promise<T> {
  return dockerJson<T>(podman.socketPath, method, `/v4.0.0/libpod/${path}`);
}

function create(path: string, body: object): Promise<{ readonly Id: string }> {
  return dockerJson(podman.socketPath, "POST", `/v4.0.0/libpod/${path}`, body);
}

const POD = `
apiVersion: v1
kind: Pod
metadata: {name: played}
spec:
  restartPolicy: Never
  containers:
  - name: app
    image: localhost/played:1
    # Go finds this field, too.
    SecurityContext: {readonlyrootfilesystem: false}
    command: [/bin/sh, -c, "touch /x; touch /data/x && echo written; echo $ADDED"]
    volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, emptyDir: {}}]
`;

it("a played pod's container has a read-only root, and its volumes", async () => {
  const query = [
    ["network", "none"],
    ["start", "true"],
  ] as const;
  const request = readKubePlay(Buffer.from(POD), { ...HEAD, query });
  expect(request.containers.map(({ readOnlyRoot }) => readOnlyRoot)).toEqual([false]);
  const body = request.body([[{ kind: "readOnlyRoot" }, { kind: "env", name: "ADDED", value: "by the policy" }]]);
  const played = await dockerHttp(
    podman.socketPath,
    "POST",
    "/v4.0.0/libpod/play/kube?network=none&start=true",
    String(body),
  );
  try {
    expect([played.status, played.status === 200 ? "" : played.text]).toEqual([200, ""]);
    await call("POST", "containers/played-app/wait?condition=exited");
    const inspected = await call<unknown>("GET", "containers/played-app/json");
    expect(inspected).toMatchObject({ HostConfig: { ReadonlyRootfs: true } });
    const { text } = await dockerHttp(
      podman.socketPath,
      "GET",
      "/v4.0.0/libpod/containers/played-app/logs?stdout=true&stderr=true",
    );
    expect(text).toContain("touch: /x: Read-only file system");
    expect(text).toContain("written");
    expect(text).toContain("by the policy");
  } finally {
    await dockerHttp(podman.socketPath, "DELETE", "/v4.0.0/libpod/pods/played?force=true");
  }
});

it("with shared processes a read-only container writes into the infra container's root, which is why that is refused", async () => {
  const shared_namespaces = ["pid"];
  await create("pods/create", { name: "open", netns: { nsmode: "none" }, shared_namespaces });
  try {
    const { Id } = await create("containers/create", {
      image: "localhost/played:1",
      pod: "open",
      read_only_filesystem: true,
      command: ["/bin/sh", "-c", "touch /x || touch /proc/1/root/x && echo escaped"],
    });
    await dockerHttp(podman.socketPath, "POST", `/v4.0.0/libpod/containers/${Id}/start`);
    await call("POST", `containers/${Id}/wait?condition=exited`);
    const { text } = await dockerHttp(
      podman.socketPath,
      "GET",
      `/v4.0.0/libpod/containers/${Id}/logs?stdout=true&stderr=true`,
    );
    expect(text).toContain("touch: /x: Read-only file system");
    expect(text).toContain("escaped");
    expect(
      readLibpodPod(Buffer.from(JSON.stringify({ shared_namespaces })), { ...HEAD, query: [] }).containers,
    ).toMatchObject([{ readOnlyRoot: false }]);
  } finally {
    await dockerHttp(podman.socketPath, "DELETE", "/v4.0.0/libpod/pods/open?force=true");
  }
});

it("a pod made by the body that is sent on is the client's, and its infra container forbids new privileges", async () => {
  const asked = {
    NAME: "made",
    netns: { nsmode: "none" },
    Labels: { a: "b" },
    volumes: [{ name: "shared", dest: "/shared" }],
  };
  const request = readLibpodPod(Buffer.from(JSON.stringify(asked)), { ...HEAD, query: [] });
  const body = request.body([[{ kind: "noNewPrivileges" }]]);
  const made = await dockerHttp(podman.socketPath, "POST", "/v4.0.0/libpod/pods/create", String(body));
  try {
    expect([made.status, made.status === 201 ? "" : made.text]).toEqual([201, ""]);
    const pod = await call<{ InfraContainerID: string; Labels: unknown }>("GET", "pods/made/json");
    expect(pod.Labels).toEqual({ a: "b" });
    const infra = await call<{
      Mounts: readonly { Destination: string }[];
      HostConfig: { SecurityOpt: readonly string[] };
    }>("GET", `containers/${pod.InfraContainerID}/json`);
    expect(infra.Mounts.map(({ Destination }) => Destination)).toEqual(["/shared"]);
    expect(infra.HostConfig.SecurityOpt).toContain("no-new-privileges");
  } finally {
    await dockerHttp(podman.socketPath, "DELETE", "/v4.0.0/libpod/pods/made?force=true");
    await dockerHttp(podman.socketPath, "DELETE", "/v4.0.0/libpod/volumes/shared?force=true");
  }
});
