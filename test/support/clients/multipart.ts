const BOUNDARY = "petrify-boundary";

/** A form with one file in it, as a browser sends it (RFC 7578). */
export function multipart(
  field: string,
  fileName: string,
  content: Buffer,
): { readonly headers: Readonly<Record<string, string>>; readonly body: Buffer } {
  const head = [
    `--${BOUNDARY}`,
    `Content-Disposition: form-data; name="${field}"; filename="${fileName}"`,
    "Content-Type: application/octet-stream",
    "",
    "",
  ].join("\r\n");
  const body = Buffer.concat([Buffer.from(head), content, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
  const headers = {
    "content-type": `multipart/form-data; boundary=${BOUNDARY}`,
    "content-length": String(body.length),
  };
  return { headers, body };
}
