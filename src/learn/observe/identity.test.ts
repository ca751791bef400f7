import { expect, test } from "vitest";
import type { FoundContainer } from "../../engine/engine.ts";
import { NO_SETTINGS } from "../../model/workload.ts";
import { distinctNames, identityOf } from "./identity.ts";

function container(name: string, labels: Record<string, string> = {}, env: readonly string[] = []): FoundContainer {
  return {
    id: name,
    name,
    imageId: "sha256:1",
    settings: { ...NO_SETTINGS, image: "registry.example/team/app:1", env },
    labels,
    session: "",
    isInfrastructure: false,
    readOnlyRoot: false,
    autoRemove: false,
    state: { status: "running", pid: 1, exitCode: 0, oomKilled: false, error: "", health: "none", ipAddress: "" },
  };
}
const service = (project: string, name: string): Record<string, string> => ({
  "com.docker.compose.project": project,
  "com.docker.compose.service": name,
});

test.for([
  [
    "a Compose service, whatever its containers are called",
    container("shop_web_1", service("shop", "web")),
    container("shop_web_2", service("shop", "web")),
    true,
    "shop-web",
  ],
  ["another service", container("a", service("shop", "web")), container("a", service("shop", "db")), false, "shop-web"],
  [
    "a name that somebody gave",
    container("Web"),
    { ...container("Web", {}, ["A=1"]), imageId: "sha256:2" },
    true,
    "web",
  ],
  ["another name", container("web"), container("db"), false, "web"],
  [
    "names that the engine drew, of one image and settings",
    container("happy_turing"),
    container("sad_curie7"),
    true,
    "app",
  ],
  [
    "names that the engine drew, with other settings",
    container("happy_turing"),
    container("sad_curie", {}, ["A=1"]),
    false,
    "app",
  ],
] as const)("%s", ([, a, b, same, name]) => {
  expect(identityOf(a).key === identityOf(b).key).toBe(same);
  expect(identityOf(a).name).toBe(name);
});

test("each workload has a file name of its own, the same one every time", () => {
  const [a, b, c] = [
    { key: "a", name: "app" },
    { key: "b", name: "app" },
    { key: "c", name: "db" },
  ] as const;
  const names = { a: "app", b: "app-2", c: "db" };
  expect(Object.fromEntries(distinctNames([c, b, a, b]))).toEqual(names);
  expect(Object.fromEntries(distinctNames([a, b, c]))).toEqual(names);
});
