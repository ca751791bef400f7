import { once } from "node:events";
import { createServer as createHttp, type RequestListener, type Server } from "node:http";
import { createServer as createTcp, type AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { probeHttp } from "./http-probe.ts";

const servers: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(pages: Readonly<Record<string, string | number>> | RequestListener): Promise<number> {
  const server: Server = createHttp(
    typeof pages === "function"
      ? pages
      : (request, response) => {
          const body = pages[request.url ?? ""] ?? 404;
          if (typeof body === "number") response.writeHead(body).end();
          else response.setHeader("content-type", "text/html; charset=utf-8").end(body);
        },
  ).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

test("pages are followed on the same port, each once, and what a stranger must not touch is left alone", async () => {
  const asked: string[] = [];
  const pages: Readonly<Record<string, string>> = {
    "/": `<a href="/a?x=1&amp;y=2">a</a> <a href='b/'>b</a> <img src=c.png> <a href="/logout">out</a> <a href="//elsewhere.invalid/x">x</a> <a href="/a?x=1&y=2">again</a>`,
    "/a?x=1&y=2": `<form action="/search"></form>`,
  };
  const port = await serve((request, response) => {
    asked.push(request.url ?? "");
    response.setHeader("content-type", "text/html").end(pages[request.url ?? ""] ?? "");
  });
  const { answers, succeeded } = await probeHttp("127.0.0.1", port);
  expect(asked).toEqual(["/", "/a?x=1&y=2", "/b/", "/c.png", "/search"]);
  expect(answers.map(({ path }) => path)).toEqual(asked);
  expect(succeeded).toBe(true);
});

test("a redirection is followed", async () => {
  const port = await serve((request, response) => {
    if (request.url === "/") response.writeHead(302, { location: "/home" }).end();
    else response.end("welcome");
  });
  const { answers } = await probeHttp("127.0.0.1", port);
  expect(answers).toEqual([
    { path: "/", status: 302 },
    { path: "/home", status: 200 },
  ]);
});

test.each([
  ["a page that is not there is no failure", { "/": `<a href="/none">x</a>` }, true],
  ["a server's error is one", { "/": `<a href="/broken">x</a>`, "/broken": 500 }, false],
  ["so is one at once", { "/": 503 }, false],
])("%s", async (_, pages, succeeded) => {
  expect((await probeHttp("127.0.0.1", await serve(pages))).succeeded).toBe(succeeded);
});

test("a server that makes up links without end is left after some pages", async () => {
  let count = 0;
  const port = await serve((_request, response) => {
    response.setHeader("content-type", "text/html").end(`<a href="/${count++}">next</a><a href="/x${count}">other</a>`);
  });
  expect((await probeHttp("127.0.0.1", port)).answers).toHaveLength(64);
});

test("a page without an end is cut", async () => {
  const port = await serve((_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write("x".repeat(65_536)));
    };
    response.on("drain", more);
    more();
  });
  expect((await probeHttp("127.0.0.1", port)).answers).toEqual([{ path: "/", status: 200 }]);
});

test("what does not speak HTTP gives nothing", async () => {
  const server = createTcp((socket) => socket.end("SSH-2.0-x\r\n")).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  expect(await probeHttp("127.0.0.1", (server.address() as AddressInfo).port)).toEqual({
    answers: [],
    succeeded: false,
  });
});
