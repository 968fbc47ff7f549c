// The direction of DESIGN.md section 2: core imports only core; adapters never import each other;
// each outside package is known to one room (node-cron also to config, which refuses what it would not run; ldapts also
// to auth, which reads filters with its parser: docs/decisions/016-rendering-logins.md).
const only = (name, room, packages) => ({
  name: `only-${name}`,
  severity: 'error',
  comment: `only ${room} may import ${packages}`,
  from: { path: '^src/', pathNot: room },
  to: { path: `node_modules/(${packages})/` },
});
const rooms = [
  'directory',
  'mailcow',
  'state',
  'schedule',
  'observe',
  'config',
  'auth',
  'imap',
  'mail',
  'scripts',
  'http',
  'notify',
];

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'core-is-pure',
      severity: 'error',
      comment: 'core imports only core: no I/O, no clock, no package',
      from: { path: '^src/core/' },
      to: { pathNot: '^src/core/' },
    },
    ...rooms.map((room) => ({
      name: `adapter-${room}-stands-alone`,
      severity: 'error',
      comment: 'adapters import core and the ports, never each other',
      from: { path: `^src/${room}/` },
      to: { path: '^src/', pathNot: [`^src/${room}/`, '^src/core/', '^src/ports[-a-z]*[.]ts$'] },
    })),
    {
      name: 'sync-knows-no-adapter',
      severity: 'error',
      from: { path: '^src/(sync|apply)[^/]*\\.ts$|^src/sync/' },
      to: { path: `^src/(${rooms.join('|')}|cli)/` },
    },
    {
      name: 'only-app-constructs-adapters',
      severity: 'error',
      comment: 'the composition root is app.ts (and main.ts for the configuration)',
      from: { path: '^src/cli/' },
      to: {
        path: '^src/(directory|mailcow|state|auth|imap|mail|scripts|http|notify)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    only('directory-ldapts', '^src/(directory|auth)/', 'ldapts'),
    only('mailcow-axios', '^src/mailcow/', 'axios'),
    only('state-sqlite', '^src/state/', 'better-sqlite3'),
    only('schedule-cron', '^src/(schedule|config)/', 'node-cron'),
    only('observe-winston', '^src/observe/', 'winston'),
    only('mail-imap', '^src/mail/', 'imapflow|nodemailer'),
    only('http-prometheus', '^src/http/', 'prom-client'),
    only('config-dotenv', '^src/config/', 'dotenv'),
    {
      name: 'src-does-not-import-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(tests|scripts)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
