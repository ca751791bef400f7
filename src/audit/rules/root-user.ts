import type { Rule } from "../rule.ts";

/** Inputs that decide the user themselves: an absent one is root, or (Kubernetes) may be. */
const DECIDING = new Set(["kubernetes", "dockerfile", "image"]);

export const rootUser: Rule = {
  id: "root-user",
  title: "It runs as root",
  severity: "medium",
  why:
    "Root in the container owns every file of the image and is the host's root where a wall of the container has a hole. Most " +
    "applications need it only to start.",
  fix: "Run it as a user of its own.",
  topic: "isolation",
  maps: {
    cisDocker: ["4.1"],
    cisKubernetes: ["5.2.7"],
    nsa: ["Non-root containers"],
    nist800190: ["4.1.2"],
  },
  needs: ["user"],
  spelled: {
    compose: "user: UID:GID",
    kubernetes: "securityContext.runAsNonRoot: true, with runAsUser where the image names none",
    quadlet: "User=UID",
    ecs: '"user": "UID:GID"',
    command: "--user UID:GID",
    dockerfile: "USER UID",
  },
  check: ({ settings, image, source, at }) => {
    const { user, runAsNonRoot } = settings;
    if (user !== undefined)
      return isRoot(user.value)
        ? [{ message: `It runs as ${user.value === "" ? "root" : user.value}.`, at: user.at }]
        : [];
    if (runAsNonRoot?.value === true) return [];
    if (image !== undefined && source.kind !== "dockerfile")
      return isRoot(image.user ?? "") ? [{ message: "It runs as root: the image names no other user.", at }] : [];
    if (!DECIDING.has(source.kind)) return [];
    return [{ message: "It may run as root: no user is named, and nothing forbids it.", at: runAsNonRoot?.at }];
  },
  fires: [
    { what: "root by name", settings: { user: { value: "root" } } },
    { what: "root by number", settings: { user: { value: "0:0" } } },
    { what: "root by its image", settings: {}, image: { repoDigests: [] } },
    { what: "a pod that does not say", input: "kubernetes", settings: {} },
    { what: "a Dockerfile without USER", input: "dockerfile", settings: {} },
  ],
  silent: [
    { what: "a user", settings: { user: { value: "1000:1000" } } },
    { what: "a user by its image", settings: {}, image: { repoDigests: [], user: "nginx" } },
    { what: "runAsNonRoot", input: "kubernetes", settings: { runAsNonRoot: { value: true } } },
    { what: "a Compose file does not say, and the image is not known", settings: {} },
  ],
};

/** Whether a user that is named, or not (an empty text), is root. */
export function isRoot(user: string): boolean {
  return /^(?:|0+|root)(?::.*)?$/.test(user);
}
