import { API, type Attack, create, raw, WRITABLE } from "./attack.ts";

const TARGETS = {
  "a letter in percent code": `${API}/containers/cr%65ate`,
  "a letter in twofold percent code": `${API}/containers/cr%2565ate`,
  "a slash in percent code": `${API}/containers%2Fcreate`,
  "a percent code that is none": `${API}/containers/cr%6`,
  "two slashes at the start": `/${API}/containers/create`,
  "two slashes inside": `${API}/containers//create`,
  "a dot": `${API}/./containers/create`,
  "two dots": `${API}/images/../containers/create`,
  "two dots in percent code": `${API}/images/%2e%2e/containers/create`,
  "a slash at the end": `${API}/containers/create/`,
  "a version with a leading zero": "/v01.41/containers/create",
  "a version in capitals": "/V1.41/containers/create",
  "a version too much": `${API}${API}/containers/create`,
  "an old version": "/v1.12/containers/create",
  "a version of the future": "/v1.999/containers/create",
  "no version": "/containers/create",
  capitals: `${API}/Containers/Create`,
  "a backslash": `${API}\\containers\\create`,
  "a parameter": `${API}/containers/create;x=y`,
  "a fragment": `${API}/containers/create#x`,
  "a NUL": `${API}/containers/create%00`,
  "a letter beyond ASCII": `${API}/containers/creat\u00e9`,
  "the absolute form": `http://docker${API}/containers/create`,
  "the absolute form of another scheme": `unix://docker${API}/containers/create`,
  "the authority form": "docker:80",
  "an asterisk": "*",
  "two names": `${API}/containers/create?name=a&name=b`,
  "a semicolon in the query": `${API}/containers/create?a=b;name=c`,
  "a query with a percent code that is none": `${API}/containers/create?name=%zz`,
} as const;

/** Spellings of one and the same route: each is refused, or made read-only. */
export const TARGET_ATTACKS: readonly Attack[] = [
  ...Object.entries(TARGETS).map(([name, path]) => ({ name: `create by ${name}`, sends: [create(WRITABLE, path)] })),
  {
    name: "create by a path with a space",
    sends: [
      raw(`POST ${API}/containers/create x HTTP/1.1`, "Host: d", `Content-Length: ${WRITABLE.length}`, "", WRITABLE),
    ],
    refusal: /^HTTP\/1\.1 400 /,
  },
];
