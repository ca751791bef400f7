// Builds one image in a process of its own, so that a test can take its network, its disk or its life.
import { ensureImage, type ImageStore } from "../../../demo/images/build.ts";
import { ALL_RECIPES } from "../../../demo/images/recipes.ts";
import { PetrifyError } from "../../../src/model/errors.ts";

const store: ImageStore = {
  image: async () => undefined,
  loadImage: async () => {
    throw new Error("the image was built, which this test does not expect");
  },
};
const recipe = ALL_RECIPES.find(({ name }) => name === process.argv[2]);
if (recipe === undefined) throw new Error(`no recipe ${process.argv[2]}`);
try {
  await ensureImage(store, recipe);
} catch (error) {
  if (!(error instanceof PetrifyError)) throw error;
  console.log(JSON.stringify({ code: error.code, message: error.message, hint: error.hint }));
}
