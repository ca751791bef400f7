import { eventually, expectSame, http, main } from "../../../support/clients/target.ts";

await main(async ({ host, port }) => {
  const get = async (path: string) => http({ host, port, path });
  await eventually(async () => expectSame("GET /", (await get("/")).body, "served\n"));
  expectSame("GET /missing", (await get("/missing")).status, 404);
});
