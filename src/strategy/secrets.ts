import type { Workload } from "../model/workload.ts";

/** Names under which images take secrets; `X_FILE` names a file that holds one, and is none itself. */
const SECRET_WORD = /pass(?:word|wd|phrase)|secret|token|credential|private|cookie|api_?key/i;
const SECRET_PART = /(?:^|_)(?:pass|pw|pwd|key|keys|auth|dsn|pin|salt)(?:$|_)/i;
const FILE_NAME = /_FILE$/i;
/** Values that are secrets whatever their name: a password in a URL, a key in PEM, a JSON web token. */
const SECRET_VALUE = /:\/\/[^/@\s]*:[^/@\s]*@|-----BEGIN|^eyJ[\w-]+\.[\w-]+\./;

/** The workload as it may be committed: variables that look secret keep their name only, as `docker run -e NAME` takes them. */
export function withoutSecrets(workload: Workload): Workload {
  return { ...workload, env: workload.env.map((variable) => (isSecret(variable) ? nameOf(variable) : variable)) };
}

/** Whether `NAME=VALUE` gives a secret away, by its name or by its value. */
export function isSecret(variable: string): boolean {
  const name = nameOf(variable);
  const value = variable.slice(name.length + 1);
  const isPath = FILE_NAME.test(name) && value.startsWith("/");
  return ((SECRET_WORD.test(name) || SECRET_PART.test(name)) && !isPath) || SECRET_VALUE.test(value);
}

function nameOf(variable: string): string {
  const [name = ""] = variable.split("=", 1);
  return name;
}
