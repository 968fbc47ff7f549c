import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { renderEnvExample, renderSettingsHelp } from '../../src/config/example.ts';
import { loadConfig } from '../../src/config/load.ts';
import { renderReference } from '../../src/config/reference.ts';
import { allSettings, sectionNames, schema } from '../../src/config/schema.ts';
import { fileVariableOf, variableOf } from '../../src/config/setting.ts';
import { filesOf } from './builders.ts';

const root = join(__dirname, '..', '..');
const pem = '-----BEGIN CERTIFICATE-----';

describe('the schema', () => {
  test('names every setting once', () => {
    const names = allSettings.map(({ setting }) => setting.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[A-Z][A-Z_]*[A-Z]$/.test(name))).toEqual([]);
  });

  test('has every section in its order', () => {
    expect([...sectionNames].sort()).toEqual(Object.keys(schema).sort());
  });

  test('says one sentence about each setting', () => {
    const bad = allSettings.map(({ setting }) => setting).filter(({ line }) => !/^[A-Z].*[.]$/.test(line));
    expect(bad.map(variableOf)).toEqual([]);
  });
});

describe('the generated documents', () => {
  test('docs/configuration.md is up to date (npm run docs)', () => {
    expect(readFileSync(join(root, 'docs', 'configuration.md'), 'utf8')).toBe(renderReference());
  });

  test('.env.example is up to date (npm run docs)', () => {
    expect(readFileSync(join(root, '.env.example'), 'utf8')).toBe(renderEnvExample());
  });

  test('each has every setting', () => {
    for (const { setting } of allSettings) {
      expect(renderReference()).toContain(`| \`${variableOf(setting)}\``);
      expect(renderEnvExample()).toMatch(new RegExp(`^#?${variableOf(setting)}=`, 'm'));
      expect(renderSettingsHelp()).toContain(`  ${variableOf(setting)} `);
    }
  });

  test('the rows of a table have three cells', () => {
    const rows = renderReference()
      .split('\n')
      .filter((line) => line.startsWith('|'));
    expect(rows.filter((line) => line.split(/(?<!\\)\|/).length !== 5)).toEqual([]);
  });
});

describe('the example file', () => {
  const loadText = (text: string): ReturnType<typeof loadConfig> =>
    loadConfig({ env: {}, envFile: '/x.env', files: filesOf({ '/x.env': text, '/db/ca.pem': pem }) });

  test('loads as it is, without a warning', () => {
    const { config, warnings } = loadText(renderEnvExample());
    expect(warnings).toEqual([]);
    expect(config.sync.mailboxes).toBe(true);
  });

  test('loads with every comment taken away', () => {
    const all = renderEnvExample()
      .replace(/^#(LDAP_MAILCOW_)/gm, '$1')
      .split('\n')
      .filter((line) => !allSettings.some(({ setting }) => line.startsWith(`${fileVariableOf(setting)}=`)))
      .filter((line) => !/_(?:STARTTLS|DB|PROFILE)=/.test(line));
    const { config } = loadText(all.join('\n'));
    expect(config.mapping.disabled).toEqual({
      kind: 'attribute',
      attribute: 'employeeStatus',
      values: ['left', 'suspended'],
    });
    expect(config.sync.protected).toEqual(['admin@example.org', 'backup@example.org']);
  });

  test('has one line for the file of each secret', () => {
    for (const { setting } of allSettings.filter((placed) => placed.setting.secret === true)) {
      expect(renderEnvExample()).toContain(`\n#${fileVariableOf(setting)}=/run/secrets/`);
    }
  });
});
