import type { RelayedRequest, InjectedFault } from '../relay.ts';

/** What n8n asks the bucket in one of its lives. */
export interface Traffic {
	requests: number;
	/** How many polls have begun: each lists the sessions once. */
	polls: number;
	/** Requests that were not answered yet. */
	underWay: number;
	/** When the last answer was sent, Unix milliseconds; null before the first. */
	answeredAt: number | null;
}

/** Watches what goes through a relay, and changes nothing of it. */
export class TrafficWatch {
	#now = nothingYet();

	/** From now on another life is watched. */
	begin(): Traffic {
		this.#now = nothingYet();
		return this.#now;
	}

	/** For a relay. */
	readonly decide = ({ path }: RelayedRequest): InjectedFault => {
		const traffic = this.#now;
		traffic.requests++;
		traffic.underWay++;
		if (path.includes('delimiter=')) traffic.polls++;
		return {
			when: 'after',
			response: (answer) => {
				traffic.underWay--;
				traffic.answeredAt = Date.now();
				return answer;
			},
		};
	};
}

function nothingYet(): Traffic {
	return { requests: 0, polls: 0, underWay: 0, answeredAt: null };
}
