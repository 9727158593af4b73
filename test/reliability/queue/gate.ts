import type { RelayedRequest, InjectedFault } from '../relay.ts';

/** Stands in the bucket's answers: while it is shut, films come only halfway. */
export class Gate {
	#open: PromiseWithResolvers<void> | null = null;
	#halfway = 0;

	/** How many films wait in the middle. */
	get halfway(): number {
		return this.#halfway;
	}

	shut(): void {
		this.#open = Promise.withResolvers();
	}

	open(): void {
		this.#open?.resolve();
		this.#open = null;
		this.#halfway = 0;
	}

	/** For the relay. */
	readonly spoil = ({ method, path }: RelayedRequest): InjectedFault | null => {
		if (this.#open === null || method !== 'GET' || !path.includes('.mp4')) return null;
		this.#halfway++;
		return { response: { restAfter: this.#open.promise }, when: 'after' };
	};
}
