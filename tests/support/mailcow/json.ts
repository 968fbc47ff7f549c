/** JSON as it travels. PHP knows no empty object: what arrives as `{}` is the empty list `[]` from then on. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json | undefined };

/** True for a JSON object, not for a list or null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for a JSON list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value as `json_decode(…, true)` gives it to PHP: empty objects have become empty lists. */
export function asPhpValue(value: Json): Json {
  if (isList(value)) return value.map(asPhpValue);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, asPhpValue(item ?? null)] as const);
  return entries.length === 0 ? [] : Object.fromEntries(entries);
}

/** Parses JSON text; undefined when it is none. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
