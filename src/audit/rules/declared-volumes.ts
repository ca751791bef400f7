import type { AuditedContainer } from "../container.ts";
import { bareVolumes, isReadOnly } from "../mounts.ts";
import type { Rule } from "../rule.ts";

export const declaredVolumes: Rule = {
  id: "declared-volumes",
  title: "VOLUMEs of the image stay writable, and keep nothing",
  severity: "medium",
  why:
    "An engine backs every VOLUME of an image with an anonymous volume, writable under a read-only root too, and unbounded. " +
    "The next container gets a new one, so that what is there is orphaned.",
  fix: "Mount each on purpose: a named volume where data must stay, a tmpfs with a size where not.",
  topic: "read-only root",
  maps: { cisDocker: ["5.13"], cisDockerBefore: ["5.12"], nist800190: ["4.4.4"] },
  needs: [],
  check: (container) =>
    bareVolumes(container).map((path) => ({
      message: `The image declares the VOLUME ${path}${consequence(container)}.`,
      at: container.build?.findLast(({ name, text }) => name === "VOLUME" && text.includes(path))?.at,
      key: path,
    })),
  fires: [
    {
      what: "a read-only container of an image with a VOLUME",
      settings: { readOnlyRoot: { value: true } },
      image: { repoDigests: [], volumes: ["/data"] },
    },
    {
      what: "the engine made an anonymous volume for it",
      input: "engine",
      settings: { mounts: [{ type: "volume", target: "/data", readOnly: false }] },
      image: { repoDigests: [], volumes: ["/data"] },
    },
    { what: "an image", input: "image", settings: {}, image: { repoDigests: [], volumes: ["/data"] } },
  ],
  silent: [
    { what: "an image without one", settings: {}, image: { repoDigests: [] } },
    {
      what: "a named volume is mounted there",
      settings: { mounts: [{ type: "volume", source: "data", target: "/data", readOnly: false }] },
      image: { repoDigests: [], volumes: ["/data"] },
    },
    {
      what: "a tmpfs is mounted above it",
      settings: { mounts: [{ type: "tmpfs", target: "/data", readOnly: false, sizeBytes: 2 ** 20 }] },
      image: { repoDigests: [], volumes: ["/data/cache"] },
    },
  ],
};

function consequence({ settings, source: { kind } }: AuditedContainer): string {
  // The kubelet's runtime decides: containerd backs it with a directory of the node, CRI-O does not (image_volumes = "mkdir").
  if (kind === "kubernetes")
    return ", and nothing is mounted there: under containerd it is writable and lost with the pod";
  if (isReadOnly(settings)) return ": it is writable although the root is read-only";
  return ", and nothing is mounted there: what is written to it is orphaned";
}
