import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import prettier from 'prettier';
import { repository } from '../../sandbox/n8n/paths.ts';
import type { Finding, Part } from './part.ts';

export interface Result {
	part: Part;
	finding: Finding;
	/** How long it took. */
	seconds: number;
}

type Verdict = 'held' | 'SKIPPED' | 'DID NOT HOLD';

export function verdictOf({ broken, skipped }: Finding): Verdict {
	if (broken.length > 0) return 'DID NOT HOLD';
	return skipped ? 'SKIPPED' : 'held';
}

/** The results as Markdown, formatted as the repository's lint wants it. */
export async function page(results: Result[]): Promise<string> {
	const titles = (which: Verdict) =>
		results.filter(({ finding }) => verdictOf(finding) === which).map(({ part }) => part.title);
	const broken = titles('DID NOT HOLD');
	const skipped = titles('SKIPPED');
	const text = [
		'# Reliability',
		'',
		'Written by `npm run test:reliability`: what must hold whatever happens, tried against the sandbox in n8n’s own execution engine, or in a real n8n where that is said.',
		'',
		...machine(),
		'',
		broken.length === 0
			? 'Everything that was tried held.'
			: `**Did not hold:** ${broken.join('; ')}.`,
		...(skipped.length === 0 ? [] : ['', `**Skipped:** ${skipped.join('; ')}.`]),
		'',
		'| Part | By itself | In CI | Took | |',
		'| --- | --- | --- | --- | --- |',
		...results.map(line),
		...results.flatMap(section),
		'',
	].join('\n');
	const options = await prettier.resolveConfig(join(repository, 'docs/reliability.md'));
	return await prettier.format(text, { ...options, parser: 'markdown' });
}

function machine(): string[] {
	const [first] = cpus();
	const memory = Math.round(totalmem() / 1024 ** 3);
	return [
		`- Date: ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
		`- Machine: ${cpus().length} × ${first?.model.trim()}, ${memory} GiB, ${type()} ${release()}, Node ${process.versions.node}`,
	];
}

function line({ part, finding, seconds }: Result): string {
	const took = seconds < 100 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
	const verdict = verdictOf(finding);
	const command = `\`npm run test:reliability -- ${part.name}\``;
	return `| ${[part.title, command, part.inCi ? 'yes' : 'no', took, verdict === 'held' ? verdict : `**${verdict}**`].join(' | ')} |`;
}

function section({ part, finding: { page, broken } }: Result): string[] {
	return ['', `## ${part.title}`, '', ...page, ...broken.flatMap((line) => ['', `**${line}**`])];
}
