// Must load under any Node that knows modules: an old one would fail on the syntax of the program before it could say why.
import { existsSync } from "node:fs";

const OLDEST = 24;

if (Number.parseInt(process.versions.node, 10) < OLDEST) {
  process.stderr.write(
    `petrify: Petrify needs Node.js ${OLDEST} or newer, and this is ${process.versions.node}.  [E_NODE_TOO_OLD]\n` +
      "hint: Install a newer one, or set PETRIFY_NODE to it, or use the release tarball that brings its own.\n",
  );
  process.exitCode = 1;
} else {
  const source = new URL("../src/cli/main.ts", import.meta.url);
  const { main } = await import((existsSync(source) ? source : new URL("../dist/petrify.mjs", import.meta.url)).href);
  await main(process.argv.slice(2));
}
