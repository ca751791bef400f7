import { expect, test } from "vitest";
import { dockerfileLine } from "./dockerfile-line.ts";

const DOCKERFILE = `# syntax=docker/dockerfile:1
FROM debian AS build
WORKDIR /app
RUN make

FROM debian
RUN apt-get update && \\
    # /var/log/app is made here
    mkdir -p /var/log/app
WORKDIR /app
COPY --from=build /app/bin /app/bin
COPY <<EOF /etc/app.conf
RUN this is text about /srv/none
EOF
ENV CACHE=/app/cache
CMD ["/app/bin/server"]
`;

test.each([
  ["the directory that is made", "/var/log/app/x.log", 7],
  ["the nearest directory that is named", "/app/cache/x", 15],
  ["the directory above it", "/app/other", 10],
  ["a here-document is no instruction", "/srv/none", 16],
  ["what comes after one counts", "/etc/app.conf", 12],
  ["else what starts the workload", "/opt/x", 16],
  ["a name that only begins like it is another", "/var/log/apple", 16],
])("%s", (_, path, line) => {
  expect(dockerfileLine(DOCKERFILE, path)).toBe(line);
});

test.each([
  ["ENTRYPOINT before CMD", "FROM a\nENTRYPOINT x\nCMD y\n", 2],
  ["FROM when nothing starts it", "FROM a\nFROM b\nRUN x\n", 2],
  ["another escape character", "# escape=`\nFROM a\nRUN x `\n  /opt/x\nCMD z", 3],
  ["no Dockerfile at all", "hello\n", undefined],
  ["an unfinished one", "FROM a\nRUN x \\", 1],
  ["an unfinished here-document", "FROM a\nRUN <<EOF\n/opt/x", 1],
])("%s", (_, text, line) => {
  expect(dockerfileLine(text, "/opt/x")).toBe(line);
});
