/** A policy that keeps changes back says which, in the log and in `plan` alike. */
import { describe, expect, test } from '@jest/globals';
import { expectComplete, expectUntouched, syncWell, withWorld } from './world.ts';

const observe = { POLICY: 'observe' };
const label = 'not made (LDAP_MAILCOW_POLICY=observe): ';

const listed = (log: string): readonly string[] =>
  log
    .split('\n')
    .filter((line) => line.includes(label))
    .map((line) => line.slice(line.indexOf(label) + label.length));

describe('LDAP_MAILCOW_POLICY=observe', () => {
  test('counts and lists what was found and not made, with the explanations of plan', async () => {
    await withWorld({}, async (world) => {
      const [plan, ordinary, first] = await expectUntouched(world, async () => [
        (await world.run(['plan'], observe)).stdout,
        (await world.run(['plan'])).stdout,
        await world.sync(observe),
      ]);
      const [, count = ''] =
        /^0 to write, 0 held back, (\d+) not made because of the policy\./.exec(plan) ?? [];
      const [, section = ''] =
        /\nNot made because of LDAP_MAILCOW_POLICY=observe \(\d+\)\n([^]*?)\n\n/.exec(plan) ?? [];
      const explained = section.split('\n').map((line) => line.trim());
      expect(explained).toHaveLength(Number(count));
      for (const line of explained) expect(ordinary).toContain(line);
      expect(first.code).toBe(0);
      expect(listed(first.stderr)).toEqual(explained);
      expect(first.stderr).toContain(
        `nothing written, ${count} changes found and not made (LDAP_MAILCOW_POLICY=observe)`,
      );
      expect(first.stderr).not.toContain('nothing to change');
    });
  });

  test('lists them again only when they have changed, and makes them once the policy is gone', async () => {
    await withWorld({}, async (world) => {
      await syncWell(world, observe);
      const again = await world.sync(observe);
      expect(listed(again.stderr)).toEqual([]);
      expect(again.stderr).toMatch(/nothing written, \d+ changes found and not made/);
      await syncWell(world);
      await expectComplete(world);
      const after = await world.sync(observe);
      expect(after.stderr).toContain('nothing to change');
    });
  });

  test('is in plan --json by itself, each change with its reason', async () => {
    await withWorld({}, async (world) => {
      const { stdout } = await world.run(['plan', '--json'], observe);
      const { changes, forbidden, skips } = JSON.parse(stdout) as Record<
        string,
        readonly { why?: string; reason: string }[]
      >;
      expect(changes).toEqual([]);
      expect(new Set(forbidden?.map(({ why }) => why))).toEqual(new Set(['LDAP_MAILCOW_POLICY=observe']));
      for (const { reason } of forbidden ?? []) expect(reason).toContain('directory');
      expect(skips?.filter(({ reason }) => reason.includes('POLICY'))).toEqual([]);
    });
  });
});
