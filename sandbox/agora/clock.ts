/** Session time: it runs `speed` times faster than real time, so that tests need not wait for a call to end. */
export class Clock {
	readonly speed: number;

	constructor(speed: number) {
		this.speed = speed;
	}

	/** Session time in seconds, from an arbitrary start: only differences are meaningful. */
	now(): number {
		return (performance.now() / 1000) * this.speed;
	}

	/** Resolves at that session time, or as soon as `signal` aborts. */
	waitUntil(time: number, signal: AbortSignal): Promise<void> {
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
