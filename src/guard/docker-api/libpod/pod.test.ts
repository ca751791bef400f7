import { describe, expect, it } from "vitest";
import type { Change } from "../../../policy/decision.ts";
import { readLibpodPod } from "./pod.ts";

const HEAD = { query: [], maxBytes: 1 << 20 };

function read(body: unknown) {
  return readLibpodPod(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)), HEAD);
}

it.each([
  {},
  { name: "p", labels: { a: "b" }, shared_namespaces: ["ipc", "net", "uts"], netns: { nsmode: "bridge" } },
  { no_infra: true, shared_namespaces: ["pid"], infra_image: "own" },
  { security_opt: ["no-new-privileges"], hostsFile: "none" },
])("nothing is to be judged of %j", (body) => {
  expect(read(body).containers).toEqual([]);
});

describe("what the pod's containers get from it is judged", () => {
  it.each([
    [
      { volumes: [{ Name: "v", Dest: "/bin" }] },
      { readOnlyRoot: true, mounts: [{ type: "volume", source: "v", target: "/bin" }] },
    ],
    [
      { mounts: [{ destination: "/h", type: "bind", source: "/" }] },
      { mounts: [{ type: "bind", source: "/", readOnly: false }] },
    ],
    [{ volumes_from: ["c"] }, { volumesFrom: ["c"] }],
    [{ pod_devices: ["/dev/sda:r"] }, { devices: [{ hostPath: "/dev/sda", permissions: "r" }] }],
    [{ resource_limits: { devices: [{ allow: true, type: "b", access: "rwm" }] } }, { deviceRules: ["b *:* rwm"] }],
    [
      { security_opt: ["seccomp:unconfined", "label=disable"] },
      { securityOptions: ["seccomp=unconfined", "label=disable"] },
    ],
    [{ security_opt: ["unmask=ALL"] }, { maskedPaths: [], readOnlyPaths: [] }],
    [{ security_opt: ["systempaths=unconfined"] }, { maskedPaths: [] }],
    [{ pidns: { nsmode: "host" } }, { hostNamespaces: ["pid"] }],
    [{ hostsFile: "/etc/shadow" }, { mounts: [{ type: "bind", source: "/etc/shadow", readOnly: true }] }],
    [{ infra_conmon_pid_file: "/etc/cron.d/x" }, { unknownFields: ["infra_conmon_pid_file"] }],
    [{ serviceContainerID: "x" }, { unknownFields: ["serviceContainerID"] }],
    [{ security_opt: ["proc-opts=bind"] }, { unknownFields: ["security_opt=proc-opts=bind"] }],
    [{ privileged: true }, { unknownFields: ["privileged"] }],
    [
      { infra_image: "own", infra_name: "i" },
      { readOnlyRoot: false, imageReference: "own", name: "i" },
    ],
    [{ infra_command: ["/bin/sh"] }, { readOnlyRoot: false, entrypoint: ["/bin/sh"] }],
    [{ Shared_Namespaces: ["net", "pid"] }, { readOnlyRoot: false }],
  ])("%j", (body, expected) => {
    expect(read(body).containers).toEqual([expect.objectContaining({ imageReference: expect.any(String) })]);
    expect(read(body).containers[0]).toMatchObject(expected);
  });
});

it("is sent on in canonical spelling, with new privileges forbidden where that is asked for", () => {
  const changes: readonly Change[] = [
    { kind: "noNewPrivileges" },
    { kind: "memory", bytes: 1 },
    { kind: "pidsLimit", limit: 1 },
  ];
  const request = read({ NAME: "p", security_opt: ["label=disable"], volumes: [{ dest: "/v" }] });
  expect(JSON.parse(request.body([changes]).toString())).toEqual({
    name: "p",
    security_opt: ["label=disable", "no-new-privileges"],
    volumes: [{ Dest: "/v" }],
  });
});

it("cannot be made read-only", () => {
  expect(() => read({ infra_command: ["/bin/sh"] }).body([[{ kind: "readOnlyRoot" }]])).toThrow(
    expect.objectContaining({ code: "E_REQUEST_CHANGE" }),
  );
});

it.each([
  '{"infra_command":[],"Infra_Command":["/bin/sh"]}',
  '{"name":"a"}{"name":"b"}',
  '{"mounts":[{"destination":"/"}]}',
])("%s is refused", (body) => {
  expect(() => read(body)).toThrow(expect.objectContaining({ code: "E_REQUEST_BODY" }));
});
