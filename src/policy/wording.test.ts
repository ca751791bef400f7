import { expect, test } from "vitest";
import { decide } from "./decide.ts";
import { parsePolicy } from "./file.ts";
import { told } from "./testing/outcomes.ts";
import { bindMount, circumstances, containerRequest, IMAGE_ID, imageFacts } from "./testing/samples.ts";

const BARE = "apiVersion: petrify.dev/v1\nkind: ReadOnlyPolicy\nmetadata:\n  name: house\n";
const WITH_ONE = `${BARE}exemptions:\n  - {imageId: "sha256:${"2".repeat(64)}", reason: other, until: 2027-01-01}\n`;

test.each([
  ["the first", BARE, /\((exemptions: .*)\)/, ""],
  ["one more", WITH_ONE, /\(below exemptions: (- .*)\)/, "  "],
])("the exemption that a refusal proposes works as it is printed, with a day: %s", (_what, text, line, indent) => {
  const container = containerRequest({ image: imageFacts({ id: IMAGE_ID }), mounts: [bindMount("/etc")] });
  const request = { action: "create", container } as const;
  const refused = decide(request, parsePolicy(text, "policy.yaml"), circumstances());
  const printed = line.exec(told(refused))?.[1] ?? "";
  const next = parsePolicy(`${text}${indent}${printed.replace("YYYY-MM-DD", "2027-01-31")}\n`, "policy.yaml");
  expect(decide(request, next, circumstances()).verdict).toBe("allow");
});
