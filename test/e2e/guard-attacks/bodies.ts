import { API, type Attack, call, create, IMAGE, WRITABLE } from "./attack.ts";

const DEEP = 2000;
const REFUSED = /^HTTP\/1\.1 4\d\d /;
const text = (host: string, more = ""): Buffer => create(`{"Image":"${IMAGE}"${more},"HostConfig":${host}}`);

/** Texts that two readers of JSON could read in two ways. */
export const BODIES: readonly Attack[] = [
  { name: "a key twice", sends: [text('{"ReadonlyRootfs":true,"ReadonlyRootfs":false}')], refusal: REFUSED },
  {
    name: "the host configuration twice",
    sends: [text('{"ReadonlyRootfs":true}', ',"HostConfig":{}')],
    refusal: REFUSED,
  },
  {
    name: "a key twice, once escaped",
    sends: [text('{"ReadonlyRootfs":true,"\\u0052eadonlyRootfs":false}')],
    refusal: REFUSED,
  },
  {
    name: "a key again in lower case",
    sends: [text('{"ReadonlyRootfs":true,"readonlyrootfs":false}')],
    refusal: REFUSED,
  },
  {
    name: "the host configuration again in lower case",
    sends: [text('{"ReadonlyRootfs":true}', ',"hostconfig":{"ReadonlyRootfs":false}')],
    refusal: REFUSED,
  },
  { name: "a long s", sends: [text('{"ReadonlyRootfs":true,"ReadonlyRootf\u017f":false}')], refusal: REFUSED },
  {
    name: "a long s in the host configuration",
    sends: [text("{}", ',"Ho\u017ftConfig":{"Privileged":true}')],
    refusal: REFUSED,
  },
  { name: "a Kelvin sign", sends: [text('{"Ma\u212ckedPaths":[],"Mas\u212aedPaths":[]}')], refusal: REFUSED },
  { name: "a key in lower case alone", sends: [text('{"readonlyrootfs":false}')] },
  {
    name: "the host configuration in lower case alone",
    sends: [create(`{"Image":"${IMAGE}","hostconfig":{"readonlyrootfs":false}}`)],
  },
  { name: "no host configuration", sends: [create({ Image: IMAGE })] },
  { name: "a host configuration of null", sends: [text("null")] },
  { name: "read-only as null", sends: [text('{"ReadonlyRootfs":null}')] },
  { name: "read-only as text", sends: [text('{"ReadonlyRootfs":"true"}')], refusal: REFUSED },
  { name: "read-only as a number", sends: [text('{"ReadonlyRootfs":1}')], refusal: REFUSED },
  {
    name: "privileged at the top, as in the first versions",
    sends: [create({ Image: IMAGE, Privileged: true })],
    refusal: REFUSED,
  },
  { name: "capabilities at the top", sends: [create({ Image: IMAGE, CapAdd: ["SYS_ADMIN"] })], refusal: REFUSED },
  { name: "binds at the top", sends: [create({ Image: IMAGE, Binds: ["/:/host"] })], refusal: REFUSED },
  { name: "a list instead of an object", sends: [create([{ Image: IMAGE }])], refusal: REFUSED },
  { name: "a text instead of an object", sends: [create(JSON.stringify(WRITABLE))], refusal: REFUSED },
  { name: "no body", sends: [call("POST", `${API}/containers/create`, "")], refusal: REFUSED },
  { name: "two texts", sends: [create(WRITABLE + WRITABLE)], refusal: REFUSED },
  { name: "something after the text", sends: [create(`${WRITABLE}]`)], refusal: REFUSED },
  { name: "half a text", sends: [create(WRITABLE.slice(0, -3))], refusal: REFUSED },
  { name: "a comment", sends: [create(`/**/${WRITABLE}`)], refusal: REFUSED },
  { name: "a byte order mark", sends: [create(`\uFEFF${WRITABLE}`)], refusal: REFUSED },
  { name: "half a surrogate in a key", sends: [text('{"\\ud800ReadonlyRootfs":false}')], refusal: REFUSED },
  {
    name: "bytes that are no UTF-8",
    sends: [create(Buffer.from(`{"Image":"${IMAGE}","X\xff":1}`, "latin1"))],
    refusal: REFUSED,
  },
  { name: "UTF-16", sends: [create(Buffer.from(WRITABLE, "utf16le"))], refusal: REFUSED },
  { name: "depth", sends: [text(`{"X":${"[".repeat(DEEP)}${"]".repeat(DEEP)}}`)], refusal: REFUSED },
  { name: "size", sends: [create({ Image: IMAGE, Labels: { x: "y".repeat(2 ** 21) } })], refusal: REFUSED },
  {
    name: "a setting that nobody knows",
    sends: [text('{"ReadonlyRootfs":true,"WritableRoot":true}')],
    refusal: /WritableRoot/,
  },
  {
    name: "a prototype",
    sends: [text('{"__proto__":{"ReadonlyRootfs":true},"ReadonlyRootfs":false}')],
    refusal: REFUSED,
  },
  {
    name: "a body that is called text",
    sends: [
      call("POST", `${API}/containers/create`, undefined, [
        "Content-Type: text/plain",
        `Content-Length: ${WRITABLE.length}`,
        "",
        WRITABLE,
      ]),
    ],
    refusal: REFUSED,
  },
];
