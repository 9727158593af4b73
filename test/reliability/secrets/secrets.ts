import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { INodeType } from 'n8n-workflow';
import { repository } from '../../../sandbox/n8n/paths.ts';
import { findSecrets } from '../../integration/secrets.ts';
import { sessionRecords } from '../../integration/sessionRecords.ts';
import type { Finding, Part, Trial } from '../part.ts';
import { PLACES, type Witness } from '../witness.ts';
import { tryControls, type Controls } from './controls.ts';
import { Observer } from './observer.ts';
import { plant, type Planted } from './planted.ts';
import { certificates, setUp, type Setting } from './setting.ts';
import { Tally } from './tally.ts';
import {
	AZURE,
	CANCELLED,
	NO_ANSWER,
	RIGHT_KEYS,
	SESSION_TOKEN,
	tryAzure,
	tryCancelled,
	tryRightKeys,
	tryTrouble,
	WRONG_KEYS,
} from './trials.ts';

/**
 * Secrets stay where they belong, also when services repeat in their errors what they were sent. Comes last, so
 * that it tells what all parts have shown to the witness.
 */
export const secrets: Part = {
	name: 'secrets',
	title: 'No secret gets out',
	inCi: false,
	try: trySecrets,
};

/** A recorder's token; the one that Token · Generate gives is left out before the search. */
const AGORA_TOKEN = /007e[AFJN][\w+/]{50,}=*/;

/** Tokens are made with it; it never leaves n8n. */
const NEVER_SENT = 'App Certificate';

async function trySecrets({ witness, say }: Trial): Promise<Finding> {
	const before = new Map(witness.seen);
	const setting = await setUp(plant());
	const tally = new Tally();
	const observer = new Observer(setting.engine, witness);
	try {
		await guard(witness, setting);
		await tryRightKeys(setting, observer, witness, tally);
		await tryAzure(observer, tally);
		say(`${tally.count} actions with the right keys; now services that repeat what they were sent`);
		await tryTrouble(setting, observer, tally);
		await tryCancelled(setting, observer, tally);
		await observer.seeLog();
		observer.seeBinaryMetadata();
		for (const text of await sessionRecords(setting.sandbox)) witness.see('session record', text);
		say(`${tally.count} actions; now leaks on purpose`);
		const controls = await tryControls(setting);
		return {
			page: pageOf(witness, before, observer, tally, controls, setting.planted),
			broken: brokenBy(witness, observer, tally, controls, setting),
		};
	} finally {
		await setting.stop();
	}
}

async function guard(witness: Witness, setting: Setting): Promise<void> {
	const { planted, sandbox, azurite, azuriteSignature } = setting;
	witness.guard({
		...planted.inCredentials,
		...planted.variables,
		...(await certificates(sandbox)),
		'Azurite’s account key': azurite.accountKey,
		'Azurite’s signature': new URLSearchParams(azuriteSignature).get('sig')!,
		'token of a recorder': AGORA_TOKEN,
	});
}

function brokenBy(
	witness: Witness,
	{ gifts }: Observer,
	tally: Tally,
	{ missed }: Controls,
	{ echoes, planted }: Setting,
): string[] {
	const unseen = PLACES.filter((place) => !witness.seen.get(place)?.letters);
	const notRun = operations().filter((each) => !tally.operations.has(each));
	const heard = findSecrets(echoes.heard, { ...planted.inCredentials, ...planted.variables });
	const notSent = witness.guarded.filter(
		(name) => (name in planted.variables || name in planted.inCredentials) && !heard.includes(name),
	);
	const right = [RIGHT_KEYS, SESSION_TOKEN, AZURE].map((each) => [each, tally.of(each)] as const);
	return [
		...witness.leaks.map((leak) => `A secret got out: ${leak}.`),
		...unseen.map((place) => `Nothing was ever searched here: ${place}.`),
		...missed.map((leak) => `A leak on purpose was not found: ${leak}.`),
		...notRun.map((each) => `This operation was not tried: ${each}.`),
		...notSent
			.filter((name) => name !== NEVER_SENT)
			.map((name) => `It was never sent, so it could not be repeated: ${name}.`),
		...[...gifts].filter(([, count]) => count === 0).map(([name]) => `It gave no secret: ${name}.`),
		...right
			.filter(([, { done, failed }]) => done === 0 || failed > 0)
			.map(([name, { done, failed }]) => `With ${name}, ${failed} of ${done + failed} failed.`),
		...(echoes.ledAway > 0 ? [`${echoes.ledAway} requests followed a redirect.`] : []),
		...(tally.of(CANCELLED).cancelled === 0 ? ['No execution was cancelled.'] : []),
		...(tally.of(WRONG_KEYS).done > 0 ? ['Wrong keys were taken.'] : []),
	];
}

