import type { Policy } from "../model/policy.ts";
import { describe, issuesOf } from "../strategy/file-issues.ts";
import { type FileKind, offsetOf, readYaml } from "../strategy/file-yaml.ts";
import { fromFile } from "./file-model.ts";
import { contradictions } from "./file-rules.ts";
import { policyFile } from "./file-schema.ts";

const POLICY_FILE: FileKind = { noun: "policy", code: "E_POLICY_INVALID", page: "docs/reference/policy.md" };

/** The policy in a file's text, YAML or JSON; `fileName` is for messages. Throws E_POLICY_INVALID with line, column and what is wrong there. */
export function parsePolicy(text: string, fileName: string): Policy {
  const { document, place } = readYaml(text, fileName, POLICY_FILE);
  const result = policyFile.safeParse(document.toJS());
  const [issue] = result.success ? contradictions(result.data) : issuesOf(result.error, document);
  if (issue !== undefined) throw place(offsetOf(document, issue), describe(issue));
  if (!result.success) throw place(0, "it is not a policy");
  return fromFile(result.data);
}
