import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { request } from 'undici';

const MAIN = join(__dirname, '../../../sandbox/main.ts');

async function started(stdio: 'ignore' | 'ipc') {
	const child = spawn(process.execPath, [MAIN], {
		env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR },
		stdio: ['ignore', 'pipe', 'inherit', stdio],
	});
	const [line] = (await once(createInterface(child.stdout as Readable), 'line')) as [string];
	return { child, line, exit: once(child, 'exit') };
}

const reachable = (origin: string) =>
	request(origin).then(
		({ body }) => body.dump().then(() => true),
		() => false,
	);

it('says in one line where it is, and leaves nothing behind when told to end', async () => {
	const { child, line, exit } = await started('ignore');
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
	expect(await reachable(ready.agora)).toBe(true);
	expect(await reachable(ready.s3)).toBe(true);
	child.kill('SIGTERM');
	expect(await exit).toEqual([0, null]);
	expect(await reachable(ready.s3)).toBe(false);
});

it('ends with the process that started it', async () => {
	const { child, exit } = await started('ipc');
	child.disconnect();
	expect(await exit).toEqual([0, null]);
});

it('takes its bucket along when it is killed', async () => {
	const { child, line, exit } = await started('ignore');
	const { s3 } = JSON.parse(line.slice('sandbox ready '.length));
	child.kill('SIGKILL');
	await exit;
	let left = true;
	for (let tries = 0; left && tries < 50; tries += 1) {
		await new Promise((resolve) => setTimeout(resolve, 100));
		left = await reachable(s3);
	}
	expect(left).toBe(false);
});
