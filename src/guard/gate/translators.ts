import type { BodyHead } from "../docker-api/body-head.ts";
import { readCreate } from "../docker-api/create/read.ts";
import type { CreateRequest } from "../docker-api/create-request.ts";
import { readKubePlay } from "../docker-api/kube-play/read.ts";
import { readLibpodCreate } from "../docker-api/libpod/create.ts";
import { readLibpodPod } from "../docker-api/libpod/pod.ts";
import { readService } from "../docker-api/service/read.ts";
import type { TranslatorName } from "./meaning.ts";

export interface Translator {
  /** Throws E_REQUEST_BODY. */
  read(body: Buffer, head: BodyHead): CreateRequest;
  /**
   * Without the image the engine makes nothing and says 404, upon which clients pull and ask again. `later`: the engine pulls by
   * itself, so that what is judged has no image.
   */
  readonly missingImage: "answer404" | "later";
}

/** A missing row is refused. */
export type Translators = Readonly<Partial<Record<TranslatorName, Translator>>>;

export const TRANSLATORS: Translators = {
  dockerCreate: { read: readCreate, missingImage: "answer404" },
  libpodCreate: { read: readLibpodCreate, missingImage: "answer404" },
  // A pod's first container has an image of the engine's own.
  podCreate: { read: readLibpodPod, missingImage: "later" },
  kubePlay: { read: readKubePlay, missingImage: "later" },
  serviceCreate: { read: readService, missingImage: "later" },
  serviceUpdate: { read: readService, missingImage: "later" },
};
