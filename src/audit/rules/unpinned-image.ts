import { tryParseReference } from "../../strategy/reference.ts";
import type { Rule } from "../rule.ts";

export const unpinnedImage: Rule = {
  id: "unpinned-image",
  title: "The image is not pinned by digest",
  severity: "low",
  why:
    "A tag can be moved, by the publisher or by whoever took the registry over, and the next pull runs something else. A strategy " +
    "is verified for a digest, and a moved tag is not that any more.",
  fix: "Add the digest, and let a bot renew it.",
  topic: "image",
  maps: { nist800190: ["4.1.5", "4.2.2"] },
  needs: ["image"],
  // A container or an image of an engine has its bytes already.
  inputs: ["compose", "swarm", "kubernetes", "quadlet", "ecs", "command", "dockerfile"],
  windows: true,
  check: ({ settings: { image } }) => {
    const named = image === undefined ? undefined : tryParseReference(image.value);
    if (named === undefined || named.digest !== undefined || (named.tag ?? "latest") === "latest") return [];
    return [{ message: `${image?.value ?? ""} can stand for another image tomorrow.`, at: image?.at }];
  },
  fires: [{ what: "a tag", settings: { image: { value: "nginx:1.27" } } }],
  silent: [
    { what: "tag and digest", settings: { image: { value: `nginx:1.27@sha256:${"a".repeat(64)}` } } },
    { what: "no version, which is told by another rule", settings: { image: { value: "nginx" } } },
    { what: "built here", settings: {} },
    { what: "a container that runs", input: "engine", settings: { image: { value: "nginx:1.27" } } },
  ],
};
