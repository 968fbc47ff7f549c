/** Texts within regular expressions. */

/** The text as a pattern that matches nothing but itself. */
export const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
