/** Where a call goes: `name` is mailcow's own path below `/api/v1/`, `object` what it is about, `detail` how. */
export type Route = { readonly name: string; readonly object?: string; readonly detail?: string };

/**
 * The path to request. nginx decodes it once and pastes it into a query string, where PHP decodes it again:
 * the object is encoded twice (recordings 04/034 to 04/040).
 */
export function routePath(route: Route): string {
  const object = route.object === undefined ? '' : `/${encodeTwice(route.object)}`;
  const detail = route.detail === undefined ? '' : `/${route.detail}`;
  return `/api/v1/${route.name}${object}${detail}`;
}

/** The route as people read it in logs and errors. */
export function routeText(route: Route): string {
  return route.object === undefined ? route.name : `${route.name}/${route.object}`;
}

/** Whether a URL can name the address: a `/` ends the object however it is encoded (recordings 04/033, 04/038). */
export function isNameable(object: string): boolean {
  return !object.includes('/');
}

function encodeTwice(text: string): string {
  return encodeURIComponent(encodeURIComponent(text.toWellFormed()));
}
