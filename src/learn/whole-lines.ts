/** Text that comes in pieces, given on line by line; `end` gives what has no end yet. curl writes its errors letter by letter. */
export class WholeLines {
  readonly #give: (line: string) => void;
  #rest = "";

  constructor(give: (line: string) => void) {
    this.#give = give;
  }

  take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#give(line);
  }

  end(): void {
    if (this.#rest !== "") this.#give(this.#rest);
    this.#rest = "";
  }
}
