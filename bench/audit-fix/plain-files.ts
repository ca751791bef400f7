import type { CorpusWorkload } from "../../demo/corpus.ts";

export const COMPOSE_FILE = "docker-compose.yml";
export const MANIFEST_FILE = "deployment.yaml";

/** An application as people write it down who never heard of read-only: a Compose file, and a Deployment. */
export function plainFiles({ recipe, settings }: CorpusWorkload, image: string): Readonly<Record<string, string>> {
  const { name } = recipe;
  const { hostname, capAdd } = settings;
  const compose = [
    `# ${name}, as its page says it is started`,
    'version: "2.4"',
    "services:",
    `  ${name}:`,
    `    image: "${image}"`,
    ...(hostname === undefined ? [] : [`    hostname: ${hostname}`]),
    ...(capAdd.length === 0 ? [] : [`    cap_add: [${capAdd.join(", ")}]`]),
    "    restart: on-failure:3  # it may need the network",
    "",
  ];
  const manifest = [
    `# ${name}, as a beginner's page has it`,
    "apiVersion: apps/v1",
    "kind: Deployment",
    "metadata:",
    `  name: ${name}`,
    "spec:",
    "  selector: {matchLabels: {app: web}}",
    "  template:",
    "    metadata:",
    "      labels: {app: web}",
    "    spec:",
    ...(hostname === undefined ? [] : [`      hostname: ${hostname}`]),
    "      containers:",
    `      - name: ${name}`,
    `        image: "${image}" # built here`,
    "        imagePullPolicy: IfNotPresent",
    ...(capAdd.length === 0 ? [] : [`        securityContext: {capabilities: {add: [${capAdd.join(", ")}]}}`]),
    "",
  ];
  return { [COMPOSE_FILE]: compose.join("\n"), [MANIFEST_FILE]: manifest.join("\n") };
}
