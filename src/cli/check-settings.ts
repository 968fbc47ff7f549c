/** The section of `check` about the configuration. */
import { describeSettings, type SettingDescription } from '../config/describe.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Section } from './check-report.ts';

const line = ({ name, value, origin }: SettingDescription): string =>
  value === '' ? `${name}  (${origin})` : `${name} = ${value}  (${origin})`;

/** Every setting with its value and where that came from; secrets are hidden. */
export function settingsSection(loaded: LoadedConfig): Section {
  return {
    title: 'Configuration',
    lines: [
      ...(loaded.predecessor === undefined ? [] : [loaded.predecessor]),
      ...describeSettings(loaded).map(line),
    ],
    problems: [],
    remarks: loaded.warnings,
  };
}
