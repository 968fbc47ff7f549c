/** What was written for somebody, whatever the address was then, and in one run. */
export const sql = `
CREATE INDEX journal_by_id ON journal (json_extract(change, '$.directoryId'));
CREATE INDEX journal_by_run ON journal (run);
`;
