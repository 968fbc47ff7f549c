/** ns8's cron files: a line `MAIL_HOST=…`, then one with five fields, a user and a command. */

/** When it runs, as create-task takes it: `5m`, `2h`, or five fields; undefined: no line says. */
export function parseCronFile(text: string): string | undefined {
  const line = text.split(/\r?\n/).find((each) => /^\s*[\d*@]/.test(each));
  if (line === undefined) return undefined;
  const fields = line.trim().split(/\s+/).slice(0, 5).join(' ');
  const [, minutes] = /^\*\/([1-9]\d*) \* \* \* \*$/.exec(fields) ?? [];
  if (minutes !== undefined) return `${minutes}m`;
  const [, hours] = /^1 \*\/([1-9]\d*) \* \* \*$/.exec(fields) ?? [];
  return hours === undefined ? fields : `${hours}h`;
}
