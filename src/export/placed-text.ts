/** Text taken out of a larger one, perhaps in pieces and with escapes undone: each character knows where it stands there. */
export class PlacedText {
  readonly text: string;
  /** Of each character; of a text that stands there as it is, only the first one's. */
  readonly #offsets: readonly number[] | number;

  constructor(text: string, offsets: readonly number[] | number) {
    this.text = text;
    this.#offsets = offsets;
  }

  /** Offset of a character; behind the last one, where the text ends. */
  at(index: number): number {
    if (typeof this.#offsets === "number") return this.#offsets + Math.min(index, this.text.length);
    const last = this.#offsets.length - 1;
    return index > last ? (this.#offsets[last] ?? -1) + 1 : (this.#offsets[index] ?? 0);
  }

  slice(from: number, to: number = this.text.length): PlacedText {
    const text = this.text.slice(from, to);
    return new PlacedText(
      text,
      typeof this.#offsets === "number" ? this.#offsets + from : this.#offsets.slice(from, to),
    );
  }

  /** Without blanks around it. */
  trim(): PlacedText {
    return this.slice(this.text.length - this.text.trimStart().length, this.text.trimEnd().length);
  }
}

/** Puts a placed text together, character by character. */
export class PlacedBuilder {
  #text = "";
  readonly #offsets: number[] = [];

  /** All of `text` stands for what begins at `offset`. */
  add(text: string, offset: number): void {
    this.#text += text;
    for (let index = 0; index < text.length; index++) this.#offsets.push(offset);
  }

  /** As it stands there. */
  append(part: PlacedText): void {
    this.#text += part.text;
    for (let index = 0; index < part.text.length; index++) this.#offsets.push(part.at(index));
  }

  get length(): number {
    return this.#text.length;
  }

  build(): PlacedText {
    return new PlacedText(this.#text, this.#offsets);
  }
}
