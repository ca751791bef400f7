import { eventually, expectSame, http, main } from "../../../support/clients/target.ts";

const PAGES = 60;

await main(async (target) => {
  const { host, port } = target;
  const get = async (path: string) => {
    const { status, body, headers } = await http({ host, port, path });
    expectSame(`GET ${path}`, status, 200);
    expectSame(`the page ${path}`, body.endsWith(`${path}</p>`), true);
    return headers["x-cache"];
  };
  await eventually(() => get("/"));
  for (let page = 0; page < PAGES; page++) await get(`/page/${page}`);
  expectSame("a page seen before", await get("/page/1"), "hit");
});
