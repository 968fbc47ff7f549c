import { probeApi, probeLdap } from '../app.ts';
import { configure, parseOptions, refusePositionals, type Command } from './command.ts';

export const checkCommand: Command = {
  summary: 'check',
  usage: '',
  run: ({ args }) => {
    refusePositionals(parseOptions(args).positionals);
    configure({});
    return Promise.resolve(probeApi.length + probeLdap.length);
  },
};
