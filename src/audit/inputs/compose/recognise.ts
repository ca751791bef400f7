import { basename } from "node:path/posix";
import type { AuditText } from "../../inputs.ts";

/** `services` at the top with a map below it, not a list: in block style, in flow style, or in JSON. */
const SERVICES =
  /^\uFEFF?(?:services|'services'|"services")[ \t]*:[ \t]*(?:[&!]\S+[ \t]*)*(?:\{|(?:#.*)?\r?\n(?:[ \t]*(?:#.*)?\r?\n)*[ \t]+[^\s#-])/m;
const FLOW_SERVICES = /^\uFEFF?(?:\s|#.*\n|---)*\{(?:[^]*[,{\s])?["']?services["']?\s*:\s*\{/;
/** What services have, and the services of other tools' files (Symfony) do not. */
const SERVICE_KEY = /[\s{,]["']?(?:image|build|extends)["']?\s*:/;
/** Keys at the top of other tools' files that have services, too: pipelines, Kubernetes, Helm. */
const FOREIGN = /^(?:apiVersion|kind|jobs|steps|pipeline|stages|workflow|language)[ \t]*:/m;
const COMPOSE_NAME = /compose|^fig\.ya?ml$|stack/i;
/** The first form of the file has services at the top. */
const FIRST_FORM =
  /^[\w.-]+:[ \t]*(?:#.*)?\r?\n(?:[ \t]*(?:#.*)?\r?\n)*[ \t]+(?:\S.*\r?\n(?:[ \t]*\r?\n)*[ \t]+)*(?:image|build):/m;

/** Whether a text is a Compose file or a stack; its name decides where services could be another tool's. */
export function isCompose({ name, text }: AuditText): boolean {
  const isNamed = COMPOSE_NAME.test(basename(name));
  if (text.includes("services")) {
    const hasServices = SERVICES.test(text) || FLOW_SERVICES.test(text);
    if (hasServices) return isNamed || (SERVICE_KEY.test(text) && !FOREIGN.test(text));
  }
  if (!isNamed) return false;
  return /^include[ \t]*:/m.test(text) || (!FOREIGN.test(text) && FIRST_FORM.test(text));
}
