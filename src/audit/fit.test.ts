import { describe, expect, test } from "vitest";
import type { Strategy } from "../model/strategy.ts";
import { NO_SETTINGS, type Workload } from "../model/workload.ts";
import type { AuditedContainer, AuditImage, Settings } from "./container.ts";
import { chooseStrategy, fitsContainer, isVerifiedFor } from "./fit.ts";

const ID = `sha256:${"a".repeat(64)}`;
const DIGEST = `sha256:${"b".repeat(64)}`;

function strategy({ name = "web", workload = {}, verifiedOn = [] as readonly string[] } = {}): Strategy {
  return {
    name,
    fits: { repositories: ["docker.io/library/nginx"] },
    workload: { ...NO_SETTINGS, name, image: "nginx:1", ...(workload as Partial<Workload>) },
    entries: [],
    profile: { file: "p", sha256: "" },
    incomplete: [],
    test: { kind: "none" },
    verifiedOn,
  };
}
function container(settings: Settings, more: Partial<AuditedContainer> = {}): AuditedContainer {
  return {
    source: { kind: "compose", name: "compose.yaml" },
    workload: "web",
    role: "main",
    os: "linux",
    settings,
    strategy: { standing: "none" },
    ...more,
  };
}
const image = (more: Partial<AuditImage> = {}): { readonly image: AuditImage } => ({
  image: {
    id: ID,
    repoDigests: [],
    repoTags: ["nginx:1"],
    entrypoint: ["/start"],
    command: ["nginx"],
    user: "",
    ...more,
  },
});
const named = (value: string): Settings => ({ image: { value } });

const files = (...strategies: readonly Strategy[]) =>
  strategies.map((each) => ({ file: `${each.name}.strategy.yaml`, strategy: each }));
const called = (workload: string, more: Partial<AuditedContainer> = {}) =>
  container(named("nginx"), { workload, ...more });

const chosen = (found: AuditedContainer, ...strategies: readonly Strategy[]): string => {
  const choice = chooseStrategy(files(...strategies), found);
  return "ambiguous" in choice ? `${choice.ambiguous.length} alike` : (choice.chosen?.file ?? "none");
};

describe("by the image's name", () => {
  test.each([
    ["a tag", "nginx:1.27", true],
    ["whole", "docker.io/library/nginx:1.27", true],
    ["a digest", `nginx@${DIGEST}`, true],
    ["a tag that is a variable", "nginx:${TAG}", true],
    ["a tag that is a variable with a default", "nginx:${TAG:-1}-alpine", true],
    ["another image", "httpd", false],
    ["a name that begins alike", "nginx-extra:1", false],
    ["a repository that is a variable", "${IMAGE}:1", false],
    ["a variable alone", "$IMAGE", false],
    ["no name", "", false],
    ["no valid name", "NGINX::", false],
  ])("%s", (_, value, fits) => {
    expect(fitsContainer(strategy(), container(named(value)))).toBe(fits);
  });

  test("an image id stands for its names, and for the strategy that was verified on it", () => {
    expect(fitsContainer(strategy(), container(named(ID), image()))).toBe(true);
    expect(fitsContainer(strategy(), container(named(ID), image({ repoTags: ["x:1"] })))).toBe(false);
    const verified = strategy({ verifiedOn: [ID] });
    expect(fitsContainer(verified, container(named(ID), image({ repoTags: [] })))).toBe(true);
  });
});

