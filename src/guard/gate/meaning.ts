import type { Plan } from "../api-call.ts";

/** Which reader turns a body into containers: a row of the table of translators. */
export type TranslatorName =
  | "dockerCreate"
  | "libpodCreate"
  | "podCreate"
  | "kubePlay"
  | "serviceCreate"
  | "serviceUpdate";

/** What a call means to the policy. `{}` of its pattern is the name of what it is about, unless something else is said. */
export type Meaning =
  /** Changes nothing of what the policy speaks of: as it comes. */
  | { readonly kind: "pass" }
  | { readonly kind: "create"; readonly translator: TranslatorName }
  /** `restore` may also make a new container: without one of this name it is not known what. */
  | { readonly kind: "start"; readonly of: "container" | "pod" | "restore" }
  | { readonly kind: "execCreate" }
  | { readonly kind: "execStart" }
  | { readonly kind: "attach" }
  | { readonly kind: "update"; readonly schema: "docker" | "libpod" }
  /** Files get into the container's root from outside. */
  | { readonly kind: "copy" }
  /** The container is named by the query. */
  | { readonly kind: "commit" }
  | { readonly kind: "build" }
  /** BuildKit speaks for itself after the engine's 101. */
  | { readonly kind: "buildSession" }
  /** `installing the plugin`. */
  | { readonly kind: "engineChange"; readonly what: string }
  | { readonly kind: "unknown" };

/** Bodies that are judged: what dockerd gives to an authorization plugin (moby pkg/authorization, maxBodySize) is no longer either. */
export const MAX_BODY_BYTES = 1024 * 1024;
/** Of calls that begin a stream: a few settings of a terminal. */
const MAX_HIJACK_BODY_BYTES = 64 * 1024;

/** What the calls of one meaning need before they may go to the engine. */
export const PLANS: Readonly<Record<Meaning["kind"], Plan>> = {
  pass: { kind: "stream" },
  create: { kind: "judgeBody", maxBytes: MAX_BODY_BYTES },
  start: { kind: "judgeWithoutBody" },
  execCreate: { kind: "judgeBody", maxBytes: MAX_BODY_BYTES },
  execStart: { kind: "hijack", maxBytes: MAX_HIJACK_BODY_BYTES },
  attach: { kind: "hijack", maxBytes: MAX_HIJACK_BODY_BYTES },
  update: { kind: "judgeBody", maxBytes: MAX_BODY_BYTES },
  copy: { kind: "judgeHead" },
  commit: { kind: "judgeHead" },
  build: { kind: "judgeHead" },
  buildSession: { kind: "hijack", maxBytes: 0 },
  engineChange: { kind: "judgeHead" },
  unknown: { kind: "judgeHead" },
};
