/** Executable by exec: forked children share their parent's number, so that no pid has to be followed. */
export class Executables {
  readonly #half: number;
  #young = new Map<number, string>();
  #old = new Map<number, string>();

  /** Keeps the `entries` last used, at least half of them. */
  constructor(entries = 65_536) {
    this.#half = entries / 2;
  }

  set(execId: number, path: string): void {
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(execId, path);
  }

  get(execId: number): string | undefined {
    const young = this.#young.get(execId);
    if (young !== undefined) return young;
    const old = this.#old.get(execId);
    if (old !== undefined) this.set(execId, old);
    return old;
  }
}
