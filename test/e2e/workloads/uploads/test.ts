import { multipart } from "../../../support/clients/multipart.ts";
import { eventually, expectSame, http, main } from "../../../support/clients/target.ts";

/** What does not fit into half a mebibyte goes through a temporary file (werkzeug.formparser, default_stream_factory). */
const UPLOAD_BYTES = 3 * 2 ** 20;

await main(async (target) => {
  const { host, port } = target;
  const upload = async (name: string) => {
    const { headers, body } = multipart("file", name, Buffer.alloc(UPLOAD_BYTES, "x"));
    expectSame(`POST ${name}`, (await http({ host, port, method: "POST", path: "/files", headers }, body)).status, 201);
  };
  const size = async (name: string) => {
    const { status, body } = await http({ host, port, path: `/files/${name}` });
    expectSame(`GET ${name}`, status, 200);
    return body.length;
  };
  await eventually(async () =>
    expectSame("GET /files/none", (await http({ host, port, path: "/files/none" })).status, 404),
  );
  if (target.phase === "first") for (const name of ["first.jpg", "second.pdf"]) await upload(name);
  expectSame("bytes of what was uploaded first", await size("first.jpg"), UPLOAD_BYTES);
  await upload(`${target.phase}.txt`);
  expectSame("bytes of what was uploaded now", await size(`${target.phase}.txt`), UPLOAD_BYTES);
});
