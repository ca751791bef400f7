import { expect, test } from "vitest";
import { strategy, workload } from "../../test/support/strategy-samples.ts";
import { announcements } from "./announce.ts";

const PLAN = { readyTimeoutMs: 1, timeoutMs: 1 };

test.each([
  ["nothing", {}, []],
  ["every privilege", { privileged: true }, ["the container gets: every privilege"]],
  [
    "the host's network and more rights",
    { network: "host", userns: "host", capAdd: ["SYS_ADMIN"], securityOpt: ["seccomp=unconfined"], runtime: "other" },
    [
      "the container gets: the network of host, the users of host, the capability SYS_ADMIN, seccomp=unconfined, the runtime other",
    ],
  ],
  [
    "the host's files, not its volumes",
    {
      mounts: [
        { type: "bind", source: "/var/run/docker.sock", target: "/s", readOnly: false },
        { type: "volume", source: "v", target: "/v", readOnly: false },
      ],
    },
    ["the container gets: /var/run/docker.sock"],
  ],
] as const)("what a strategy takes of the host is told: %s", (_name, settings, lines) => {
  expect(announcements(strategy([], { workload: workload(settings) }), PLAN)).toEqual(lines);
});

test("the test command is told as it is", () => {
  expect(announcements(strategy([]), { ...PLAN, command: "curl x" })).toEqual(["test: curl x"]);
});
