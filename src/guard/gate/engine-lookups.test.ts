import { expect, test } from "vitest";
import { fakeEngine } from "../../../test/support/fake-engine.ts";
import { EngineLookups } from "./engine-lookups.ts";

const [ONE, OTHER] = [`sha256:${"1".repeat(64)}`, `sha256:${"2".repeat(64)}`];

const container = (image: string): string =>
  JSON.stringify({
    Name: "/c",
    Image: image,
    Created: "2026-11-26T00:00:00Z",
    Config: { Image: "shop:1" },
    HostConfig: {},
    Mounts: [],
  });
const image = (id: string, tag: string): string => JSON.stringify({ Id: id, RepoTags: [tag] });

/** Containers and images by the end of their path. */
async function engineOf(things: Readonly<Record<string, string>>) {
  return fakeEngine((_request, response, path) => {
    const thing = things[decodeURIComponent(path.split("/").at(-2) ?? "")];
    if (thing === undefined) response.writeHead(404).end('{"message":"no such thing"}');
    else response.end(thing);
  });
}

test("a container is asked for together with the image that was named before it", async () => {
  const held: (() => unknown)[] = [];
  await using engine = await fakeEngine((_request, response, path) => {
    const tell = (): unknown => response.end(path.startsWith("/containers/") ? container(ONE) : image(ONE, "shop:1"));
    // The first is about the name; of the others neither is told before both were asked for.
    if (path === "/images/shop%3A1/json") tell();
    else held.push(tell);
    if (held.length === 2) for (const each of held.splice(0)) each();
  });
  const lookups = new EngineLookups(engine.socketPath);
  await lookups.image("shop:1");
  const found = await lookups.container("c");
  expect(found?.container.image?.id).toBe(ONE);
  expect(engine.requests).toHaveLength(3);
  lookups.close();
});

test("the engine's word counts, not what was guessed", async () => {
  await using engine = await engineOf({
    "shop:1": image(ONE, "shop:1"),
    [ONE]: image(ONE, "shop:1"),
    [OTHER]: image(OTHER, "other:1"),
    c: container(OTHER),
  });
  const lookups = new EngineLookups(engine.socketPath);
  await lookups.image("shop:1");
  expect((await lookups.container("c"))?.container.image?.repoTags).toEqual(["other:1"]);
  lookups.close();
});

test("no answer about an image is used twice: its names change", async () => {
  const things: Record<string, string> = { "shop:1": image(ONE, "shop:1"), [ONE]: image(ONE, "shop:1") };
  things["c"] = container(ONE);
  await using engine = await engineOf(things);
  const lookups = new EngineLookups(engine.socketPath);
  await lookups.image("shop:1");
  await lookups.container("c");
  things[ONE] = image(ONE, "other:1");
  expect((await lookups.container("c"))?.container.image?.repoTags).toEqual(["other:1"]);
  delete things[ONE];
  expect(await lookups.container("c")).toMatchObject({ container: { imageReference: "shop:1" } });
  expect((await lookups.container("c"))?.container.image).toBeUndefined();
  lookups.close();
});

test("a guess about what is not there any more harms nobody", async () => {
  await using engine = await fakeEngine((_request, response, path) => {
    if (path === "/images/shop%3A1/json") response.end(image(ONE, "shop:1"));
    else if (path === "/containers/c/json") response.end(container(OTHER));
    else if (path.includes(ONE.slice(7))) response.writeHead(500).end('{"message":"broken"}');
    else response.end(image(OTHER, "other:1"));
  });
  const lookups = new EngineLookups(engine.socketPath);
  await lookups.image("shop:1");
  expect((await lookups.container("c"))?.container.image?.id).toBe(OTHER);
  lookups.close();
});
