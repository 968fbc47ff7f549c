/**
 * Preloaded into the program (`node --import`), so that hours pass in no time: the wall clock and the uptime
 * of the machine are ahead by what CAMPAIGN_WALL_MS and CAMPAIGN_UPTIME_MS say.
 */
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

const wallMs = Number(process.env['CAMPAIGN_WALL_MS'] ?? '0');
const uptimeMs = Number(process.env['CAMPAIGN_UPTIME_MS'] ?? '0');

const RealDate = Date;

class ShiftedDate extends RealDate {
  constructor(...given: readonly (number | string | Date)[]) {
    if (given.length === 0) super(RealDate.now() + wallMs);
    else super(...(given as [number]));
  }

  static override now(): number {
    return RealDate.now() + wallMs;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;

const realUptime = os.uptime;
os.uptime = () => realUptime() + uptimeMs / 1000;
syncBuiltinESMExports();
