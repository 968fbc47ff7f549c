type Situation =
  | 'halfDeletedByHand'
  | 'writesForTheAbsent'
  | 'graceOfFormerIds'
  | 'orphanAtContestedAddress'
  | 'aliasAtContestedMailbox'
  | 'forgottenAttributes'
  | 'lostMailAttribute'
  | 'marksAfterRestore'
  | 'removalsAfterLoss';

/**
 * Situations that are left out because src is known to break a rule in them: each is a defect to mend, named
 * with a seed in docs/reliability.md. Set one to true to see it.
 */
export const switches: Readonly<Record<Situation, boolean>> = {
  /** A deletion by hand that stopped half-way. */
  halfDeletedByHand: true,
  /** An entry that is absent from a reading keeps its claims; nothing should be written on its behalf. */
  writesForTheAbsent: true,
  /** A former id whose account was made anew: it should have the grace of everybody else. */
  graceOfFormerIds: true,
  /** The mailbox of a leaver at an address that two present entries quarrel about: it should stay as it is. */
  orphanAtContestedAddress: true,
  /** An address that several entries have in `mail` should not become an alias of somebody else. */
  aliasAtContestedMailbox: true,
  /**
   * An attribute that has vanished everywhere: it should be missed also when only incomplete readings have shown
   * it, and for as long as it is away.
   */
  forgottenAttributes: true,
  /** Nobody's address can be read any more: an orphan's address may be claimed by somebody. */
  lostMailAttribute: true,
  /** mailcow put back to before an address changed hands: the mark should count before the address (4.17). */
  marksAfterRestore: true,
  /** The first two syncs after a loss of the database should remove nothing. */
  removalsAfterLoss: true,
};
