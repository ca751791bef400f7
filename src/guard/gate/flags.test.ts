import { expect, test } from "vitest";
import type { Change } from "../../policy/decision.ts";
import { flagsOf } from "./flags.ts";

const ROWS: readonly (readonly [Change, readonly string[]])[] = [
  [{ kind: "readOnlyRoot" }, ["--read-only"]],
  [
    { kind: "tmpfs", path: "/run", sizeBytes: 1024, mode: 0o755, uid: 0, gid: 0, exec: false },
    ["--tmpfs /run:rw,size=1024,mode=755"],
  ],
  [
    { kind: "tmpfs", path: "/a b", sizeBytes: 1, mode: 0o1777, uid: 5, gid: 6, exec: true },
    ["--tmpfs '/a b:rw,size=1,mode=1777,uid=5,gid=6,exec'"],
  ],
  [{ kind: "volume", path: "/data" }, ["--volume /data"]],
  [{ kind: "volume", path: "/data", name: "d" }, ["--volume d:/data"]],
  [
    { kind: "volume", path: "/data", name: "d", driver: "local", options: { o: "size=1m,uid=5" } },
    [`--mount 'type=volume,source=d,target=/data,volume-driver=local,"volume-opt=o=size=1m,uid=5"'`],
  ],
  [{ kind: "readOnlyPaths", paths: ["/etc", "/bin"] }, ["HostConfig.ReadonlyPaths=/etc,/bin"]],
  [{ kind: "env", name: "HOME", value: "/tmp; rm" }, ["--env 'HOME=/tmp; rm'"]],
  [{ kind: "noNewPrivileges" }, ["--security-opt no-new-privileges"]],
  [{ kind: "pidsLimit", limit: 100 }, ["--pids-limit 100"]],
  [{ kind: "memory", bytes: 1e6 }, ["--memory 1000000"]],
  [{ kind: "dropCapabilities", names: ["NET_RAW", "MKNOD"] }, ["--cap-drop NET_RAW", "--cap-drop MKNOD"]],
  [
    { kind: "logDriver", driver: "local", options: { "max-size": "1m" } },
    ["--log-driver local", "--log-opt max-size=1m"],
  ],
];

test.each(ROWS)("%j as flags of docker run", (change, flags) => {
  expect(flagsOf([change])).toEqual(flags);
});

test("what a strategy holds acts on no terminal", () => {
  expect(flagsOf([{ kind: "env", name: "A", value: "\u001B]0;x\u0007\0" }]).join("")).not.toMatch(/[\0\u0007\u001B]/);
});
