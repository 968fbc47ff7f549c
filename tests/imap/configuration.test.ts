/** ns8's configuration of its module, where ours is the environment. */
import { expect, test } from '@jest/globals';
import { configureModule, getConfiguration } from '../../src/imap/configuration.ts';

const places = { apiHost: 'mail.example.test', imapHost: 'dovecot' };
const good = { mail_server: 'Mail.example.test', mail_host: 'imap.example.test' };

test('get-configuration names the one mail server that there is', () => {
  expect(getConfiguration(places)).toEqual({
    mail_server: 'mail.example.test',
    mail_host: 'dovecot',
    mail_server_URL: [
      { name: 'mail.example.test', label: 'mail.example.test', value: 'mail.example.test,dovecot' },
    ],
  });
});

test('configure-module takes it', () => {
  expect(configureModule(good, places)).toEqual({
    kind: 'configured',
    imapUri: 'imaps://imap.example.test',
  });
});

test.each<[object, 1 | 3, string, string]>([
  [{ ...good, mail_server: 'b9b6f5ae-0000' }, 3, 'mail_server', 'mail_server_is_not_valid'],
  [{ mail_host: good.mail_host }, 1, 'mail_server', 'required'],
  [{ mail_server: good.mail_server }, 1, 'mail_host', 'required'],
  [{ ...good, mail_host: 'dovecot' }, 1, 'mail_host', 'format'],
  [{ ...good, mail_host: 'a b.test' }, 1, 'mail_host', 'format'],
  [{ ...good, mail_host: 7 }, 1, 'mail_host', 'invalid_type'],
  [{ ...good, more: 1 }, 1, 'more', 'additional_property_not_allowed'],
])('configure-module refuses %j', (input, code, field, error) => {
  expect(configureModule({ ...input }, places)).toMatchObject({
    kind: 'refused',
    code,
    complaints: [{ field, parameter: field, error }],
  });
});
