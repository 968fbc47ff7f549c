/** A complete environment and a file system in memory. */
import { ConfigError } from '../../src/config/error.ts';
import type { Environment } from '../../src/config/layers.ts';
import { loadConfig, type LoadedConfig, type LoadOptions } from '../../src/config/load.ts';
import type { Files } from '../../src/config/setting.ts';

const complete: Environment = {
  LDAP_MAILCOW_LDAP_URI: 'ldaps://dc1.example.test',
  LDAP_MAILCOW_LDAP_BASE_DN: 'dc=example,dc=test',
  LDAP_MAILCOW_LDAP_BIND_DN: 'cn=sync,dc=example,dc=test',
  LDAP_MAILCOW_LDAP_BIND_DN_PASSWORD: 'bind-password-1',
  LDAP_MAILCOW_API_HOST: 'https://mail.example.test',
  LDAP_MAILCOW_API_KEY: 'ABCDEF-123456',
};

const withPrefix = (settings: Environment): Environment =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      /^LDAP[_-]MAILCOW_/.test(name) ? name : `LDAP_MAILCOW_${name}`,
      value,
    ]),
  );

/** The required settings and these; names may leave out the prefix, undefined takes one away. */
export function environment(settings: Environment = {}): Environment {
  return { ...complete, ...withPrefix(settings) };
}

/** Files by path; a path that ends in `/` is a folder, the text `EACCES` a file that must not be read. */
export function filesOf(files: Readonly<Record<string, string>> = {}): Files {
  return {
    readText: (path) => {
      const text = files[path];
      const code = text === 'EACCES' ? 'EACCES' : 'ENOENT';
      if (text === undefined || text === 'EACCES') throw Object.assign(new Error(code), { code });
      return text;
    },
    isDirectory: (path) => files[`${path}/`] !== undefined,
  };
}

/** Loads without touching the environment or the files of the machine. */
export function load(settings: Environment = {}, options: Omit<LoadOptions, 'env'> = {}): LoadedConfig {
  return loadConfig({ files: filesOf(), ...options, env: environment(settings) });
}

/** What is wrong with a configuration; empty when it loads. */
export function problemsOf(settings: Environment, options: Omit<LoadOptions, 'env'> = {}): readonly string[] {
  try {
    load(settings, options);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
