/** The section of `check` about logins: which way, why, and what stands in it. */
import type { LoginProbe } from '../app.ts';
import type { LoginMode } from '../core/choose-logins.ts';
import type { Outcome, Section } from './check-report.ts';

/** Asked for by name and not to be had is a problem; what `auto` advises is for the operator to decide. */
function judge(mode: LoginMode, { choice, refusal }: LoginProbe): Pick<Section, 'problems' | 'remarks'> {
  const { kind, why, advice } = choice;
  const isRefused = kind === 'nothing' && mode !== 'auto' && mode !== 'none';
  const missing = isRefused ? [`LDAP_MAILCOW_AUTH=${mode}: ${why}; ${advice ?? ''}`] : [];
  const problems = [...missing, ...(refusal === undefined ? [] : [refusal])];
  return { problems, remarks: isRefused || advice === undefined ? [] : [advice] };
}

/** `probe` is undefined where mailcow cannot be asked. */
export function loginsSection(mode: LoginMode, probe: Outcome<LoginProbe> | undefined): Section {
  const title = 'Logins';
  if (probe === undefined) {
    return { title, lines: ['mailcow says which way people can log in'], problems: [], remarks: [] };
  }
  if (!probe.ok) return { title, lines: [], problems: [probe.error.message], remarks: [] };
  const { kind, why } = probe.value.choice;
  const line = kind === 'nothing' ? `nothing is changed: ${why}` : `${kind}: ${why}`;
  return { title, lines: [line], ...judge(mode, probe.value) };
}
