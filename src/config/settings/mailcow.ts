import { boolean, certificateFile, headerSecret, text, waitSeconds, wholeNumber } from '../kinds.ts';
import { apiUrl, hostName } from '../kinds-mail.ts';
import { optional, required, withDefault } from '../setting.ts';

/** Where mailcow is, and what new mailboxes get. */
export const mailcowSettings = {
  url: required({
    name: 'API_HOST',
    kind: apiUrl,
    line: 'The URL of mailcow; a bare host means `https://`.',
    example: 'https://mail.example.org',
  }),
  apiKey: required({
    name: 'API_KEY',
    kind: headerSecret("a read-write key of mailcow's API"),
    line: "The read-write key of mailcow's API.",
    detail:
      'mailcow shows it on the page System, Configuration, Access, API, where the address of this program must be allowed too.',
    example: 'change-me',
    secret: true,
    changesPlan: false,
  }),
  tlsCaFile: optional({
    name: 'API_TLS_CA_FILE',
    kind: certificateFile,
    line: "A PEM file with the certificate of the authority that signed mailcow's certificate.",
    unset: 'the authorities that node trusts',
    example: '/db/ca.pem',
    changesPlan: false,
  }),
  tlsServerName: optional({
    name: 'API_TLS_SERVER_NAME',
    kind: hostName,
    line: "The name that mailcow's certificate must have, for example when API_HOST names a container.",
    unset: 'the host of API_HOST',
    example: 'mail.example.org',
    changesPlan: false,
  }),
  tlsVerify: withDefault({
    name: 'API_TLS_VERIFY',
    kind: boolean,
    line: "Check mailcow's certificate; `false` lets anyone on the way read the key.",
    value: true,
    changesPlan: false,
  }),
  timeoutSeconds: withDefault({
    name: 'API_TIMEOUT',
    kind: waitSeconds(1),
    line: 'Seconds that one read may take; lists of thousands of mailboxes take mailcow long.',
    value: 300,
    changesPlan: false,
  }),
  writeTimeoutSeconds: withDefault({
    name: 'API_WRITE_TIMEOUT',
    kind: waitSeconds(1),
    line: 'Seconds that one write may take before its outcome is read back instead.',
    value: 600,
    changesPlan: false,
  }),
  newMailboxQuotaMiB: optional({
    name: 'API_QUOTA',
    kind: wholeNumber({ unit: 'MiB', min: 0 }),
    line: 'The quota of new mailboxes in MiB when the directory gives none; 0 = no limit.',
    unset: 'the default quota of the domain',
    example: '3072',
    detail: 'It is for new mailboxes only: a quota that somebody set by hand in mailcow is not reset.',
  }),
  mailboxTemplate: optional({
    name: 'MAILBOX_TEMPLATE',
    kind: text('the name of a mailbox template of mailcow'),
    line: 'The mailbox template of mailcow that new mailboxes are made from.',
    unset: "mailcow's defaults",
    example: 'Default',
  }),
} as const;
