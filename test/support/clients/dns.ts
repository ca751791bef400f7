import { createSocket } from "node:dgram";

const A = 1;
const IN = 1;

/** The IPv4 address that a name server answers for a name (RFC 1035); empty when it has none. */
export function resolve4(server: { readonly host: string; readonly port: number }, name: string): Promise<string> {
  const head = Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  const labels = name.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]);
  const question = Buffer.from([...labels, 0, 0, A, 0, IN]);
  return new Promise((resolve, reject) => {
    const socket = createSocket("udp4");
    const timer = setTimeout(() => done(() => reject(new Error("no answer from the name server"))), 1000);
    const done = (settle: () => void): void => {
      clearTimeout(timer);
      socket.close();
      settle();
    };
    socket.once("error", (error) => done(() => reject(error)));
    // The address is the last thing of an answer with one record.
    socket.once("message", (answer) =>
      done(() => resolve(answer.readUInt16BE(6) === 0 ? "" : answer.subarray(-4).join("."))),
    );
    socket.send(Buffer.concat([head, question]), server.port, server.host);
  });
}
