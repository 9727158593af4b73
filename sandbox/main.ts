/** `npm run sandbox`: the sandbox on its own, until Ctrl+C. */
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
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
	process.on(signal, () => {
		if (stopping) return;
		stopping = true;
		void sandbox.stop();
	});
