// Renders pages and keeps them in a cache beside its code, as build tools and frameworks do.
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const http = require("node:http");
const os = require("node:os");
const path = require("node:path");

const cache = path.join(__dirname, ".cache", "pages");
fs.mkdirSync(cache, { recursive: true });

const server = http.createServer((request, response) => {
  const file = path.join(cache, `${createHash("sha256").update(request.url).digest("hex")}.html`);
  let state = "hit";
  if (!fs.existsSync(file)) {
    state = "miss";
    const made = path.join(os.tmpdir(), `page-${process.pid}-${Date.now()}`);
    fs.writeFileSync(made, `<p>${"page of ".repeat(1000)}${request.url}</p>`);
    fs.copyFileSync(made, `${file}.new`);
    fs.renameSync(`${file}.new`, file);
    fs.unlinkSync(made);
  }
  response.setHeader("x-cache", state);
  fs.createReadStream(file).pipe(response);
});
server.listen(3000);
process.on("SIGTERM", () => process.exit(0));
