/** mailcow's sync jobs: their wire shape, and what they are to us. The fields that we never set are left out. */
import { z } from 'zod';
import type { SyncJob } from '../core/sync-job.ts';

const numeral = z.string().regex(/^\d+$/).transform(Number);
const size = z.union([z.int().nonnegative(), numeral]);
const flag = z.union([size.transform((value) => value !== 0), z.boolean()]);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

/** What only some of the reads show. */
export const syncJobDetailSchema = z.object({
  id: size,
  log: z.string().optional(),
  password1: z.string().optional(),
});

export const syncJobSchema = z
  .object({
    id: size.refine((id) => id > 0, 'not an id'),
    user2: z.string().min(1),
    host1: z.string(),
    port1: size,
    user1: z.string(),
    enc1: z.enum(['TLS', 'SSL', 'PLAIN']),
    exclude: text,
    custom_params: text,
    mins_interval: size,
    active: flag,
    delete1: flag,
    delete2: flag,
    is_running: flag,
    last_run: text,
    success: flag.nullish(),
    exit_status: text,
  })
  .transform((row): SyncJob => ({
    id: row.id,
    mailbox: row.user2.toLowerCase(),
    host: row.host1.toLowerCase(),
    port: row.port1,
    user: row.user1,
    security: row.enc1,
    exclude: row.exclude,
    customParams: row.custom_params,
    intervalMinutes: row.mins_interval,
    active: row.active,
    deleteThere: row.delete1,
    deleteHere: row.delete2,
    isRunning: row.is_running,
    ...(row.last_run !== '' && { lastRun: row.last_run }),
    ...(typeof row.success === 'boolean' && { succeeded: row.success }),
    ...(row.exit_status !== '' && { exitStatus: row.exit_status }),
  }));
