/** What mailcow must hold, written down by hand and not computed by the program. */
import type { AliasHeld, Holdings, MailboxHeld } from '../holdings.ts';

const box = (name: string, more: Partial<MailboxHeld> = {}): MailboxHeld => ({
  name,
  quotaMiB: 3072,
  active: 1,
  ...more,
});
const to = (address: string, active = 1): AliasHeld => ({ goto: [address], active });

/** The list of the group Sales Team: without Felix, who is disabled. */
const sales = (greta: string): AliasHeld => ({
  goto: ['david.engel@example.test', 'eva.fischer@example.test', greta, 'ida.jung@example.test'],
  active: 1,
});

/** After the first sync of the sample company. */
export const first: Holdings = {
  mailboxes: {
    'anna.berger@example.test': box('Anna Berger'),
    'bernd.conrad@example.test': box('Bernd Conrad', { quotaMiB: 10240 }),
    'clara.dorn@example.test': box('Clara Dorn'),
    'david.engel@example.test': box('David Engel'),
    'eva.fischer@example.test': box('Eva Fischer'),
    'felix.graf@example.test': box('Felix Graf', { active: 0 }),
    'greta.haas@example.test': box('Greta Haas'),
    'hugo.ivers@example.test': box('Hugo Ivers'),
    'ida.jung@example.test': box('Ida Jung'),
    'jan.koehler@example.test': box('Jan Köhler'),
    'karla.lang@example.test': box('Karla Lang'),
    'lars.mueller@example.test': box('Lars Müller'),
    'mia.nowak@example.test': box('Mia Nowak'),
    'nils.otto@example.test': box('Nils Otto'),
    'olga.peters@example.test': box('Olga Peters'),
    'paul.quandt@example.test': box('Paul Quandt'),
    'rosa.roth@example.test': box('Rosa Roth'),
    'sven.seidel@example.test': box('Sven Seidel', { quotaMiB: 20480 }),
    'tina.thoma@other.test': box('Tina Thoma'),
    'udo.ulrich@other.test': box('Udo Ulrich', { active: 0 }),
    'vera.vogel@example.test': box('Vera Vogel'),
    'willi.wagner@example.test': box('Willi Wagner', { quotaMiB: 1024 }),
    'xenia.weber@example.test': box('Xenia Weber'),
    'zoe.adler@example.test': box('Zoë Adler'),
  },
  aliases: {
    '42@example.test': to('mia.nowak@example.test'),
    'b.conrad@example.test': to('bernd.conrad@example.test'),
    'boss@example.test': to('anna.berger@example.test'),
    'david@other.test': to('david.engel@example.test'),
    'eva@example.test': to('eva.fischer@example.test'),
    'f.graf@example.test': to('felix.graf@example.test', 0),
    'greta@example.test': to('greta.haas@example.test'),
    'h.ivers@example.test': to('hugo.ivers@example.test'),
    'karla@example.test': to('karla.lang@example.test'),
    'karla@other.test': to('karla.lang@example.test'),
    'lars@example.test': to('lars.mueller@example.test'),
    "o'adler+zoe@example.test": to('zoe.adler@example.test'),
    'office@example.test': to('clara.dorn@example.test'),
    'sales@example.test': sales('greta.haas@example.test'),
    'willi@other.test': to('willi.wagner@example.test'),
  },
};

type Delta<T> = Readonly<Record<string, T | 'gone'>>;

/** What one step of the demo changes in mailcow. */
export type ExpectedDelta = {
  readonly mailboxes?: Delta<MailboxHeld>;
  readonly aliases?: Delta<AliasHeld>;
};

function applied<T>(before: Readonly<Record<string, T>>, delta: Delta<T> = {}): Readonly<Record<string, T>> {
  const after = new Map(Object.entries(before));
  for (const [key, value] of Object.entries(delta)) {
    if (value === 'gone') after.delete(key);
    else after.set(key, value);
  }
  return Object.fromEntries(after);
}

/** The expectation after a step. */
export function expectAfter(before: Holdings, delta: ExpectedDelta): Holdings {
  return {
    mailboxes: applied(before.mailboxes, delta.mailboxes),
    aliases: applied(before.aliases, delta.aliases),
  };
}

export const expectedBox = box;
export const expectedAlias = to;
export const expectedSales = sales;
