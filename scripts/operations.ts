/** Writes what the commands print into docs/operations.md; the program must be built. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillPage } from '../tests/sandbox/operations/page.ts';
import { playStory } from '../tests/sandbox/operations/play.ts';
import { story, storySettings } from '../tests/sandbox/operations/story.ts';

const root = join(import.meta.dirname, '..');
const path = join(root, 'docs', 'operations.md');

writeFileSync(path, fillPage(readFileSync(path, 'utf8'), await playStory(root, story, storySettings)));
