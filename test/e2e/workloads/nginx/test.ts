import { dial, eventually, expectSame, http, main, signalContainer } from "../../../support/clients/target.ts";

// Larger than client_body_buffer_size (16k on 64-bit), so that nginx puts it into a file.
const UPLOAD_BYTES = 2 * 2 ** 20;

await main(async (target) => {
  const { host, port } = target;
  const get = (path: string, site = "localhost") => http({ host, port, path, headers: { host: site } });

  await eventually(async () => (await dial(target)).destroy());
  const page = await get("/");
  expectSame("GET /", page.status, 200);
  expectSame("the page", page.body.includes("Welcome to nginx"), true);
  expectSame("GET /missing", (await get("/missing")).status, 404);

  const upload = { host, port, method: "POST", path: "/", headers: { host: "upload" } };
  expectSame("POST of 2 MiB", (await http(upload, Buffer.alloc(UPLOAD_BYTES, "x"))).status, 204);

  const before = (await get("/worker", "sink")).body;
  await signalContainer(target, "HUP");
  // A reload that fails leaves the old workers, and they go on answering: only a new one proves it.
  await eventually(async () =>
    expectSame("a new worker after the reload", (await get("/worker", "sink")).body !== before, true),
  );
  expectSame("GET / after the reload", (await get("/")).status, 200);
});
