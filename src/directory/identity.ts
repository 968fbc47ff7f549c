/** The directory id as text: the same for the same bytes, for ever. */
import type { DialectName } from '../core/model.ts';
import { dialectDefaults } from '../core/mapping.ts';

/** 389ds has `nsUniqueId` on each entry, `ipaUniqueID` only on those that FreeIPA made. */
const fallbacks: Readonly<Partial<Record<DialectName, string>>> = { freeipa: 'nsUniqueId' };

/** The id attributes of a dialect, or the operator's own one: the first that an entry has counts. Lower case. */
export function idAttributesOf(dialect: DialectName, configured?: string): readonly string[] {
  const names =
    configured === undefined ? [dialectDefaults[dialect].idAttribute, fallbacks[dialect]] : [configured];
  return names.filter((name) => name !== undefined).map((name) => name.toLowerCase());
}

/**
 * For entries whose identity decides nothing, like groups without an address: the same, and the dialect's own ones
 * where the operator's is missing. Lower case.
 */
export function anyIdAttributesOf(dialect: DialectName, configured?: string): readonly string[] {
  return [...new Set([...idAttributesOf(dialect, configured), ...idAttributesOf(dialect)])];
}

/** Microsoft's order of a GUID's bytes: the first three fields are little-endian. */
const guidOrder = [
  [3, 2, 1, 0],
  [5, 4],
  [7, 6],
  [8, 9],
  [10, 11, 12, 13, 14, 15],
];

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

/** The 16 bytes of an objectGUID as AD's tools print them: `c36db2f4-…`, lower case. */
function formatGuid(bytes: Buffer): string {
  return guidOrder.map((field) => field.map((at) => hex(bytes[at] ?? 0)).join('')).join('-');
}

/**
 * An id from its bytes, never from decoded text: some objectGUIDs happen to be valid UTF-8. Text ids are
 * compared without case everywhere, so they are lower case here; other binary ones become hex digits.
 */
export function formatId(attribute: string, bytes: Buffer): string {
  if (attribute === 'objectguid' && bytes.length === 16) return formatGuid(bytes);
  const text = bytes.toString('latin1').trim();
  return /^[\x20-\x7e]+$/.test(text) ? text.toLowerCase() : bytes.toString('hex');
}
