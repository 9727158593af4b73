import type { Account, Counted } from './account.ts';
import type { Doing } from './kill.ts';

const DOINGS: Record<Doing, string> = {
	booting: 'while n8n booted',
	polling: 'while a poll’s request was under way',
	writing: 'while n8n wrote what a poll had brought',
	idle: 'otherwise',
};

export function pageOf(byDefault: Account, durable: Account): string[] {
	const row = (name: string, cell: (account: Account) => string | number) =>
		`| ${name} | ${cell(byDefault)} | ${cell(durable)} |`;
	const doing = (what: Doing) => (account: Account) =>
		account.kills.filter((kill) => kill.doing === what).length;
	return [
		`A real n8n on SQLite was ended with SIGKILL again and again while recordings came into the bucket: about ten in each of its lives, some of which were still running when it was killed. It was watched with the trigger every twenty seconds. A relay before the bucket saw the polls. One kill in five came at any moment, the others at a request of a poll, within 0.3 s after the last one, or when n8n’s database showed what a poll had brought: the figures say what can happen, not how often. What was given out was counted in n8n’s execution table, after every kill, and in the end when two more polls had brought nothing.`,
		'',
		'| | n8n’s default poller | n8n’s durable poller |',
		'| --- | --- | --- |',
		row('Kills', ({ kills }) => kills.length),
		...Object.entries(DOINGS).map(([what, words]) => row(`– ${words}`, doing(what as Doing))),
		row('Recordings completed', ({ completed }) => completed),
		row('Given out', ({ completed, lost }) => completed - lost.all),
		row('**Lost**', ({ lost }) => lost.all),
		row('**Given out more than once**', ({ doubled }) => doubled.all),
		row('Executions', ({ executions }) => executions),
		row(
			'– that died with n8n, which shows them as crashed',
			({ crashed }) => `${crashed.executions}, with ${crashed.recordings} recordings`,
		),
		'',
		'**The durable poller** (`N8N_SCHEDULER_ENABLED`, `N8N_SCHEDULER_POLL_TRIGGERS_ENABLED` and `N8N_POLLER_DURABLE_CURSORS_ENABLED`, all `true`) writes what the trigger remembers and the execution in one transaction. One exception lies before the first poll: what it finds when the workflow is activated is not remembered before the first poll by schedule, up to a minute later, and what completes in between counts as old.',
		'',
		`**The default poller** saves what the trigger remembers first and the execution after it, each by itself. Killed between the two, n8n has forgotten the items of that poll, and the trigger is not told whether an execution was made of what it returned. So its first poll after n8n’s start gives out once more what it gave out within the ten minutes before: nothing is lost, and what was not lost comes twice. ${causes(byDefault)}`,
		'',
		'Both: an execution that had begun is not run again. n8n marks it as crashed; its items are in it, and *Retry* runs them. And an n8n that was killed while it activated its workflows leaves them inactive for two minutes when it starts again; here its database was changed, while it was dead, as if they had passed.',
	];
}

function causes({ kills, lost, doubled, takenBack }: Account): string {
	const lossy = kills.filter((kill) => kill.lost > 0);
	const doubling = kills.filter((kill) => kill.toDouble > 0);
	return [
		lossy.length === 0
			? 'No kill hit that moment.'
			: `${lossy.length} of the ${kills.length} kills hit that moment (${moments(lossy)}); n8n forgot ${takenBack.forgotten} that the trigger gave out again, and ${lost.all} were lost.`,
		`${takenBack.given} had an execution already and were given out again with them, which explains ${doubled.explained} of the ${doubled.all} that came more than once.`,
		doubling.length === 0
			? 'The other way round, an execution without what is remembered, was never seen.'
			: `The other way round, an execution without what is remembered, at ${doubling.length} (${moments(doubling)}).`,
	].join(' ');
}

function moments(kills: Counted[]): string {
	return Object.entries(DOINGS)
		.map(([what, words]) => [kills.filter(({ doing }) => doing === what).length, words] as const)
		.filter(([count]) => count > 0)
		.map(([count, words]) => `${count} ${words}`)
		.join(', ');
}
