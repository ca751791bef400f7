import type { ContainerRequest, HostNamespace, RequestedDevice } from "../../../policy/request.ts";
import { boolField, intField, objectField, stringField } from "../go-json/read.ts";
import type { JsonObject } from "../go-json/value.ts";
import { objects, requestedDevice } from "./mounts.ts";

const NAMESPACES: Readonly<Record<string, HostNamespace>> = {
  pidns: "pid",
  netns: "network",
  ipcns: "ipc",
  utsns: "uts",
  userns: "user",
  cgroupns: "cgroup",
};

/** Namespaces of the host's that a SpecGenerator or PodSpecGenerator asks for; one by its path may be the host's, too. */
export function hostNamespaces(spec: JsonObject): readonly HostNamespace[] {
  return Object.entries(NAMESPACES)
    .filter(([name]) => {
      const mode = stringField(objectField(spec, name), "nsmode");
      // No user namespace is what each of Podman's containers has unless one is asked for.
      return mode === "path" || (mode === "host" && name !== "userns");
    })
    .map(([, namespace]) => namespace);
}

/** Those of other containers; undefined without. A container of a pod shares them by being one. */
export function joinedNamespaces(spec: JsonObject): ContainerRequest["joinedNamespaces"] {
  const joined = Object.entries(NAMESPACES).flatMap(([name, namespace]) => {
    const object = objectField(spec, name);
    if (stringField(object, "nsmode") !== "container") return [];
    return [{ namespace, container: stringField(object, "value") }];
  });
  return joined.length === 0 ? undefined : joined;
}

/** Only the paths count (pkg/specgen/generate, DevicesFromPath): they say which device of the host it is, and where it goes. */
export function requestedDevices(spec: JsonObject): readonly RequestedDevice[] {
  return ["devices", "host_device_list"].flatMap((name) =>
    objects(spec, name).map((device, index) => requestedDevice(stringField(device, "path"), `${name}[${index}].path`)),
  );
}

/** Rules of the device cgroup that allow something. */
export function deviceRules(spec: JsonObject): readonly string[] {
  const own = objects(spec, "device_cgroup_rule");
  const limits = objectField(spec, "resource_limits");
  // Podman takes each of the first list for an allowance (SpecGenToOCI).
  const ofLimits = limits === undefined ? [] : objects(limits, "devices").filter((rule) => boolField(rule, "allow"));
  return [...own, ...ofLimits].map((rule) => {
    const number = (name: string): string => String(intField(rule, name) ?? "*").replace("-1", "*");
    const type = stringField(rule, "type");
    return `${type === "" ? "a" : type} ${number("major")}:${number("minor")} ${stringField(rule, "access")}`;
  });
}
