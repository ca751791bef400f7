import { describe, expect, test } from "vitest";
import type { ImageFacts } from "../model/image.ts";
import type { Workload } from "../model/workload.ts";
import { fitsWorkload, isVerified, repositoriesOf } from "./fit.ts";
import { IMAGE, strategyOf, WORKLOAD } from "./testing/world.ts";

const ID = `sha256:${"a".repeat(64)}`;
const OTHER = `sha256:${"b".repeat(64)}`;
const nginx = (settings: Partial<Workload> = {}): Workload => ({ ...WORKLOAD, image: "nginx:1.27", ...settings });
const image = (facts: Partial<ImageFacts> = {}): ImageFacts => ({ ...IMAGE, id: ID, repoTags: [], ...facts });
const strategy = strategyOf({ workload: nginx({ command: ["nginx", "-g", "daemon off;"], user: "101" }) });
const same: Partial<Workload> = { command: ["nginx", "-g", "daemon off;"], user: "101" };

describe("a strategy fits", () => {
  test.each<[string, Partial<Workload>]>([
    ["the same run", {}],
    ["another tag", { image: "nginx:latest" }],
    ["another spelling", { image: `docker.io/library/nginx@${OTHER}` }],
    [
      "other ports, names and variables",
      { name: "web", ports: [{ containerPort: 80, protocol: "tcp" }], env: ["A=b"] },
    ],
  ])("%s", (_name, settings) => {
    expect(fitsWorkload(strategy, nginx({ ...same, ...settings }), image())).toMatchObject({ fits: true });
  });
});

describe("a strategy does not fit, and says why", () => {
  test.each<[string, Workload, string]>([
    [
      "another repository",
      nginx({ ...same, image: "evil.example/nginx" }),
      "learned for docker.io/library/nginx, not for evil.example/nginx",
    ],
    [
      "another command",
      nginx({ ...same, command: ["nginx"] }),
      'with ["nginx","-g","daemon off;"] as command, not with ["nginx"]',
    ],
    ["a command joined otherwise", nginx({ ...same, command: ["nginx", "-g daemon off;"] }), "as command"],
    ["the image's own command", nginx({ user: "101" }), "not with the image's own"],
    ["another user", nginx({ ...same, user: "0" }), 'with "101" as user, not with "0"'],
    ["an entrypoint", nginx({ ...same, entrypoint: ["sh"] }), 'with the image\'s own as entrypoint, not with ["sh"]'],
    ["another directory", nginx({ ...same, workingDir: "/x" }), "as workingDir"],
  ])("%s", (_name, workload, reason) => {
    const fit = fitsWorkload(strategy, workload, image());
    expect(fit.fits).toBe(false);
    expect(fit.reason).toContain(reason);
  });

  test("a name that is none is an error", () => {
    expect(() => fitsWorkload(strategy, nginx({ image: "../x" }), image())).toThrow(
      expect.objectContaining({ code: "E_IMAGE_REFERENCE" }),
    );
  });
});

describe("the repositories of an image given by its id are those of its names", () => {
  const facts = image({
    repoTags: ["nginx:1", "host:5000/web:2", "<none>:<none>"],
    repoDigests: [`team/app@${OTHER}`],
  });
  const names = ["docker.io/library/nginx", "docker.io/team/app", "host:5000/web"];
  test.each([ID, "a".repeat(64), "a".repeat(12)])("%s", (reference) => {
    expect(repositoriesOf(reference, facts)).toEqual(names);
  });

  test("but a repository may be called like the start of an id", () => {
    expect(repositoriesOf("aaaa", image({ repoTags: ["aaaa:latest"] }))).toEqual(["docker.io/library/aaaa"]);
    expect(repositoriesOf("beef", image({ repoTags: ["x"] }))).toEqual(["docker.io/library/beef"]);
  });
});

describe("verified is exactly the image that was", () => {
  const digest = `nginx@${OTHER}`;
  test.each<[string, readonly string[], Partial<ImageFacts>, boolean]>([
    ["by id", [ID], {}, true],
    ["by digest", [digest], { repoDigests: [digest] }, true],
    ["by digest, spelt in full", [`docker.io/library/${digest}`], { repoDigests: [digest] }, true],
    ["not by the digest of another repository", [`evil/${digest}`], { repoDigests: [digest] }, false],
    ["not by another id", [OTHER], {}, false],
    ["not by nothing", [], { repoDigests: [digest] }, false],
  ])("%s", (_name, verifiedOn, facts, expected) => {
    expect(isVerified({ ...strategy, verifiedOn }, image(facts))).toBe(expected);
  });
});
