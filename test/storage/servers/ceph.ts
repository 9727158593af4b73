import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../e2e/freePorts.ts';
import { createBucket, waitUntil } from '../client.ts';
import { Processes, requireCommands } from './processes.ts';
import type { StorageServer } from './server.ts';

const MEMORY_BYTES = 2 * 1024 ** 3;

/**
 * Starts Ceph's object gateway on a cluster of one monitor and one object store in memory, on 127.0.0.1 and in one
 * temporary folder.
 *
 * @throws NotAvailable where Debian's packages `radosgw ceph-mon ceph-osd` are not installed
 */
export async function startCeph(): Promise<StorageServer> {
	requireCommands(
		['radosgw', 'radosgw-admin', 'ceph', 'ceph-mon', 'ceph-osd', 'monmaptool'],
		'radosgw ceph-mon ceph-osd',
	);
	const processes = new Processes('ceph');
	try {
		return await start(processes);
	} catch (error) {
		await processes.stop();
		throw error;
	}
}

async function start(processes: Processes): Promise<StorageServer> {
	const { folder } = processes;
	const [monitorPort, gatewayPort] = (await freePorts(2)) as [number, number];
	const cluster = randomUUID();
	const monitor = `v2:127.0.0.1:${monitorPort}`;
	const configFile = join(folder, 'ceph.conf');
	writeFileSync(configFile, configuration(folder, cluster, monitor));
	for (const name of ['mon', 'osd']) mkdirSync(join(folder, name));
	const run = async (command: string, ...args: string[]) =>
		await processes.run(command, '--conf', configFile, ...args);

	await processes.run(
		'monmaptool',
		...['--create', '--fsid', cluster, '--addv', 'a', `[${monitor}]`, 'monmap'],
	);
	await run('ceph-mon', '--mkfs', '-i', 'a', '--monmap', 'monmap');
	await processes.start(monitorPort, 'ceph-mon', '--conf', configFile, '-f', '-i', 'a');

	// The monitor only accepts a store with an ID that it knows.
	const store = randomUUID();
	await run('ceph', 'osd', 'new', store);
	await run('ceph-osd', '--mkfs', '-i', '0', '--osd-uuid', store);
	processes.launch('ceph-osd', '--conf', configFile, '-f', '-i', '0');
	await waitUntil('the object store is up', async () => {
		const { num_up_osds } = JSON.parse(await run('ceph', 'osd', 'stat', '--format', 'json')) as {
			num_up_osds: number;
		};
		return num_up_osds === 1;
	});

	const accessKey = randomBytes(10).toString('hex').toUpperCase();
	const secretKey = randomBytes(20).toString('hex');
	await run(
		'radosgw-admin',
		...['user', 'create', '--uid', 'agora', '--display-name', 'Agora'],
		...['--access-key', accessKey, '--secret-key', secretKey],
	);
	await processes.start(
		gatewayPort,
		...(['radosgw', '--conf', configFile, '-f', '-n', 'client.rgw.a'] as const),
		...['--rgw-frontends', `beast endpoint=127.0.0.1:${gatewayPort}`],
	);
	const credential = {
		vendor: 's3Compatible',
		endpoint: `http://127.0.0.1:${gatewayPort}`,
		s3CompatibleRegion: 'us-east-1',
		addressing: 'pathStyle',
		bucket: 'recordings',
		accessKey,
		secretKey,
	};
	await createBucket(credential);
	const [version] = /\d+\.\d+/.exec(await processes.run('radosgw', '--version')) ?? [''];
	return {
		name: `Ceph RGW ${version}`,
		credential,
		stop: async () => await processes.stop(),
	};
}

const configuration = (folder: string, cluster: string, monitor: string) => `
[global]
fsid = ${cluster}
mon host = [${monitor}]
public network = 127.0.0.0/8
ms bind ipv6 = false
auth cluster required = none
auth service required = none
auth client required = none
# Encryption needs authentication; without this setting, radosgw tries to encrypt for 22 seconds.
ms mon client mode = crc
ms client mode = crc
run dir = ${folder}
crash dir = ${folder}
log file = ${folder}/$name.log
mon cluster log file = ${folder}/cluster.log
# Not needed, and the path of a socket must not exceed 107 characters.
admin socket =
pid file =
mon data = ${folder}/mon
mon data avail warn = 1
mon data avail crit = 1
mon allow pool size one = true
osd data = ${folder}/osd
osd objectstore = memstore
memstore device bytes = ${MEMORY_BYTES}
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
paxos propose interval = 0.05
paxos min wait = 0.01
`;
