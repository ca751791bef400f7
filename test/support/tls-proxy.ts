import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";

export interface TlsProxy {
  readonly port: number;
  /** Holds `ca.pem`, `cert.pem` and `key.pem` of a client that is let in. */
  readonly clientDirectory: string;
  /** The same of a client and a CA that the proxy does not know. */
  readonly strangerDirectory: string;
  close(): Promise<void>;
}

/** A TLS port that lets clients of its own CA through to a unix socket, as dockerd's `--tlsverify` does. */
export async function startTlsProxy(socketPath: string): Promise<TlsProxy> {
  const folder = mkdtempSync(join(tmpdir(), "petrify-tls-"));
  const [server, client, stranger] = ["server", "client", "stranger"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  makeAuthority(folder, "known");
  makeAuthority(folder, "unknown");
  makeCertificate(folder, "known", server, "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth");
  makeCertificate(folder, "known", client, "extendedKeyUsage=clientAuth");
  makeCertificate(folder, "unknown", stranger, "extendedKeyUsage=clientAuth");
  const read = (name: string): string => readFileSync(join(server, name), "utf8");
  const open = new Set<net.Socket>();
  const proxy = tls.createServer(
    {
      ca: read("ca.pem"),
      cert: read("cert.pem"),
      key: read("key.pem"),
      requestCert: true,
      rejectUnauthorized: true,
      // The end of stdin is a half-closed connection.
      allowHalfOpen: true,
    },
    (socket) => {
      const engine = net.connect({ path: socketPath, allowHalfOpen: true });
      for (const each of [socket, engine]) each.on("error", () => undefined);
      socket.on("close", () => engine.destroy());
      socket.pipe(engine).pipe(socket);
    },
  );
  // The raw connections: those too of clients that never come through the handshake.
  proxy.on("connection", (socket: net.Socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    port: (proxy.address() as net.AddressInfo).port,
    clientDirectory: client,
    strangerDirectory: stranger,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}

const CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

function makeAuthority(folder: string, name: string): void {
  const files = ["-keyout", `${name}-key.pem`, "-out", `${name}.pem`, "-days", "2"];
  openssl(folder, ["req", "-x509", ...CURVE, ...files, "-subj", `/CN=petrify test ${name} authority`]);
}

function makeCertificate(folder: string, authority: string, directory: string, extensions: string): void {
  execFileSync("mkdir", [directory]);
  writeFileSync(join(directory, "extensions"), extensions);
  openssl(directory, ["req", ...CURVE, "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=petrify test"]);
  const signing = ["-CA", `../${authority}.pem`, "-CAkey", `../${authority}-key.pem`, "-CAcreateserial"];
  openssl(directory, [
    "x509",
    "-req",
    "-in",
    "request.pem",
    "-out",
    "cert.pem",
    "-days",
    "2",
    ...signing,
    "-extfile",
    "extensions",
  ]);
  execFileSync("cp", [join(folder, `${authority}.pem`), join(directory, "ca.pem")]);
}

function openssl(cwd: string, args: readonly string[]): void {
  execFileSync("openssl", args, { cwd, stdio: ["ignore", "ignore", "pipe"] });
}
