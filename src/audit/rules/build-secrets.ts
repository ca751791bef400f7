import type { BuildStep } from "../container.ts";
import type { Rule } from "../rule.ts";
import { holdsSecret } from "../secret-variable.ts";
import { exampleSteps } from "./examples.ts";

/** Files that hold keys and passwords; examples and public keys of the same name do not. */
const SECRET_FILE =
  /(?:^|\/)(?:id_(?:rsa|dsa|ecdsa|ed25519)|\.env|\.npmrc|\.pypirc|\.netrc|\.git-credentials|\.htpasswd|[^/]*\.(?:key|pfx|p12|jks|keystore)|[^/]*key\.pem|\.aws\/credentials|\.docker\/config\.json)$/i;

export const buildSecrets: Rule = {
  id: "build-secrets",
  title: "A secret gets into the image",
  severity: "medium",
  why:
    "What a build is given by ARG stands in the image's history, and what COPY brings stays in its layer even when a later step " +
    "removes it. Everybody who can pull the image can read both.",
  fix: "Give it for one step only: RUN --mount=type=secret,id=NAME, and docker build --secret.",
  topic: "isolation",
  maps: { cisDocker: ["4.10"], nist800190: ["4.1.4"] },
  needs: [],
  inputs: ["dockerfile"],
  windows: true,
  check: ({ build = [] }) =>
    build.flatMap((step) => [
      ...argumentsOf(step).map((name) => ({
        message: `The build argument ${name} looks like a secret.`,
        at: step.at,
        key: name,
      })),
      ...filesOf(step).map((file) => ({
        message: `${step.name} brings ${file} into the image.`,
        at: step.at,
        key: file,
      })),
    ]),
  fires: [
    { what: "a build argument", input: "dockerfile", settings: {}, build: exampleSteps("ARG NPM_TOKEN") },
    { what: "a key", input: "dockerfile", settings: {}, build: exampleSteps("COPY id_rsa /root/.ssh/") },
  ],
  silent: [
    { what: "what is about one", input: "dockerfile", settings: {}, build: exampleSteps("ARG TOKEN_URL") },
    { what: "a version", input: "dockerfile", settings: {}, build: exampleSteps("ARG NODE_VERSION=24") },
    {
      what: "a mounted secret",
      input: "dockerfile",
      settings: {},
      build: exampleSteps("RUN --mount=type=secret,id=npm npm ci"),
    },
    { what: "a public key", input: "dockerfile", settings: {}, build: exampleSteps("COPY id_rsa.pub /root/.ssh/") },
  ],
};

/** Names under which secrets are given; one that is a switch or a path is none. */
function argumentsOf({ name, text }: BuildStep): readonly string[] {
  if (name !== "ARG") return [];
  return text.split(/\s+/).flatMap((word) => {
    const [variable = "", value = ""] = word.split("=", 2);
    return holdsSecret(`${variable}=${value === "" ? "given" : value}`) ? [variable] : [];
  });
}

function filesOf({ name, flags, text }: BuildStep): readonly string[] {
  if ((name !== "COPY" && name !== "ADD") || flags.some((flag) => flag.startsWith("--from"))) return [];
  const words =
    text
      .split("\n", 1)[0]
      ?.replaceAll(/[[\]",]/g, " ")
      .trim()
      .split(/\s+/) ?? [];
  return words.slice(0, -1).filter((word) => SECRET_FILE.test(word));
}
