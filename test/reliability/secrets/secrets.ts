import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { INodeType } from 'n8n-workflow';
import { repository } from '../../../sandbox/n8n/paths.ts';
import { s3Client } from '../../integration/sandbox/s3Client.ts';
import { findSecrets } from '../../integration/secrets.ts';
import { sessionRecords } from '../../integration/sessionRecords.ts';
import type { Part, RunContext, Summary } from '../part.ts';
import { PLACES, Witness } from '../witness.ts';
import { Observer } from './observer.ts';
import {
	CANCELED,
	runCanceled,
	runWithFailures,
	runWithValidKeys,
	SESSION_TOKEN,
	Tally,
	VALID_KEYS,
} from './scenarios.ts';
import { certificates, setUp, type Setup } from './setup.ts';

/** No secret is in anything that comes out, even where services repeat in their errors what they were sent. */
export const secrets: Part = { name: 'secrets', inCi: false, run };

/** A recorder's token; the one that Token > Generate returns is left out before the search. */
const AGORA_TOKEN = /007e[AFJN][\w+/]{50,}=*/;
/** Tokens and signatures are computed with them; they never leave n8n. */
const NEVER_SENT = ['App Certificate', 'Notifications Secret'];

async function run({ witness, log }: RunContext): Promise<Summary> {
	const setup = await setUp();
	const tally = new Tally();
	const observer = await Observer.start(setup, witness);
	try {
		await guardAll(witness, setup);
		await runWithValidKeys(setup, observer, witness, tally);
		log('all operations with valid keys; now services that fail');
		await runWithFailures(setup, observer, tally);
		await runCanceled(setup, observer, tally);
		await observer.seeLogAndFiles();
		for (const text of await sessionRecords(setup.sandbox)) witness.see('session record', text);
		const missed = await leakOnPurpose(setup);
		return {
			figures: {
				scenarios: tally.scenarios,
				searched: Object.fromEntries(witness.seen),
				'left out because a user asked for it': observer.returned,
				'leaks on purpose found': PLACES.length - missed.length,
			},
			failures: [
				...witness.leaks.map((leak) => `A secret leaked: ${leak}.`),
				...missed.map((place) => `A leak on purpose was not found: ${place}.`),
				...untested(witness, observer, tally, setup),
			],
		};
	} finally {
		await setup.stop();
	}
}

async function guardAll(witness: Witness, setup: Setup): Promise<void> {
	const { planted, sandbox } = setup;
	witness.guard({
		...planted.inCredentials,
		...planted.variables,
		...(await certificates(sandbox)),
		"a recorder's token": AGORA_TOKEN,
	});
}

/** What makes the result of the search worthless. */
function untested(
	witness: Witness,
	{ returned }: Observer,
	{ scenarios, operations }: Tally,
	{ echo, planted }: Setup,
): string[] {
	const secretsSent = { ...planted.inCredentials, ...planted.variables };
	const sent = findSecrets(echo.received, secretsSent);
	const failed = [VALID_KEYS, SESSION_TOKEN].filter((name) => scenarios[name]!.failed > 0);
	return [
		...PLACES.filter((place) => !witness.seen.get(place)?.characters).map(
			(place) => `Nothing was searched: ${place}.`,
		),
		...describedOperations()
			.filter((name) => !operations.has(name))
			.map((name) => `This operation did not run: ${name}.`),
		...Object.keys(secretsSent)
			.filter((name) => !NEVER_SENT.includes(name) && !sent.includes(name))
			.map((name) => `No service got it, so none could repeat it: ${name}.`),
		...Object.entries(returned)
			.filter(([, count]) => count === 0)
			.map(([name]) => `It returned no secret: ${name}.`),
		...failed.map((name) => `${scenarios[name]!.failed} actions failed: ${name}.`),
		...(echo.redirected > 0 ? [`${echo.redirected} requests followed a redirect.`] : []),
		...(scenarios[CANCELED]!.canceled === 0 ? ['No execution was canceled.'] : []),
	];
}

/** All operations in the built node's description, as `<resource> <operation>`. */
function describedOperations(): string[] {
	const load = createRequire(import.meta.url);
	const { Agora } = load(join(repository, 'dist/nodes/Agora/Agora.node.js')) as {
		Agora: new () => INodeType;
	};
	return new Agora().description.properties
		.filter(({ name }) => name === 'operation')
		.flatMap(({ options = [], displayOptions }) =>
			options.map(
				(option) => `${displayOptions!.show!.resource![0]} ${(option as { value: string }).value}`,
			),
		);
}

/**
 * Leaks a Customer Secret in each place and searches for it in the same way.
 *
 * @returns the places in which it was not found, and "nowhere" if it was found although nothing had leaked
 */
async function leakOnPurpose(setup: Setup): Promise<string[]> {
	const { engine, sandbox, planted } = setup;
	const secret = { leaked: planted.inCredentials['Customer Secret'] };
	const missed: string[] = [];
	for (const place of [...PLACES, 'nowhere'] as const) {
		const witness = new Witness();
		witness.guard(secret);
		if (place === 'session record') {
			await s3Client(sandbox).put('_sessions/by-sid/leak.json', JSON.stringify(secret));
			for (const text of await sessionRecords(sandbox)) witness.see(place, text);
		} else {
			const observer = await Observer.start(setup, witness);
			const options = { credentials: { agoraApi: 'leaky' } };
			observer.see(await engine.runNode('n8n-nodes-leaky.leaky', { place }, options));
			await observer.seeLogAndFiles();
		}
		const isFound =
			place === 'nowhere'
				? witness.leaks.length === 0
				: witness.leaks.includes(`leaked in ${place}`);
		if (!isFound) missed.push(place);
	}
	return missed;
}
