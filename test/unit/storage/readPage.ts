import type { Answer } from '../../../nodes/Agora/http/send';
import type { ReadPage } from '../../../nodes/Agora/storage/bucket';

/** Reads pages from what answers an address. */
export const readPageFrom =
	(ask: (url: string) => Promise<Answer>): ReadPage =>
	async (url, startReading) => {
		const answer = await ask(url);
		if (answer.status !== 200) return { answer, result: null };
		const reader = startReading();
		reader.push(answer.body);
		return { answer, result: reader.end() };
	};
