import * as z from "zod";
import { parseJson, readLines } from "./body.ts";
import { malformed } from "./failures.ts";
import { oneLine } from "./text.ts";

/** One line of what pull, import and load report while they work. */
export interface ProgressLine {
  readonly id: string;
  readonly status: string;
  readonly progress: string;
  /** What build and load print. */
  readonly stream: string;
  /** A failure, inside an answer whose status was 200. */
  readonly error: string;
  /** Reason of an answer whose status was an error. */
  readonly message: string;
}

const progressLine = z
  .object({
    id: z.string().optional(),
    status: z.string().optional(),
    progress: z.string().optional(),
    stream: z.string().optional(),
    error: z.string().optional(),
    message: z.string().optional(),
    errorDetail: z.object({ message: z.string().optional() }).optional(),
  })
  .transform((raw): ProgressLine => ({
    id: raw.id ?? "",
    status: raw.status ?? "",
    progress: raw.progress ?? "",
    stream: raw.stream ?? "",
    error: raw.error ?? raw.errorDetail?.message ?? "",
    message: raw.message ?? "",
  }));

/** The progress lines of an answer, decoded as they come; throws E_ENGINE_API on anything else. */
export async function* readProgress(body: AsyncIterable<Buffer>, action: string): AsyncGenerator<ProgressLine> {
  for await (const text of readLines(body, action)) {
    const parsed = progressLine.safeParse(parseJson(text, action));
    if (!parsed.success) throw malformed(action, z.prettifyError(parsed.error), parsed.error);
    yield parsed.data;
  }
}

/** `5e29c1: Downloading [==> ] 3.2MB/9MB`; empty when there is nothing to say. */
export function formatProgress(entry: ProgressLine): string {
  const text = `${entry.status}${entry.progress === "" ? "" : ` ${entry.progress}`}` || entry.stream;
  const line = oneLine(text);
  return entry.id === "" || line === "" ? line : `${oneLine(entry.id)}: ${line}`;
}
