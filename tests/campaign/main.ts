/** `npm run campaign`: entry of the process, nothing else. */
import { runCampaign } from './campaign.ts';

process.exitCode = await runCampaign(process.argv.slice(2), process.cwd());
