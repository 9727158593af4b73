/** `npm run sandbox`: runs the sandbox until Ctrl+C. */
import { startSandbox } from './sandbox.ts';

const port = (name: string) => Number(process.env[name] ?? 0);

const sandbox = await startSandbox({
	agoraPort: port('SANDBOX_AGORA_PORT'),
	s3Port: port('SANDBOX_S3_PORT'),
});
const { agora, s3, inbox, agoraAccount, storage, archiveBucket } = sandbox;
const ready = { agora, s3, inbox, agoraAccount, storage, archiveBucket };
console.log(`sandbox ready ${JSON.stringify(ready)}`);

let stopping = false;
function stop() {
	if (stopping) return;
	stopping = true;
	// An open channel to the parent process would keep this process alive.
	if (process.connected) process.disconnect();
	void sandbox.stop();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
process.on('disconnect', stop);
