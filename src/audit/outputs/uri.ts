/** A file's name as a URI reference: `../shop/a%20b.yaml`, and `file:///srv/shop.yaml` for an absolute one. */
export function uriOf(name: string): string {
  const path = name.split("/").map(segment).join("/");
  return name.startsWith("/") ? `file://${path}` : path;
}

function segment(name: string): string {
  // Half of a surrogate pair has no UTF-8 form.
  return encodeURIComponent(name.toWellFormed());
}
