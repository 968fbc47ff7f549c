import { expect, test } from '@jest/globals';
import { at, person } from '../support/builders.ts';
import { withStandIn } from './stand-in-world.ts';

const stay = Array.from({ length: 6 }, (_, index) => person(`s${index}`));
const leave = Array.from({ length: 4 }, (_, index) => person(`l${index}`, { aliases: [`l${index}.alias`] }));

test('leavers whose departure is held keep their claims: nobody gets their aliases meanwhile (4.11)', async () => {
  await withStandIn({}, async (world) => {
    const heir = person('heir', { aliases: ['build'] });
    const contested = [person('l0', { aliases: ['build'] }), ...leave.slice(1)];
    await world.sync([...stay, ...contested, heir]);
    world.writes();
    await world.sync([...stay, heir]);
    const held = await world.sync([...stay, heir]);
    expect({ outcome: held.outcome, writes: world.writes() }).toEqual({ outcome: 'held', writes: [] });
    expect(held.plan.held.filter(({ change }) => change.resource === 'mailbox')).toHaveLength(4);
    await world.sync([...stay, ...contested, heir]);
    expect(world.writes()).toEqual([]);
  });
});

test('who comes back while the departure of others is held is nobody’s rival', async () => {
  await withStandIn({}, async (world) => {
    await world.sync([...stay, ...leave]);
    await world.sync(stay);
    await world.sync(stay);
    world.writes();
    const again = (name: string) => person('again', { mail: 'l0', dn: leave[0]?.dn ?? '', name });
    await world.sync([...stay, again('L0')]);
    const report = await world.sync([...stay, again('Renamed')]);
    expect(report.plan.findings.map(({ code }) => code)).not.toContain('duplicate-address');
    expect(world.box(at('l0'))?.name).toBe('Renamed');
  });
});

test('an ordinary creation goes on beside what is held', async () => {
  await withStandIn({}, async (world) => {
    await world.sync([...stay, ...leave]);
    await world.sync(stay);
    world.writes();
    const report = await world.sync([...stay, person('new')]);
    expect({ outcome: report.outcome, writes: world.writes() }).toEqual({
      outcome: 'held',
      writes: ['add/mailbox new'],
    });
    expect(world.box(at('l0'))?.active).toBe(1);
  });
});
