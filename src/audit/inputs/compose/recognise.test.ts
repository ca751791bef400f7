import { expect, test } from "vitest";
import { isCompose } from "./recognise.ts";

const SERVICES = "services:\n  web:\n    image: x\n";

test.for<[what: string, name: string, text: string, expected: boolean]>([
  ["a Compose file of any name", "x.yml", SERVICES, true],
  ["with CRLF, BOM, comments", "x", `\uFEFF# c\r\nservices: # d\r\n\r\n  # e\r\n  web:\r\n    build: .\r\n`, true],
  ["behind other keys", "x", `version: "3"\nvolumes: {}\n${SERVICES}`, true],
  ["with an anchor", "x", "services: &s\n  web:\n    image: x\n", true],
  ["in flow style", "x", "services: {web: {image: x}}", true],
  ["in flow style as a whole", "x", "---\n{version: '3', services: {web: {build: .}}}", true],
  ["in JSON", "x.json", '{\n "version": "3",\n "services": { "web": { "image": "x" } } }', true],
  ["with quotes", "x", '"services":\n  web:\n    image: x\n', true],
  ["an override without an image", "compose.override.yml", "services:\n  web:\n    ports: [80]\n", true],
  ["only what it includes", "compose.yaml", "include:\n  - a.yml\n", true],
  ["the first form", "docker-compose.yml", "web:\n  ports: [80]\n\n  image: x\n", true],
  ["the first form by another name", "x.yml", "web:\n  image: x\n", false],
  [
    "Symfony's services",
    "services.yaml",
    "services:\n  _defaults:\n    autowire: true\n  App\\X:\n    public: true\n",
    false,
  ],
  ["a pipeline's services", ".gitlab-ci.yml", "image: x\nservices:\n  - docker:dind\n", false],
  ["a pipeline with a map of services", ".woodpecker.yml", `steps:\n  a:\n    image: y\n${SERVICES}`, false],
  ["a workflow", "ci.yml", "jobs:\n  a:\n    services:\n      web:\n        image: x\n", false],
  ["Kubernetes", "compose-deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec:\n  image: x\n", false],
  ["ECS", "task.json", '{"containerDefinitions": [{"name": "services", "image": "x"}]}', false],
  ["another text", "compose.md", "services: we have some\n", false],
  ["nothing", "compose.yaml", "", false],
])("%s", ([, name, text, expected]) => {
  expect(isCompose({ name, text })).toBe(expected);
});

test("long texts are looked through once", () => {
  for (const text of ["services:\n", "a:\n", "{services ", "services: {", " image:\n", "\n", "web:\n b\n"])
    expect(typeof isCompose({ name: "compose.yml", text: text.repeat(2 ** 16) })).toBe("boolean");
});
