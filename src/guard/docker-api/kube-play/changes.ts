import type { Change } from "../../../policy/decision.ts";
import { changeError } from "../change-error.ts";
import { listField, objectField, stringsField } from "../go-json/read.ts";
import {
  jsonBool,
  jsonList,
  jsonObject,
  type JsonObject,
  jsonString,
  jsonStrings,
  type JsonValue,
  withMembers,
} from "../go-json/value.ts";

type Members = Readonly<Record<string, JsonValue>>;
const EMPTY = jsonObject([]);

/**
 * A container of a pod with the changes made that Podman has a field for. Without one are a tmpfs (its emptyDir has no bound, owner or
 * mode) and what Kubernetes leaves to the node. Throws E_REQUEST_CHANGE, which says what to write instead.
 */
export function changedContainer(container: JsonObject, changes: readonly Change[], name: string): JsonObject {
  return changes.reduce<JsonObject>(
    (changed, change) => withMembers(changed, members(changed, change, name)),
    container,
  );
}

function members(container: JsonObject, change: Change, name: string): Members {
  switch (change.kind) {
    case "readOnlyRoot":
      return security(container, { readOnlyRootFilesystem: jsonBool(true) });
    case "noNewPrivileges":
      return security(container, { allowPrivilegeEscalation: jsonBool(false) });
    case "dropCapabilities": {
      const told = objectField(objectField(container, "securityContext"), "capabilities") ?? EMPTY;
      const drop = jsonStrings([...(stringsField(told, "drop") ?? []), ...change.names]);
      return security(container, { capabilities: withMembers(told, { drop }) });
    }
    case "memory": {
      const resources = objectField(container, "resources") ?? EMPTY;
      const limits = objectField(resources, "limits") ?? EMPTY;
      const changed = withMembers(limits, { memory: jsonString(String(change.bytes)) });
      return { resources: withMembers(resources, { limits: changed }) };
    }
    case "env": {
      const variable = jsonObject([
        ["name", jsonString(change.name)],
        ["value", jsonString(change.value)],
      ]);
      return { env: jsonList([...(listField(container, "env") ?? []), variable]) };
    }
    case "tmpfs":
    case "volume":
      throw changeError(
        `${name} is not read-only, and Podman's kube play has no place for the mount that it needs at ${change.path}.`,
        `Write readOnlyRootFilesystem: true into its securityContext, and mount an emptyDir at ${change.path}.`,
      );
    case "readOnlyPaths":
    case "pidsLimit":
    case "logDriver":
  }
  throw changeError(
    `Podman's kube play has no place for what the policy adds to ${name} (${change.kind}).`,
    "Leave that out of the policy's defaults, or run the container with podman run.",
  );
}

function security(container: JsonObject, changed: Members): Members {
  return { securityContext: withMembers(objectField(container, "securityContext") ?? EMPTY, changed) };
}
