// The shop's test: a visit, an order of 300 kB, a second visit of the same visitor. Where the shop is: the first argument, or
// what Petrify says of its copy of the project.

const [given = `http://${process.env["PETRIFY_HOST"]}:${process.env["PETRIFY_PORT_WEB_80"]}/`] = process.argv.slice(2);
const READY_TIMEOUT_MS = 60_000;
const ORDER_BYTES = 300_000;

interface Answer {
  readonly seen: number;
  readonly visits: number;
  readonly orders: number;
}

async function ask(cookie: string, body?: string): Promise<{ readonly cookie: string; readonly answer: Answer }> {
  const response = await fetch(given, { headers: { cookie }, ...(body === undefined ? {} : { method: "POST", body }) });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text.slice(0, 200)}`);
  const set = response.headers.getSetCookie()[0]?.split(";")[0];
  return { cookie: set ?? cookie, answer: JSON.parse(text) as Answer };
}

/** Databases take their time to start. */
async function firstVisit(): ReturnType<typeof ask> {
  for (const giveUpAt = Date.now() + READY_TIMEOUT_MS; ;) {
    try {
      return await ask("");
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

const first = await firstVisit();
const order = await ask(first.cookie, "x".repeat(ORDER_BYTES));
const second = await ask(first.cookie);
const expected = { seen: 3, visits: first.answer.visits + 2, orders: first.answer.orders + 1 };
if (order.answer.seen !== 2 || JSON.stringify(second.answer) !== JSON.stringify(expected))
  throw new Error(`${JSON.stringify(second.answer)} instead of ${JSON.stringify(expected)}`);
