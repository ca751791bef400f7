import { corpusWorkload } from "../corpus.ts";
import type { ImageRecipe } from "./recipe.ts";

export const NGINX = corpusWorkload("nginx").recipe;
export const REDIS = corpusWorkload("redis").recipe;
export const POSTGRESQL = corpusWorkload("postgresql").recipe;

/** A bare Debian with a shell, for trials by hand. */
export const DEBIAN: ImageRecipe = {
  name: "debian",
  base: "debian",
  packages: [],
  run: () => ({ command: ["/bin/sh"] }),
  deviations: [],
};

/** A static busybox, for trials by hand that need nothing else. */
export const BUSYBOX: ImageRecipe = {
  name: "busybox",
  base: "busybox",
  packages: [],
  run: () => ({ command: ["/bin/sh"] }),
  deviations: [],
};

export const ALL_RECIPES: readonly ImageRecipe[] = [NGINX, REDIS, POSTGRESQL, DEBIAN, BUSYBOX];
