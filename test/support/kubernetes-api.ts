import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What an API server of Kubernetes answers that has these objects and lets one list all but the refused resources. */
export interface ApiServer extends AsyncDisposable {
  readonly url: string;
  /** Method and path of every request. */
  readonly requests: readonly string[];
}

const RESOURCES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  v1: { pods: "Pod", replicationcontrollers: "ReplicationController" },
  "apps/v1": {
    deployments: "Deployment",
    replicasets: "ReplicaSet",
    statefulsets: "StatefulSet",
    daemonsets: "DaemonSet",
  },
  "batch/v1": { jobs: "Job", cronjobs: "CronJob" },
};

/** Serves discovery and lists over plain HTTP, as a client that only reads needs them. */
export async function startApiServer(
  objects: Readonly<Record<string, readonly object[]>>,
  refused: ReadonlySet<string> = new Set(),
): Promise<ApiServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    requests.push(`${request.method} ${path}`);
    const [code, body] = answer(path, objects, refused);
    response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(
  path: string,
  objects: Readonly<Record<string, readonly object[]>>,
  refused: ReadonlySet<string>,
): readonly [status: number, body: object] {
  if (path === "/api") return [200, { kind: "APIVersions", versions: ["v1"] }];
  if (path === "/apis")
    return [200, { kind: "APIGroupList", apiVersion: "v1", groups: [group("apps"), group("batch")] }];
  const match = /^\/(?:api|apis)\/(v1|[a-z]+\/v1)(?:\/([a-z]+))?$/.exec(path);
  const [, version = "", plural] = match ?? [];
  const resources = RESOURCES[version];
  if (resources === undefined)
    return [404, status(404, "NotFound", "the server could not find the requested resource")];
  if (plural === undefined)
    return [
      200,
      {
        kind: "APIResourceList",
        apiVersion: "v1",
        groupVersion: version,
        resources: Object.entries(resources).map(([name, kind]) => ({
          name,
          kind,
          singularName: "",
          namespaced: true,
          verbs: ["get", "list"],
        })),
      },
    ];
  if (refused.has(plural)) return [403, status(403, "Forbidden", `${plural} is forbidden: you may not list them`)];
  // Items of the API's own lists have no kind.
  return [200, { kind: `${resources[plural]}List`, apiVersion: version, metadata: {}, items: objects[plural] ?? [] }];
}

function group(name: string): object {
  const version = { groupVersion: `${name}/v1`, version: "v1" };
  return { name, versions: [version], preferredVersion: version };
}

function status(code: number, reason: string, message: string): object {
  return { kind: "Status", apiVersion: "v1", status: "Failure", reason, code, message };
}
