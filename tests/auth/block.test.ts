import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasBlock, withBlock, withoutBlock } from '../../src/auth/block.ts';

const content = 'passdb {\n  driver = ldap\n}';

describe('our block in a file of somebody else', () => {
  test.each(['', 'a = b\n', 'a = b', '\n', 'a = b\n\n\n', '# BEGIN ldap\n'])(
    '%j is the same again without it',
    (file) => {
      const installed = withBlock(file, content);
      expect(installed.startsWith(file)).toBe(true);
      expect(installed).toContain(content);
      expect(hasBlock(installed)).toBe(true);
      expect(withoutBlock(installed)).toBe(file);
    },
  );

  test('is replaced where it stands, with what the user wrote behind it', () => {
    const installed = `${withBlock('a = b', content)}c = d\n`;
    const changed = withBlock(installed, 'other');
    expect(changed).not.toContain('driver');
    expect(changed.endsWith('c = d\n')).toBe(true);
    expect(withBlock(changed, content)).toBe(installed);
  });

  test('any file survives installing, changing and removing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-z$&\n]*$/), (file, other) => {
        const changed = withBlock(withBlock(file, content), other);
        expect(withoutBlock(changed)).toBe(file);
      }),
    );
  });
});