/** All that the node's description offers, as `<resource> <operation>`. */
function operations(): string[] {
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

function pageOf(
	witness: Witness,
	before: Witness['seen'],
	{ gifts }: Observer,
	tally: Tally,
	{ made, missed }: Controls,
	{ inCredentials, variables }: Planted,
): string[] {
	const planted = Object.keys({ ...inCredentials, ...variables });
	const repeated = tally.circumstances.filter((each) => each.startsWith('repeated in'));
	const named = [RIGHT_KEYS, SESSION_TOKEN, AZURE, WRONG_KEYS, NO_ANSWER, CANCELLED];
	const unreached = tally.circumstances.filter(
		(each) => !repeated.includes(each) && !named.includes(each),
	);
	const sum = (circumstances: string[]) => {
		const all = circumstances.map((each) => tally.of(each));
		const of = (ending: 'done' | 'failed' | 'cancelled') =>
			all.reduce((total, each) => total + each[ending], 0);
		return [of('done'), of('failed'), of('cancelled')].join(' | ');
	};
	const number = (count = 0) => count.toLocaleString('en');
	return [
		`Secrets that are found nowhere by chance are planted in both credentials and behind expressions, and ${number(tally.count)} actions are run with them in n8n’s engine, every operation, the trigger and the lists among them, with debug logs and files on disk. Services repeat the whole request, its headers and the keys in its body in their status messages, headers and error bodies. All that comes out is searched, in errors also what is not enumerable, and so is what the other parts of this page showed.`,
		'',
		'| Searched | Texts | Letters | of them in this part |',
		'| --- | --- | --- | --- |',
		...PLACES.map((place) => {
			const { texts, letters } = witness.seen.get(place) ?? { texts: 0, letters: 0 };
			const here = letters - (before.get(place)?.letters ?? 0);
			return `| ${place} | ${number(texts)} | ${number(letters)} | ${number(here)} |`;
		}),
		'',
		'| Circumstance | Done | Failed | Cancelled |',
		'| --- | --- | --- | --- |',
		`| ${RIGHT_KEYS} | ${sum([RIGHT_KEYS])} |`,
		`| ${SESSION_TOKEN} | ${sum([SESSION_TOKEN])} |`,
		`| ${AZURE} | ${sum([AZURE])} |`,
		`| ${WRONG_KEYS} | ${sum([WRONG_KEYS])} |`,
		`| the request repeated in ${repeated.length} kinds of answers | ${sum(repeated)} |`,
		`| ${unreached.join(', ')} | ${sum(unreached)} |`,
		`| ${NO_ANSWER} | ${sum([NO_ANSWER])} |`,
		`| ${CANCELLED} | ${sum([CANCELLED])} |`,
		'',
		`Searched for: ${planted.join(', ')}, and ${witness.guarded.length - planted.length} more, such as the sandbox’s own; each as it is, URL-encoded in eight ways, in JSON and in JSON within JSON, in XML, in hexadecimal, in Base64 wherever it begins, and packed by gzip or zlib.`,
		'',
		`Found: ${witness.leaks.length === 0 ? 'nothing' : witness.leaks.join(', ')}.`,
		'',
		`Left out, because it is what they are for: ${[...gifts].map(([name, count]) => `${name} (${number(count)} times)`).join(', ')}. What a person types into a node parameter as it is, n8n keeps with the workflow and its executions; here every such secret comes by an expression.`,
		'',
		`To show that the search works, a node lets its Customer Secret out on purpose, in each place and each spelling: ${made - missed.length} of ${made} such leaks were found.`,
	];
}
