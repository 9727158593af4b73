import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { join } from 'node:path';
import { n8nFolder } from '../../../sandbox/n8n/paths.ts';

const HOST = '127.0.0.1';
const POSTGRES = { host: HOST, port: 5432, user: 'postgres' };
const REDIS = { host: HOST, port: 6379 };

/** A database and a corner of Redis that are there for one run only. */
export interface Services {
	/** n8n's settings for them, with queue mode on. */
	settings: Record<string, string>;
	rows<Row>(sql: string, values?: unknown[]): Promise<Row[]>;
	/** How many jobs of the queue a worker has taken and not given back, dead workers' too. */
	takenJobs(): Promise<number>;
	/** Drops all of it; every n8n must have ended. */
	drop(): Promise<void>;
}

interface PostgresClient {
	connect(): Promise<void>;
	query(sql: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
	end(): Promise<void>;
	on(event: 'error', listener: () => void): void;
}

interface RedisClient {
	connect(): Promise<void>;
	scan(cursor: string, ...options: string[]): Promise<[cursor: string, keys: string[]]>;
	llen(key: string): Promise<number>;
	del(...keys: string[]): Promise<number>;
	disconnect(): void;
	on(event: 'error', listener: () => void): void;
}

/** n8n brings clients of both along. */
const load = createRequire(join(n8nFolder, 'package.json'));

/** @returns a sentence where nothing listens for one of the services on this machine, null when both are there */
export async function absentService(): Promise<string | null> {
	if (!(await listens(POSTGRES))) return `nothing listens at ${HOST}:${POSTGRES.port}`;
	return (await listens(REDIS)) ? null : `nothing listens at ${HOST}:${REDIS.port}`;
}

async function listens({ host, port }: { host: string; port: number }): Promise<boolean> {
	return await new Promise((resolve) => {
		const socket = connect(port, host);
		socket.once('error', () => resolve(false));
		socket.once('connect', () => {
			socket.destroy();
			resolve(true);
		});
	});
}

/**
 * Opens the services that queue mode takes: PostgreSQL, where `postgres` may come in (with `PGPASSWORD`, if it
 * is set), and Redis. n8n has to be installed.
 *
 * @returns a sentence where one of them does not let us in
 */
export async function openServices(): Promise<Services | string> {
	const admin = await postgres('postgres').catch((error: Error) => error);
	if (admin instanceof Error) return `PostgreSQL: ${admin.message}`;
	const redis = await openRedis().catch((error: Error) => error);
	if (redis instanceof Error) {
		await admin.end();
		return `Redis: ${redis.message}`;
	}
	const name = `agora_reliability_${process.pid}_${Date.now().toString(36)}`;
	await admin.query(`create database ${name}`);
	const database = await postgres(name);
	return {
		settings: settingsFor(name),
		rows: async <Row>(sql: string, values?: unknown[]) =>
			(await database.query(sql, values)).rows as Row[],
		takenJobs: async () => await redis.llen(`${name}:jobs:active`),
		async drop() {
			await database.end();
			await admin.query(`drop database ${name} with (force)`);
			await admin.end();
			await forget(redis, `${name}*`);
			redis.disconnect();
		},
	};
}

async function postgres(database: string): Promise<PostgresClient> {
	const { Client } = load('pg') as { Client: new (options: object) => PostgresClient };
	const client = new Client({ ...POSTGRES, database, connectionTimeoutMillis: 3000 });
	// A server that goes away is told by the next query.
	client.on('error', () => undefined);
	await client.connect();
	return client;
}

async function openRedis(): Promise<RedisClient> {
	const Redis = load('ioredis') as new (options: object) => RedisClient;
	const client = new Redis({ ...REDIS, lazyConnect: true, retryStrategy: () => null });
	client.on('error', () => undefined);
	await client.connect();
	return client;
}

/** Other n8n on the same Redis hear nothing: channels are shared by all its databases. */
function settingsFor(name: string): Record<string, string> {
	return {
		EXECUTIONS_MODE: 'queue',
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: POSTGRES.host,
		DB_POSTGRESDB_PORT: String(POSTGRES.port),
		DB_POSTGRESDB_USER: POSTGRES.user,
		DB_POSTGRESDB_PASSWORD: process.env.PGPASSWORD ?? '',
		DB_POSTGRESDB_DATABASE: name,
		DB_POSTGRESDB_POOL_SIZE: '5',
		QUEUE_BULL_REDIS_HOST: REDIS.host,
		QUEUE_BULL_REDIS_PORT: String(REDIS.port),
		QUEUE_BULL_PREFIX: name,
		N8N_REDIS_KEY_PREFIX: name,
	};
}

async function forget(redis: RedisClient, pattern: string): Promise<void> {
	let cursor = '0';
	do {
		const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', '500');
		if (keys.length > 0) await redis.del(...keys);
		cursor = next;
	} while (cursor !== '0');
}
