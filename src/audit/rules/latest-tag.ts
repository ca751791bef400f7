import { tryParseReference } from "../../strategy/reference.ts";
import type { Rule } from "../rule.ts";

export const latestTag: Rule = {
  id: "latest-tag",
  title: "The image's version is not named",
  severity: "low",
  why:
    "What latest stands for changes without notice, and differs between hosts that pulled on different days. Nobody can tell what " +
    "runs, or go back to it.",
  fix: "Name a version, best with its digest.",
  topic: "image",
  maps: { cisDocker: ["5.28"], nist800190: ["4.2.2"] },
  needs: ["image"],
  windows: true,
  check: ({ settings: { image } }) => {
    const named = image === undefined ? undefined : tryParseReference(image.value);
    if (
      named === undefined ||
      named.digest !== undefined ||
      (named.tag ?? "latest") !== "latest" ||
      named.path === "library/scratch"
    )
      return [];
    return [{ message: `${image?.value ?? ""} names no version.`, at: image?.at }];
  },
  fires: [
    { what: "no tag", settings: { image: { value: "nginx" } } },
    { what: "latest", settings: { image: { value: "registry.example.com:5000/web:latest" } } },
  ],
  silent: [
    { what: "a version", settings: { image: { value: "nginx:1.27" } } },
    { what: "a digest", settings: { image: { value: `nginx@sha256:${"a".repeat(64)}` } } },
    { what: "built here", settings: {} },
    { what: "not to be read", settings: { image: { value: "nginx:${TAG}" } } },
    { what: "no image at all", input: "dockerfile", settings: { image: { value: "scratch" } } },
  ],
};
