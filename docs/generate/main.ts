/** `npx gulp docs` writes the generated pages; `--check` only names those that are outdated, and exits with 1. */
import { readFileSync, writeFileSync } from 'node:fs';
import { generatedPages } from './pages.ts';

for (const [file, contents] of Object.entries(await generatedPages())) {
	if (readFileSync(file, 'utf8') === contents) continue;
	if (process.argv.includes('--check')) {
		console.error(`${file} is outdated; run npx gulp docs`);
		process.exitCode = 1;
	} else {
		writeFileSync(file, contents);
	}
}
