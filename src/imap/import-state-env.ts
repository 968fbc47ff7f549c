/** Files of variables as ns8 writes them and podman (`--env-file`) and systemd (`EnvironmentFile=`) read them. */

const linePattern = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)$/;

/**
 * The variables of a file. ns8 writes values as they are, so a backslash in a bare value is a backslash; a value that
 * stands in quotes as a whole is what is between them, and within double quotes a backslash goes before `"`, `\`, `$`
 * and a backtick. Other lines are left out.
 */
export function parseEnvFile(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(/\r?\n/).flatMap((line) => {
    const [, name, value] = linePattern.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, unquote(value)] as const];
  });
  return Object.fromEntries(pairs);
}

function unquote(value: string): string {
  const [, double, single] = /^\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)')\s*$/.exec(value) ?? [];
  return double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? value;
}
