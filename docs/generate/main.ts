/** `npx gulp reference`: writes docs/reference.md anew; with a file’s name, writes that instead. */
import { writeFileSync } from 'node:fs';
import { PAGE } from './paths.ts';
import { referencePage } from './reference.ts';

writeFileSync(process.argv[2] ?? PAGE, await referencePage());
