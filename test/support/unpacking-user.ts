import { unpackPackages } from "../../src/engine/embedded/packages.ts";
import { PetrifyError } from "../../src/model/errors.ts";

// Unpacks packages in a process of its own and prints where, or the code of the error.
const [directory = "", ...names] = process.argv.slice(2);
const line = await unpackPackages(names, directory).then(
  ({ root }) => root,
  (error: unknown) => (error instanceof PetrifyError ? `${error.code}: ${error.message}` : String(error)),
);
process.stdout.write(`${line}\n`);
