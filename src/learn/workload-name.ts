const LONGEST_NAME = 100;

/** The name of a workload's files: from `--name`, else the last part of the image reference, in `[a-z0-9._-]`. */
export function workloadName(image: string, containerName?: string): string {
  return sanitise(containerName ?? "") || sanitise(lastPart(image)) || "workload";
}

function lastPart(image: string): string {
  const id = /^(?:sha256:)?([0-9a-f]{64})$/.exec(image);
  if (id !== null) return `image-${(id[1] as string).slice(0, 12)}`;
  const repository = image.replace(/@.*$/, "");
  return repository.slice(repository.lastIndexOf("/") + 1).replace(/:.*$/, "");
}

function sanitise(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .slice(0, LONGEST_NAME)
    .replace(/^[._-]+/, "")
    .replace(/[._-]+$/, "");
}
