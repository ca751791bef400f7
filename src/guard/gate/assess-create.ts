import { type ContainerRequest, NOTHING_ASKED } from "../../policy/request.ts";
import type { ApiCall } from "../api-call.ts";
import type { Assessing } from "./assess.ts";
import { type Assessment, judge, refuse } from "./assessment.ts";
import type { Lookups } from "./lookups.ts";
import { MAX_BODY_BYTES, type TranslatorName } from "./meaning.ts";
import { queryValue } from "./query.ts";
import { asItIs } from "./as-it-is.ts";

/** One request per container that the body asks for. Throws E_REQUEST_BODY. */
export async function assessCreate(
  call: ApiCall,
  name: TranslatorName,
  body: Buffer,
  { lookups, translators }: Assessing,
): Promise<Assessment> {
  const { version, query } = call.target;
  // The engine takes the former specification, and nothing of the body.
  const rollback = name === "serviceUpdate" ? (queryValue(call, "rollback") ?? "") : "";
  if (rollback !== "" && rollback !== "none")
    return judge({ action: "unknown", what: "rolling a service back to a specification that is not in the request" });
  const translator = translators[name];
  if (translator === undefined)
    return refuse(
      403,
      "unsupported",
      `${WHAT[name]} is not supported by this guard. Make the container by another call.`,
    );
  const request = translator.read(body, {
    query,
    maxBytes: MAX_BODY_BYTES,
    ...(version !== undefined && { version }),
    ...(call.contentType !== undefined && { contentType: call.contentType }),
  });
  const containers: ContainerRequest[] = [];
  for (const asked of request.containers) {
    if (asked.mounts.length > MAX_MOUNTS) return tooManyMounts();
    const image = await imageOf(asked.imageReference, queryValue(call, "platform"), lookups);
    if (image === undefined && translator.missingImage === "answer404" && asked.imageReference !== "")
      return refuse(404, "image-missing", `No such image: ${named(asked.imageReference)}`);
    if (image !== undefined && image.volumes.length > MAX_MOUNTS) return tooManyMounts();
    containers.push(await asItIs(image === undefined ? asked : { ...asked, image }, lookups));
  }
  // Its pods are started at once, each with an infra container that nobody named.
  if (name === "kubePlay" && queryValue(call, "start") !== "false") containers.push(PAUSE);
  return {
    kind: "judge",
    requests: containers.map((container) => ({ action: "create", container })),
    rewrite: (changes) => request.body(changes),
  };
}

const PAUSE: ContainerRequest = {
  ...NOTHING_ASKED,
  imageReference: "localhost/podman-pause",
  readOnlyRoot: true,
  isPause: true,
};
/** Of one container, those of its image beside its own: each is a question to the engine, and more keep both busy for minutes. */
const MAX_MOUNTS = 512;

function tooManyMounts(): Assessment {
  return refuse(
    400,
    "too-many-mounts",
    `A container can have at most ${MAX_MOUNTS} mounts here. Mount a directory that holds them.`,
  );
}

async function imageOf(
  reference: string,
  platform: string | undefined,
  lookups: Lookups,
): Promise<ContainerRequest["image"]> {
  return reference === "" ? undefined : lookups.image(reference, platform === "" ? undefined : platform);
}

const WHAT: Readonly<Record<TranslatorName, string>> = {
  dockerCreate: "Making a container",
  libpodCreate: "Making a container by libpod's API",
  podCreate: "Making a pod",
  kubePlay: "Playing a Kubernetes manifest",
  serviceCreate: "Making a service of a swarm",
  serviceUpdate: "Changing a service of a swarm",
};

/** As dockerd names an image that it does not have. */
function named(reference: string): string {
  const last = reference.slice(reference.lastIndexOf("/") + 1);
  return /[:@]/.test(last) ? reference : `${reference}:latest`;
}
