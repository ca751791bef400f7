import type { CreateRequest } from "../docker-api/create-request.ts";
import { readCreate } from "../docker-api/create.ts";
import type { TranslatorName } from "./meaning.ts";

/** What a reader of bodies must know of the call. */
export interface CreateContext {
  readonly version?: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly contentType?: string;
}

export interface Translator {
  /** Throws E_REQUEST_BODY. */
  read(body: Buffer, context: CreateContext): CreateRequest;
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
};
