import type { Engine } from '../../integration/engine.ts';
import { sessionRecords } from '../../integration/sessionRecords.ts';
import { s3Client } from '../../integration/sandbox/s3Client.ts';
import { PLACES, Witness, type Place } from '../witness.ts';
import { LEAKY_NODE, WRITTEN, type LeakyPlace } from './leakyNode.ts';
import { Observer } from './observer.ts';
import type { Setting } from './setting.ts';

export interface Controls {
	/** Leaks that were made on purpose. */
	made: number;
	/** Those of them that were not found. */
	missed: string[];
}

const SECRET = 'Customer Secret';

/**
 * Lets a secret out on purpose, in every place and every spelling, and looks whether it is found by the same
 * way on which all else is searched.
 */
export async function tryControls({ engine, sandbox, planted }: Setting): Promise<Controls> {
	const customerSecret = planted.inCredentials[SECRET];
	const controls: Controls = { made: 0, missed: [] };
	const fresh = () => {
		const witness = new Witness();
		witness.guard({ [SECRET]: customerSecret });
		return witness;
	};
	const judge = (witness: Witness, place: Place, written: string) => {
		controls.made++;
		if (!witness.leaks.includes(`${SECRET} in ${place}`))
			controls.missed.push(`${place}, ${written}`);
	};
	for (const place of PLACES.filter((each) => each !== 'session record')) {
		for (const written of Object.keys(WRITTEN)) {
			judge(await leakThere(engine, place, written, fresh()), place, written);
		}
	}
	for (const [written, spell] of Object.entries(WRITTEN)) {
		const witness = fresh();
		await s3Client(sandbox).put('_sessions/by-sid/planted.json', spell(customerSecret));
		for (const text of await sessionRecords(sandbox)) witness.see('session record', text);
		judge(witness, 'session record', written);
	}
	const quiet = await leakThere(engine, 'nowhere', 'as it is', fresh());
	if (quiet.leaks.length > 0) controls.missed.push(`found where none is: ${quiet.leaks.join()}`);
	return controls;
}

async function leakThere(
	engine: Engine,
	place: LeakyPlace,
	written: string,
	witness: Witness,
): Promise<Witness> {
	const observer = await Observer.fromNow(engine, witness);
	const options = { credentials: { agoraApi: 'leaky' } };
	observer.see(await engine.runNode(LEAKY_NODE, { place, written }, options));
	await observer.seeLog();
	observer.seeBinaryMetadata();
	return witness;
}
