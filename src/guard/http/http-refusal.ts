/** A message that is not let through: the status to answer with, and a sentence for the client. */
export class HttpRefusal extends Error {
  override readonly name = "HttpRefusal";
  readonly status: number;
  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

/** The bytes are not HTTP as this reader lets it through. */
export function malformed(sentence: string): HttpRefusal {
  return new HttpRefusal(400, sentence);
}
