const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * The number that a quantity stands for (`64Mi`, `1G`, `500m`, `1e3`, `1048576`); undefined for what is none
 * (k8s.io/apimachinery pkg/api/resource/quantity.go).
 */
export function quantity(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  const match =
    typeof value === "string" ? /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([a-zA-Z]*))$/.exec(value) : null;
  if (match === null) return undefined;
  const [, number = "", exponent = "", suffix = ""] = match;
  const factor = Object.hasOwn(FACTORS, suffix) ? FACTORS[suffix] : undefined;
  return factor === undefined ? undefined : Number(`${number}${exponent}`) * factor;
}
