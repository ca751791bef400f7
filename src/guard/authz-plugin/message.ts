import * as z from "zod";

/** What dockerd asks (moby pkg/authorization/api.go, Request), as far as it is used. Go writes an empty map or body as null. */
const requestMessage = z.object({
  User: z.string().nullish(),
  UserAuthNMethod: z.string().nullish(),
  RequestMethod: z.string().min(1),
  RequestUri: z.string().min(1),
  /** Base64. */
  RequestBody: z.string().nullish(),
  RequestHeaders: z.record(z.string(), z.string()).nullish(),
});

/** One call that dockerd asks about. */
export interface AuthzRequest {
  readonly user?: string;
  readonly method: string;
  readonly uri: string;
  /** Absent when dockerd shows none: there is none, it is not JSON, or it is longer than dockerd shows. */
  readonly body?: Buffer;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Undefined for what is no such message. */
export function readAuthzRequest(text: string): AuthzRequest | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = requestMessage.safeParse(json);
  if (!parsed.success) return undefined;
  const { User, UserAuthNMethod, RequestMethod, RequestUri, RequestBody, RequestHeaders } = parsed.data;
  const body = RequestBody === null || RequestBody === undefined ? undefined : decodeBase64(RequestBody);
  if (body === null) return undefined;
  return {
    method: RequestMethod.toUpperCase(),
    uri: RequestUri,
    headers: new Map(Object.entries(RequestHeaders ?? {}).map(([name, value]) => [name.toLowerCase(), value])),
    // Without authentication the name would be what a client says.
    ...(User && UserAuthNMethod && { user: User }),
    ...(body !== undefined && body.length > 0 && { body }),
  };
}

/** Null for what Go would not have written. */
function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : null;
}
