/** docs/directories.md: each environment block is one that the program takes. */
import { describe, expect, test } from '@jest/globals';
import { loadConfig, type LoadedConfig } from '../../src/config/load.ts';
import { directoryBlocks, type Block } from '../support/directories-page.ts';
import { filesOf } from './builders.ts';

const files = filesOf({
  '/run/secrets/ldap_mailcow_bind_password': 'bind-password-1',
  '/db/ca.pem': '-----BEGIN CERTIFICATE-----',
});

const mailcow = {
  LDAP_MAILCOW_API_HOST: 'https://mail.example.org',
  LDAP_MAILCOW_API_KEY: 'ABCDEF-123456',
  LDAP_MAILCOW_API_QUOTA: '3072',
};

const load = ({ settings }: Block): LoadedConfig => loadConfig({ env: { ...settings, ...mailcow }, files });

const blocks = directoryBlocks();

describe('docs/directories.md', () => {
  test('has a block for each kind of server', () => {
    expect(blocks.map(({ server }) => server)).toEqual([
      'Active Directory',
      'Samba AD',
      'OpenLDAP',
      'FreeIPA and 389ds',
      'lldap',
    ]);
  });

  test.each(blocks.map((block) => [block.server, block] as const))(
    'the block for %s loads without an unknown name or any other warning',
    (_, block) => {
      const { config, warnings } = load(block);
      expect(warnings).toEqual([]);
      expect(config.sync.mailboxes).toBe(true);
    },
  );

  test.each(blocks.map((block) => [block.server, block] as const))(
    'the block for %s encrypts, and verifies who the server is',
    (_, block) => {
      const { ldap } = load(block).config;
      expect(ldap.uris.filter((uri) => !uri.startsWith('ldaps://'))).toEqual([]);
      expect(ldap).toMatchObject({ tlsVerify: true, tlsCaFile: { path: '/db/ca.pem' } });
    },
  );
});
