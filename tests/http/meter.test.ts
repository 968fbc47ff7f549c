import { beforeEach, describe, expect, test } from '@jest/globals';
import { openMeter, type Meter, type Standing } from '../../src/http/meter.ts';
import { change } from '../support/builders.ts';

const nothing: Standing = {
  managed: { mailbox: 0, alias: 0, list: 0 },
  findings: {},
  held: 0,
  lastGoodAt: undefined,
  failures: 0,
};

let meter: Meter;
beforeEach(() => {
  meter = openMeter({ version: '1.2.3', node: '24.0.0' });
});

/** Our lines, without comments. */
const linesOf = async (standing: Standing = nothing): Promise<readonly string[]> =>
  (await meter.render(standing)).text.split('\n').filter((line) => line.startsWith('ldap_mailcow_'));

describe('the figures', () => {
  test('say how things stand now', async () => {
    const lines = await linesOf({
      managed: { mailbox: 12, alias: 3, list: 1 },
      findings: { 'no-address': 2 },
      held: 4,
      lastGoodAt: new Date('2026-01-01T00:00:00.500Z'),
      failures: 5,
    });
    expect(lines).toEqual(
      expect.arrayContaining([
        'ldap_mailcow_build_info{version="1.2.3",node="24.0.0"} 1',
        'ldap_mailcow_last_success_timestamp_seconds 1767225600.5',
        'ldap_mailcow_consecutive_failures 5',
        'ldap_mailcow_held_changes 4',
        'ldap_mailcow_managed{kind="mailbox"} 12',
        'ldap_mailcow_managed{kind="alias"} 3',
        'ldap_mailcow_managed{kind="list"} 1',
        'ldap_mailcow_findings{code="no-address"} 2',
      ]),
    );
  });

  test('are there from the start, so that the first change is an increase', async () => {
    const lines = await linesOf();
    expect(lines).toEqual(
      expect.arrayContaining([
        'ldap_mailcow_last_success_timestamp_seconds 0',
        'ldap_mailcow_changes_total{kind="deactivate",resource="mailbox",result="done"} 0',
        'ldap_mailcow_changes_total{kind="create",resource="domain",result="failed"} 0',
        'ldap_mailcow_sync_duration_seconds_count{kind="sync"} 0',
        'ldap_mailcow_sync_duration_seconds_count{kind="audit"} 0',
        'ldap_mailcow_ldap_searches_total{outcome="cut"} 0',
      ]),
    );
  });

  test('forget a finding that is mended', async () => {
    await linesOf({ ...nothing, findings: { 'no-address': 2 } });
    const lines = await linesOf();
    expect(lines.filter((line) => line.startsWith('ldap_mailcow_findings{'))).toEqual([]);
  });

  test('count what syncs did, without naming anybody', async () => {
    const create = change('create mailbox alice');
    const remove = change('remove alias bob');
    const sync = { kind: 'audit', outcome: 'changes-failed', seconds: 3 } as const;
    meter.sync({ ...sync, done: [create, create], failed: [remove] });
    meter.sync({ kind: 'sync', outcome: 'failed', seconds: undefined, done: [], failed: [] });
    const lines = await linesOf();
    expect(lines).toEqual(
      expect.arrayContaining([
        'ldap_mailcow_changes_total{kind="create",resource="mailbox",result="done"} 2',
        'ldap_mailcow_changes_total{kind="remove",resource="alias",result="failed"} 1',
        'ldap_mailcow_sync_duration_seconds_bucket{le="5",kind="audit"} 1',
        'ldap_mailcow_sync_duration_seconds_bucket{le="2.5",kind="audit"} 0',
        'ldap_mailcow_sync_duration_seconds_count{kind="sync"} 0',
        'ldap_mailcow_syncs_total{outcome="changes-failed"} 1',
        'ldap_mailcow_syncs_total{outcome="failed"} 1',
      ]),
    );
    expect(lines.join('\n')).not.toContain('@');
  });

  test.each([
    [200, 'answered'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'error'],
    [502, 'error'],
    [undefined, 'no-answer'],
  ])('count a call that got %s as %s', async (status, outcome) => {
    meter.call({ route: 'get/mailbox', status });
    expect(await linesOf()).toContain(
      `ldap_mailcow_api_calls_total{route="get/mailbox",outcome="${outcome}"} 1`,
    );
  });

  test('are those of this meter alone', async () => {
    meter.search({ complete: true });
    const other = openMeter({ version: '1.2.3', node: '24.0.0' });
    expect((await other.render(nothing)).text).toContain(
      'ldap_mailcow_ldap_searches_total{outcome="complete"} 0',
    );
  });

  test('are in the format that Prometheus asks for, with those of the process', async () => {
    const { type, text } = await meter.render(nothing);
    expect(type).toContain('text/plain; version=0.0.4');
    expect(text).toContain('process_resident_memory_bytes ');
    expect(text).toMatch(/^# HELP ldap_mailcow_held_changes .+[.]\n# TYPE ldap_mailcow_held_changes gauge$/m);
  });
});
