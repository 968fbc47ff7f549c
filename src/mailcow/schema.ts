/** mailcow's objects: their wire shapes, and what they are to us. Source: facts/mailcow-api.md section 1. */
import { z } from 'zod';
import type { Alias, AliasDomain, Domain, Mailbox, SieveFilter } from '../core/model.ts';

const numeral = z
  .string()
  .regex(/^-?\d+$/)
  .transform(Number);
const int = z.union([z.int(), numeral]);
const nonNegative = int.refine((value) => value >= 0 && Number.isSafeInteger(value), 'not a size');
const id = int.refine((value) => value > 0 && Number.isSafeInteger(value), 'not an id');
const flag = z.union([int.transform((value) => value !== 0), z.boolean()]);
/** The flags inside `attributes` are JSON that several programs write: absent and '' mean off. */
const looseFlag = z
  .union([flag, z.literal('').transform(() => false)])
  .nullish()
  .transform((value) => value ?? false);
const lowerCase = z
  .string()
  .min(1)
  .transform((text) => text.toLowerCase());
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
/** Bytes on the wire. Rounded to whole MiB: only a quota set outside the API is not a multiple. */
const mebibytes = nonNegative.transform((bytes) => Math.round(bytes / 1_048_576));

export const versionSchema = z.object({ version: z.string().min(1) });

const mailboxAttributes = z.object({
  tls_enforce_in: looseFlag,
  tls_enforce_out: looseFlag,
  passwd_update: z.union([z.string(), z.number().transform(String)]).nullish(),
});

/** Only how many mails are in it: it changes all the time, so it is no part of a mailbox that is remembered. */
export const messagesSchema = z.object({ username: lowerCase, messages: nonNegative });

export const mailboxSchema = z
  .object({
    username: lowerCase,
    name: text,
    quota: mebibytes,
    active: int,
    // None: a mailcow up to 2025-02.
    authsource: z.string().default(''),
    attributes: mailboxAttributes,
    tags: z.array(z.string()).default([]),
  })
  .transform(({ attributes, ...row }): Mailbox => {
    const changed = attributes.passwd_update ?? '';
    return {
      address: row.username,
      name: row.name,
      quotaMiB: row.quota,
      active: row.active,
      authSource: row.authsource,
      tlsEnforceIn: attributes.tls_enforce_in,
      tlsEnforceOut: attributes.tls_enforce_out,
      tags: [...row.tags].sort(),
      ...(changed === '' ? {} : { passwordChanged: changed }),
    };
  });

/** A mailbox whose deletion stopped half-way, or a resource: nulls where a mailbox has values (recordings 13/018, 14/001). */
const rowOfNulls = z.object({ username: z.null(), name: z.null(), quota: z.null(), active: z.null() });

/** Whether a row is what mailcow makes of a half-deleted mailbox. */
export function isRowOfNulls(row: unknown): boolean {
  return rowOfNulls.safeParse(row).success;
}

export const aliasSchema = z
  .object({
    id,
    address: lowerCase,
    goto: z.string(),
    active: int,
    private_comment: text,
    sogo_visible: flag,
    // Older versions know neither; there every goto may send, and outsiders may write.
    internal: flag.default(false),
    sender_allowed: flag.default(true),
  })
  .transform((row): Alias => ({
    id: row.id,
    address: row.address,
    goto: splitGoto(row.goto),
    active: row.active,
    privateComment: row.private_comment,
    internal: row.internal,
    sogoVisible: row.sogo_visible,
    senderAllowed: row.sender_allowed,
  }));

export const domainSchema = z
  .object({
    domain_name: lowerCase,
    description: text,
    active: int,
    def_quota_for_mbox: mebibytes,
    max_quota_for_mbox: mebibytes,
    max_quota_for_domain: mebibytes,
    quota_used_in_domain: mebibytes,
    mboxes_in_domain: nonNegative,
    max_num_mboxes_for_domain: nonNegative,
    aliases_in_domain: nonNegative,
    max_num_aliases_for_domain: nonNegative,
    gal: flag,
  })
  .transform((row): Domain => ({
    name: row.domain_name,
    description: row.description,
    active: row.active,
    defaultQuotaMiB: row.def_quota_for_mbox,
    maxMailboxQuotaMiB: row.max_quota_for_mbox,
    quotaMiB: row.max_quota_for_domain,
    quotaUsedMiB: row.quota_used_in_domain,
    mailboxes: row.mboxes_in_domain,
    maxMailboxes: row.max_num_mboxes_for_domain,
    aliases: row.aliases_in_domain,
    maxAliases: row.max_num_aliases_for_domain,
    gal: row.gal,
  }));

export const aliasDomainSchema = z
  .object({ alias_domain: lowerCase, target_domain: lowerCase })
  .transform((row): AliasDomain => ({ name: row.alias_domain, target: row.target_domain }));

export const filterSchema = z
  .object({
    id,
    username: lowerCase,
    script_desc: text,
    script_data: text,
    filter_type: z.enum(['prefilter', 'postfilter']),
    active: flag,
  })
  .transform((row): SieveFilter => ({
    id: row.id,
    username: row.username,
    description: row.script_desc,
    script: row.script_data,
    kind: row.filter_type,
    active: row.active,
  }));

export const templateSchema = z
  .object({ id, template: z.string(), attributes: z.object({ tags: z.array(z.string()).default([]) }) })
  .transform((row) => ({ id: row.id, name: row.template, tags: row.attributes.tags }));

function splitGoto(goto: string): readonly string[] {
  const targets = goto.split(',').map((target) => target.trim().toLowerCase());
  return [...new Set(targets.filter((target) => target !== ''))].sort();
}
