/**
 * Repository of an image reference as Docker completes it (distribution/reference normalize.go): `redis:7` is
 * `docker.io/library/redis`. Variables of Compose in tag and digest do not matter.
 */
export function imageRepository(reference: string): string {
  const named = reference
    .replaceAll(/\$\{[^}]*\}|\$\w+/g, "$")
    .replace(/@.*$/, "")
    .replace(/:[^/]*$/, "");
  const [first = "", ...rest] = named.split("/");
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  if (hasRegistry) return named.replace(/^index\.docker\.io\//, "docker.io/");
  return `docker.io/${rest.length === 0 ? "library/" : ""}${named}`;
}
