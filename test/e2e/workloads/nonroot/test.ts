import { eventually, expectSame, http, main } from "../../../support/clients/target.ts";

/** A body above 64 KiB goes through server.upload-dirs. */
const NAME = `first ${"x".repeat(100_000)}\n`;

await main(async ({ host, port, phase }) => {
  const sign = async (name: string) => {
    const body = Buffer.from(name);
    const headers = { "content-length": body.length };
    const answer = await http({ host, port, method: "POST", path: "/sign.pl", headers }, body);
    expectSame("POST /sign.pl", answer.status, 200);
    return answer.body;
  };
  await eventually(async () => expectSame("GET /", (await http({ host, port, path: "/sign.pl" })).status, 200));
  if (phase === "first") await sign(NAME);
  const book = await sign(`${phase}\n`);
  expectSame("the first name", book.startsWith(NAME), true);
  expectSame("the last name", book.endsWith(`${phase}\n`), true);
});