describe("by the settings", () => {
  const learned = { command: ["redis"] };
  test.each<[string, Partial<Workload>, Settings, boolean]>([
    ["none", {}, {}, true],
    ["the same command", learned, { command: { value: ["redis"] } }, true],
    ["another command", learned, { command: { value: ["sh"] } }, false],
    ["a command that was not learned", {}, { command: { value: ["sh"] } }, false],
    ["a command that was learned and is not there", learned, {}, false],
    ["another user", {}, { user: { value: "1000" } }, false],
    ["the same user", { user: "1000" }, { user: { value: "1000" } }, true],
    ["another directory", {}, { workingDir: { value: "/srv" } }, false],
    ["what does not matter", {}, { memoryBytes: { value: 1 }, readOnlyRoot: { value: true } }, true],
  ])("%s", (_, workload, settings, fits) => {
    expect(fitsContainer(strategy({ workload }), container({ ...named("nginx"), ...settings }))).toBe(fits);
  });

  test("one that cannot be known speaks against nothing", () => {
    const unknown = { unknown: ["command"] } as const;
    expect(fitsContainer(strategy({ workload: learned }), container(named("nginx"), unknown))).toBe(true);
  });

  test.each<[string, Partial<Workload>, Settings, boolean]>([
    ["all the image's own", {}, { entrypoint: { value: ["/start"] }, command: { value: ["nginx"] } }, true],
    ["a command of its own", {}, { entrypoint: { value: ["/start"] }, command: { value: ["sh"] } }, false],
    ["that one, learned", { command: ["sh"] }, { entrypoint: { value: ["/start"] }, command: { value: ["sh"] } }, true],
    [
      "an entrypoint of its own takes the command away",
      { entrypoint: ["/own"] },
      { entrypoint: { value: ["/own"] }, command: { value: [] } },
      true,
    ],
    [
      "the image's command behind an entrypoint of its own was asked for",
      { entrypoint: ["/own"] },
      { entrypoint: { value: ["/own"] }, command: { value: ["nginx"] } },
      false,
    ],
  ])("as an engine tells them: %s", (_, workload, settings, fits) => {
    const told = { ...named("nginx"), user: { value: "" }, ...settings };
    expect(fitsContainer(strategy({ workload }), container(told, image()))).toBe(fits);
  });
});

describe("verified", () => {
  test.each<[string, readonly string[], AuditedContainer, boolean]>([
    ["by id", [ID], container(named("nginx"), image()), true],
    [
      "by digest",
      [`docker.io/library/nginx@${DIGEST}`],
      container(named("nginx"), image({ repoDigests: [`nginx@${DIGEST}`] })),
      true,
    ],
    ["by the digest that is written", [`nginx@${DIGEST}`], container(named(`nginx:1@${DIGEST}`)), true],
    ["another digest", [`nginx@${DIGEST}`], container(named(`nginx@sha256:${"c".repeat(64)}`)), false],
    ["the same digest elsewhere", [`nginx@${DIGEST}`], container(named(`evil/nginx@${DIGEST}`)), false],
    ["a tag proves nothing", ["nginx:1"], container(named("nginx:1")), false],
    ["on nothing", [], container(named("nginx"), image()), false],
  ])("%s", (_, verifiedOn, found, verified) => {
    expect(isVerifiedFor(strategy({ verifiedOn }), found)).toBe(verified);
  });
});

describe("of several", () => {
  const [cache, queue] = [strategy({ name: "cache" }), strategy({ name: "queue" })];

  test.each<[string, AuditedContainer, readonly Strategy[], string]>([
    ["none is there", called("web"), [], "none"],
    ["one", called("web"), [cache], "cache.strategy.yaml"],
    ["that of its name", called("queue"), [cache, queue], "queue.strategy.yaml"],
    ["that of its service", called("shop-queue-1"), [cache, queue], "queue.strategy.yaml"],
    ["that of its service, underlined", called("my-shop_queue_2"), [cache, queue], "queue.strategy.yaml"],
    [
      "that of the pod's container",
      called("Deployment a/b", { container: "cache" }),
      [cache, queue],
      "cache.strategy.yaml",
    ],
    [
      "the only verified one",
      called("web", image()),
      [cache, strategy({ name: "b", verifiedOn: [ID] })],
      "b.strategy.yaml",
    ],
    ["alike", called("web"), [cache, queue], "2 alike"],
    ["two verified", called("web", image()), [cache, queue].map((each) => ({ ...each, verifiedOn: [ID] })), "2 alike"],
    ["a part of a word is no name", called("dequeue"), [cache, queue], "2 alike"],
  ])("%s", (_, found, strategies, expected) => {
    expect(chosen(found, ...strategies)).toBe(expected);
  });
});
