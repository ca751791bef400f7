import { NO_SETTINGS, type Workload } from "../src/model/workload.ts";
import type { ImageRecipe } from "./images/recipe.ts";
import { MOSQUITTO, NGINX, POSTGRESQL, REDIS } from "./images/recipes.ts";

/** An application and what exercises it. */
export interface DemoWorkload {
  readonly recipe: ImageRecipe;
  /** Run in the checkout's root folder; told by environment variables where the workload is. */
  readonly test: string;
}

export const DEMO_WORKLOADS: readonly DemoWorkload[] = [
  { recipe: NGINX, test: "sh demo/test nginx" },
  { recipe: REDIS, test: "sh demo/test redis" },
  { recipe: POSTGRESQL, test: "sh demo/test postgresql" },
];

/** Not part of the comparison: writes its store only when it is stopped. */
export const MOSQUITTO_WORKLOAD: DemoWorkload = { recipe: MOSQUITTO, test: "sh demo/test mosquitto" };

/** `docker run IMAGE`, without flags. */
export function plainWorkload(name: string, image: string): Workload {
  return {
    name,
    image,
    ...NO_SETTINGS,
  };
}
