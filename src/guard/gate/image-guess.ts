const MAX_CONTAINERS = 1000;

/**
 * Which image a container may be of, so that both can be asked for at once. Only a guess: what the engine says of the container
 * decides whether the answer is taken.
 */
export class ImageGuess {
  /** A container's image never changes, but its name may become another's. */
  readonly #ofContainer = new Map<string, string>();
  #justNamed: string | undefined;

  /** `docker run` starts next what it has just made. */
  named(imageId: string): void {
    this.#justNamed = imageId;
  }

  seen(idOrName: string, imageId: string): void {
    this.#ofContainer.delete(idOrName);
    this.#ofContainer.set(idOrName, imageId);
    const [oldest] = this.#ofContainer.keys();
    if (this.#ofContainer.size > MAX_CONTAINERS && oldest !== undefined) this.#ofContainer.delete(oldest);
  }

  of(idOrName: string): string | undefined {
    const known = this.#ofContainer.get(idOrName);
    if (known !== undefined) return known;
    const named = this.#justNamed;
    this.#justNamed = undefined;
    return named;
  }
}
