import type { BuildStep } from "../container.ts";
import type { Rule } from "../rule.ts";
import { exampleSteps } from "./examples.ts";

const UPDATE = /\b(?:apt-get|apt|apk)\s+(?:-\S+\s+)*update\b/;
const USE =
  /\b(?:apt-get|apt|aptitude|apk)\s+(?:-\S+\s+)*(?:install|upgrade|full-upgrade|dist-upgrade|build-dep|add|download)\b|\bapt-get\b.*\bsatisfy\b/;

export const loneUpdate: Rule = {
  id: "lone-update",
  title: "Package lists are fetched in a step of their own",
  severity: "low",
  why:
    "The step is cached, so that later builds install from lists that are weeks old: known holes come back, or packages are not " +
    "found. It also leaves the lists in a layer.",
  fix: "Fetch the lists in the step that installs: RUN apt-get update && apt-get install ... && rm -rf /var/lib/apt/lists/*.",
  topic: "image",
  maps: { cisDocker: ["4.7"] },
  needs: [],
  inputs: ["dockerfile"],
  check: ({ build = [] }) =>
    build.filter(isLone).map(({ at }, index) => ({
      message: "This step fetches package lists and installs nothing.",
      at,
      key: String(index),
    })),
  fires: [{ what: "update alone", input: "dockerfile", settings: {}, build: exampleSteps("RUN apt-get update") }],
  silent: [
    {
      what: "with what it is for",
      input: "dockerfile",
      settings: {},
      build: exampleSteps("RUN apt-get update && apt-get install -y curl"),
    },
    {
      what: "Alpine's, which needs none",
      input: "dockerfile",
      settings: {},
      build: exampleSteps("RUN apk add --no-cache curl"),
    },
  ],
};

function isLone({ name, text }: BuildStep): boolean {
  return name === "RUN" && UPDATE.test(text) && !USE.test(text);
}
