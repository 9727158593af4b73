import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { freePorts } from '../../e2e/freePorts.ts';
import { createBucket } from '../client.ts';
import { Processes, requireCommands } from './processes.ts';
import { NotAvailable, type StorageServer } from './server.ts';

/** Swift's packages are installed for Debian's Python; PATH may have another one first. */
const PYTHON = '/usr/bin/python3';
const ACCOUNT = 'agora';
const USER = 'recorder';

/**
 * Starts OpenStack Swift with its S3 middleware: one proxy, one server each for accounts, containers and
 * objects, and memcached, on 127.0.0.1 and in one temporary folder.
 *
 * @throws NotAvailable where Debian's packages are not installed, or no folder supports extended attributes
 */
export async function startSwift(): Promise<StorageServer> {
	const servers = ['proxy', 'account', 'container', 'object'];
	requireCommands(
		[...servers.map((name) => `swift-${name}-server`), 'memcached'],
		'swift-proxy swift-account swift-container swift-object memcached',
	);
	const parent = ['/dev/shm', tmpdir()].find(supportsAttributes);
	if (parent === undefined) throw new NotAvailable('no folder that supports extended attributes');
	const processes = new Processes('swift', parent);
	try {
		return await start(processes);
	} catch (error) {
		await processes.stop();
		throw error;
	}
}

async function start(processes: Processes): Promise<StorageServer> {
	const { folder } = processes;
	const ports = await freePorts(5);
	const [proxy, account, container, object, memcached] = ports as [
		number,
		number,
		number,
		number,
		number,
	];
	const secretKey = randomBytes(20).toString('hex');
	mkdirSync(join(folder, 'devices/d1'), { recursive: true });
	const configs = {
		account: server('account', account, folder),
		container: server('container', container, folder),
		object: server('object', object, folder),
		proxy: proxyServer(proxy, memcached, folder, secretKey),
	};
	for (const [name, text] of Object.entries(configs))
		writeFileSync(join(folder, `${name}.conf`), text);
	writeFileSync(join(folder, 'rings.py'), RINGS);
	const { username } = userInfo();
	await Promise.all([
		processes.run(PYTHON, 'rings.py', String(account), String(container), String(object)),
		processes.start(
			memcached,
			...(['memcached', '-l', '127.0.0.1', '-p', String(memcached), '-U', '0'] as const),
			...['-u', username],
		),
	]);
	await Promise.all(
		(['account', 'container', 'object', 'proxy'] as const).map(async (name, index) => {
			const port = [account, container, object, proxy][index]!;
			await processes.start(port, `swift-${name}-server`, join(folder, `${name}.conf`));
		}),
	);
	const credential = {
		vendor: 's3Compatible',
		endpoint: `http://127.0.0.1:${proxy}`,
		s3CompatibleRegion: 'us-east-1',
		addressing: 'pathStyle',
		bucket: 'recordings',
		accessKey: `${ACCOUNT}:${USER}`,
		secretKey,
	};
	await createBucket(credential);
	const version = await processes.run(PYTHON, '-c', 'import swift; print(swift.__version__)');
	return {
		name: `Swift ${/\d+\.\d+/.exec(version)?.[0] ?? ''} + s3api`,
		credential,
		stop: async () => await processes.stop(),
	};
}

function supportsAttributes(folder: string): boolean {
	const script =
		'import os,sys,tempfile\nwith tempfile.NamedTemporaryFile(dir=sys.argv[1]) as f: os.setxattr(f.name,"user.swift.metadata",b"x"*1000)';
	return spawnSync(PYTHON, ['-c', script, folder]).status === 0;
}

/** Builds all three rings in one process, as each start of swift-ring-builder takes a second. */
const RINGS = `
import sys
from swift.common.ring import RingBuilder
for name, port in zip(('account', 'container', 'object'), sys.argv[1:]):
    builder = RingBuilder(2, 1, 1)
    builder.add_dev({'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': int(port),
        'replication_ip': '127.0.0.1', 'replication_port': int(port), 'device': 'd1', 'weight': 1, 'meta': ''})
    builder.rebalance()
    builder.get_ring().save(name + '.ring.gz')
`;

const defaults = (port: number, folder: string) => `
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
swift_dir = ${folder}
devices = ${folder}/devices
mount_check = false
fallocate_reserve = 0
disable_fallocate = true
workers = 0
user = ${userInfo().username}
`;

const server = (kind: string, port: number, folder: string) => `${defaults(port, folder)}
[pipeline:main]
pipeline = ${kind}-server

[app:${kind}-server]
use = egg:swift#${kind}
`;

const proxyServer = (port: number, memcached: number, folder: string, secretKey: string) =>
	`${defaults(port, folder)}
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth copy slo dlo versioned_writes symlink proxy-server

[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true

[filter:s3api]
use = egg:swift#s3api
location = us-east-1

[filter:tempauth]
use = egg:swift#tempauth
user_${ACCOUNT}_${USER} = ${secretKey} .admin

[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${memcached}

[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_object_versioning = true

${[
	'catch_errors',
	'gatekeeper',
	'healthcheck',
	'listing_formats',
	'bulk',
	'copy',
	'slo',
	'dlo',
	'symlink',
]
	.map((name) => `[filter:${name}]\nuse = egg:swift#${name}\n`)
	.join('\n')}`;
