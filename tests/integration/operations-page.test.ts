/** docs/operations.md shows what the commands really print. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { fillPage } from '../sandbox/operations/page.ts';
import { playStory } from '../sandbox/operations/play.ts';
import { story, storySettings } from '../sandbox/operations/story.ts';

test('the page on operations is up to date (npm run docs:operations)', async () => {
  const page = readFileSync('docs/operations.md', 'utf8');
  expect(page).toBe(fillPage(page, await playStory(resolve('.'), story, storySettings)));
}, 120_000);
