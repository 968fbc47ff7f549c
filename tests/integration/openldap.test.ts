/** The real program on a real OpenLDAP with the schemas it comes with. */
import { afterAll, beforeAll } from '@jest/globals';
import { testGroups, testLastDisabled, testPeople } from './directory-scenario.ts';
import type { TestedDirectory } from './directory-tested.ts';
import { openOpenLdap } from './unix-directories.ts';

let opened: TestedDirectory | undefined;
const directory = (): TestedDirectory => {
  if (opened === undefined) throw new Error('OpenLDAP did not start.');
  return opened;
};

beforeAll(async () => {
  opened = await openOpenLdap();
});
afterAll(async () => {
  await opened?.close();
});

testPeople(directory);
testGroups(directory);
testLastDisabled(directory, 'pwdAccountLockedTime');
