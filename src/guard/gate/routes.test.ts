import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DOCKER_ROUTES } from "./docker-routes.ts";
import { LIBPOD_ROUTES } from "./libpod-routes.ts";
import { type Meaning, PLANS } from "./meaning.ts";
import { routeOf } from "./routes.ts";

const at = (method: string, path: string): ReturnType<typeof routeOf> => {
  const parts = path.split("/");
  const libpod = parts[0] === "libpod";
  return routeOf({ method, target: { libpod, parts: libpod ? parts.slice(1) : parts, query: [] } });
};

describe("what a call means", () => {
  const rows: readonly (readonly [call: string, kind: Meaning["kind"], plan: string, name?: string])[] = [
    ["POST containers/create", "create", "judgeBody"],
    ["POST containers/web/start", "start", "judgeWithoutBody", "web"],
    ["POST containers/web/restart", "start", "judgeWithoutBody", "web"],
    ["POST containers/web/unpause", "pass", "stream", "web"],
    ["POST containers/web/exec", "execCreate", "judgeBody", "web"],
    ["POST exec/0abc/start", "execStart", "hijack", "0abc"],
    ["POST containers/web/attach", "attach", "hijack", "web"],
    ["GET containers/web/attach/ws", "attach", "hijack", "web"],
    ["PUT containers/web/archive", "copy", "judgeHead", "web"],
    ["GET containers/web/archive", "pass", "stream"],
    ["HEAD containers/web/archive", "pass", "stream"],
    ["POST containers/web/update", "update", "judgeBody", "web"],
    ["POST containers/web/rename", "pass", "stream", "web"],
    ["POST commit", "commit", "judgeHead"],
    ["POST build", "build", "judgeHead"],
    ["POST session", "buildSession", "hijack"],
    ["POST grpc", "buildSession", "hijack"],
    ["POST images/registry.example:5000/team/app/tag", "pass", "stream", "registry.example:5000/team/app"],
    ["DELETE images/team/app", "pass", "stream", "team/app"],
    ["POST plugins/pull", "engineChange", "judgeHead"],
    ["POST plugins/vieux/sshfs/enable", "engineChange", "judgeHead", "vieux/sshfs"],
    ["POST swarm/init", "engineChange", "judgeHead"],
    ["POST swarm/join", "engineChange", "judgeHead"],
    ["POST services/create", "create", "judgeBody"],
    ["POST services/web/update", "create", "judgeBody", "web"],
    ["POST libpod/containers/create", "create", "judgeBody"],
    ["POST libpod/pods/create", "create", "judgeBody"],
    ["POST libpod/play/kube", "create", "judgeBody"],
    ["POST libpod/kube/play", "create", "judgeBody"],
    ["POST libpod/kube/apply", "unknown", "judgeHead"],
    ["POST libpod/pods/p/start", "start", "judgeWithoutBody", "p"],
    ["POST libpod/pods/p/restart", "start", "judgeWithoutBody", "p"],
    ["POST libpod/containers/web/init", "start", "judgeWithoutBody", "web"],
    ["POST libpod/containers/web/restore", "start", "judgeWithoutBody", "web"],
    ["POST libpod/containers/web/mount", "copy", "judgeHead", "web"],
    ["POST libpod/quadlets", "engineChange", "judgeHead"],
    ["GET anything/at/all", "pass", "stream"],
    ["POST anything/at/all", "unknown", "judgeHead"],
    ["PATCH containers/create", "unknown", "judgeHead"],
    ["post containers/create", "unknown", "judgeHead"],
    ["POST containers/create/x", "unknown", "judgeHead"],
    ["POST Containers/create", "unknown", "judgeHead"],
    // Only Podman has these, and only below libpod.
    ["POST pods/create", "unknown", "judgeHead"],
    ["POST play/kube", "unknown", "judgeHead"],
    ["POST libpod/services/create", "unknown", "judgeHead"],
  ];
  test.each(rows)("%s is %s, and needs %s", (call, kind, plan, name) => {
    const [method = "", path = ""] = (call ?? "").split(" ");
    const route = at(method, path);
    expect(route.meaning.kind).toBe(kind);
    expect(PLANS[route.meaning.kind].kind).toBe(plan);
    expect(name === undefined || name === route.name).toBe(true);
  });
});

test("every row of the tables is reached by a call of its pattern", () => {
  for (const [prefix, rows] of [["", DOCKER_ROUTES] as const, ["libpod/", LIBPOD_ROUTES] as const]) {
    for (const [method, pattern, meaning] of rows) {
      const route = at(method, prefix + pattern.replace("{}", "one").replace("{}", "two"));
      expect(route).toMatchObject({ meaning, pattern: `${method} ${prefix}${pattern}` });
    }
  }
});

test("no name makes one call look like another, and none gets into the route that is logged", () => {
  const name = fc.array(fc.constantFrom("start", "kill", "create", "exec", "containers", "a", "attach", "update"), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(name, fc.constantFrom("start", "exec", "update", "kill", "archive"), (parts, verb) => {
      const method = verb === "archive" ? "PUT" : "POST";
      const route = at(method, ["containers", ...parts, verb].join("/"));
      expect(route.pattern).toBe(`${method} containers/{}/${verb}`);
      expect(route.name).toBe(parts.join("/"));
    }),
  );
});

test("the logged route of an unknown call holds nothing that the client wrote", () => {
  expect(at("BREW", "pot").pattern).toBe("*");
  expect(at("POST", "pot").pattern).toBe("POST *");
});
