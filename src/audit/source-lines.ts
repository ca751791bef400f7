/** Gives a line of a text, counted from 1, without its end; undefined where there is none. */
export type LineOf = (source: string, line: number) => string | undefined;

/** Looks lines of texts up; each text is searched once, however often it is asked for. */
export function sourceLines(texts: ReadonlyMap<string, string>): LineOf {
  const known = new Map<string, readonly number[]>();
  return (source, line) => {
    const text = texts.get(source);
    if (text === undefined) return undefined;
    let starts = known.get(source);
    if (starts === undefined) known.set(source, (starts = lineStarts(text)));
    const start = starts[line - 1];
    if (start === undefined) return undefined;
    return text.slice(start, (starts[line] ?? text.length + 1) - 1).replace(/\r$/, "");
  };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
