import type { Rule } from "../rule.ts";
import { holdsSecret } from "../secret-variable.ts";

export const secretsInEnvironment: Rule = {
  id: "secrets-in-environment",
  title: "Secrets are written in the environment",
  severity: "medium",
  why:
    "Whoever reads the file, inspects the container or sees a crash report has the secret, and every child process inherits it. " +
    "Only names are shown here.",
  fix: "Give it as a file (a secret of Compose, Swarm, Kubernetes or Podman), and name the file by NAME_FILE where the image takes that.",
  topic: "isolation",
  maps: { cisKubernetes: ["5.4.1"], nist800190: ["4.1.4"] },
  needs: ["environment"],
  windows: true,
  check: ({ settings: { environment } }) => {
    const names = (environment?.value ?? []).filter(holdsSecret).map((variable) => variable.split("=", 1)[0] as string);
    return names.length === 0
      ? []
      : [
          {
            message: `${names.join(", ")} ${names.length === 1 ? "holds" : "hold"} what looks like a secret.`,
            at: environment?.at,
          },
        ];
  },
  fires: [
    { what: "a password", settings: { environment: { value: ["DB_PASSWORD=hunter2"] } } },
    { what: "a password in a URL", settings: { environment: { value: ["DB=postgres://app:hunter2@db/app"] } } },
  ],
  silent: [
    { what: "the name alone: the value comes from elsewhere", settings: { environment: { value: ["DB_PASSWORD"] } } },
    { what: "a file", settings: { environment: { value: ["DB_PASSWORD_FILE=/run/secrets/db"] } } },
    { what: "an interpolation", settings: { environment: { value: ["DB_PASSWORD=${DB_PASSWORD}"] } } },
    {
      what: "what is about one",
      settings: { environment: { value: ["AUTH_METHOD=plain", "TOKEN_URL=https://idp/"] } },
    },
    { what: "a switch", settings: { environment: { value: ["ALLOW_EMPTY_PASSWORD=yes", "TZ=UTC"] } } },
  ],
};
