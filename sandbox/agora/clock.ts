/**
 * Time as sessions live it: `speed` times faster than the clock on the wall, so that a test need
 * not sit through a call.
 */
export class Clock {
	readonly speed: number;

	constructor(speed: number) {
		this.speed = speed;
	}

	/** Session time in seconds; only differences mean something. */
	now(): number {
		return (performance.now() / 1000) * this.speed;
	}

	/** Resolves at that session time, or at once when `signal` aborts. */
	until(time: number, signal: AbortSignal): Promise<void> {
		const milliseconds = ((time - this.now()) / this.speed) * 1000;
		if (signal.aborted || milliseconds <= 0) return Promise.resolve();
		return new Promise((resolve) => {
			const done = () => {
				clearTimeout(timer);
				signal.removeEventListener('abort', done);
				resolve();
			};
			const timer = setTimeout(done, milliseconds);
			signal.addEventListener('abort', done);
		});
	}
}
