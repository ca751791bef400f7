import { expect, test } from "vitest";
import { isPlain, lines, markup, path, size } from "./html.ts";

test("text is escaped, in attributes too, and markup is not", () => {
  const hostile = `"><script>'&\``;
  expect(markup`<a title="${hostile}">${[hostile, markup`<b>${1}</b>`, false, undefined]}</a>`.text).toBe(
    '<a title="&quot;&gt;&lt;script&gt;&#39;&amp;&#96;">&quot;&gt;&lt;script&gt;&#39;&amp;&#96;<b>1</b></a>',
  );
});

test("what would hide or turn text is shown", () => {
  expect(markup`${"/run/\u202Egpj.exe\n\u0007"}`.text).toBe("/run/\\u{202e}gpj.exe\\n\\u{7}");
});

test("blocks keep their lines, and tell whether they are what they show", () => {
  expect(lines("a <b>\nc\u202E").text).toBe("a &lt;b&gt;\nc\\u{202e}");
  expect(isPlain("a <b>\nc")).toBe(true);
  expect(isPlain("a\u202E")).toBe(false);
});

test.each([
  ["/run/app/pid", "/run/app", '<span class="back">/<wbr />run/<wbr />app/<wbr /></span>pid'],
  ["/run/app", "/run/app", "/<wbr />run/<wbr />app"],
  ["/run/apple", "/run/app", "/<wbr />run/<wbr />apple"],
  ["/x", "/", "/<wbr />x"],
])("path %s below %s", (text, below, shown) => {
  expect(path(text, below).text).toBe(`<code class="path">${shown}</code>`);
});

test("an exact size", () => {
  expect([size(65_536), size(1_500), size(2 ** 30)]).toEqual(["64\u00A0KiB", "1500\u00A0B", "1\u00A0GiB"]);
});
