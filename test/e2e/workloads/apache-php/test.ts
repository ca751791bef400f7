import { eventually, expectSame, http, main, signalContainer } from "../../../support/clients/target.ts";
import { multipart } from "../../../support/clients/multipart.ts";

const UPLOAD_BYTES = 2 ** 20;

await main(async (target) => {
  const { host, port } = target;
  const upload = multipart("file", "photo.jpg", Buffer.alloc(UPLOAD_BYTES, "x"));
  const visit = async () => {
    const path = "/visits.php";
    const answer = await http({ host, port, method: "POST", path, headers: upload.headers }, upload.body);
    expectSame("POST /visits.php", answer.status, 200);
    return JSON.parse(answer.body) as { visits: number; bytes: number };
  };
  await eventually(async () => expectSame("GET /", (await http({ host, port, path: "/" })).status, 200));
  const { visits, bytes } = await visit();
  expectSame("bytes of the upload", bytes, UPLOAD_BYTES);
  if (target.phase !== "first") expectSame("visits of the first container are remembered", visits > 2, true);
  expectSame("visits go on", (await visit()).visits, visits + 1);
  expectSame("GET /missing", (await http({ host, port, path: "/missing" })).status, 404);
  await signalContainer(target, "USR1");
  await eventually(async () =>
    expectSame("GET / after the reload", (await http({ host, port, path: "/" })).status, 200),
  );
  expectSame("visits go on after the reload", (await visit()).visits, visits + 2);
});
