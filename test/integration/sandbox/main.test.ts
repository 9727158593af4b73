import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { request } from 'undici';

const MAIN = join(__dirname, '../../../sandbox/main.ts');

async function startSandbox(stdio: 'ignore' | 'ipc') {
	const child = spawn(process.execPath, [MAIN], {
		env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR },
		stdio: ['ignore', 'pipe', 'inherit', stdio],
	});
	const [line] = (await once(createInterface(child.stdout as Readable), 'line')) as [string];
	return { child, line, exit: once(child, 'exit') };
}

const isReachable = (origin: string) =>
	request(origin).then(
		({ body }) => body.dump().then(() => true),
		() => false,
	);

it('prints its URLs and credentials in one line, and stops its bucket on SIGTERM', async () => {
	const { child, line, exit } = await startSandbox('ignore');
	expect(line).toMatch(/^sandbox ready \{/);
	const ready = JSON.parse(line.slice('sandbox ready '.length));
	expect(ready).toEqual({
		agora: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
		s3: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
		inbox: `${ready.agora}/inbox`,
		agoraAccount: {
			customerId: expect.any(String),
			customerSecret: expect.any(String),
			appId: expect.stringMatching(/^[0-9a-f]{32}$/),
			appCertificate: expect.stringMatching(/^[0-9a-f]{32}$/),
		},
		storage: expect.objectContaining({ endpoint: ready.s3, bucket: 'recordings' }),
		archiveBucket: 'archive',
	});
	expect(await isReachable(ready.agora)).toBe(true);
	expect(await isReachable(ready.s3)).toBe(true);
	child.kill('SIGTERM');
	expect(await exit).toEqual([0, null]);
	expect(await isReachable(ready.s3)).toBe(false);
});

it('ends with its parent process', async () => {
	const { child, exit } = await startSandbox('ipc');
	child.disconnect();
	expect(await exit).toEqual([0, null]);
});

it('stops its bucket when it is killed', async () => {
	const { child, line, exit } = await startSandbox('ignore');
	const { s3 } = JSON.parse(line.slice('sandbox ready '.length));
	child.kill('SIGKILL');
	await exit;
	let bucketIsReachable = true;
	for (let attempt = 0; bucketIsReachable && attempt < 50; attempt += 1) {
		await new Promise((resolve) => setTimeout(resolve, 100));
		bucketIsReachable = await isReachable(s3);
	}
	expect(bucketIsReachable).toBe(false);
});
