import { createRequire } from 'node:module';
import { join } from 'node:path';
import { n8nFolder } from '../../../sandbox/n8n/paths.ts';

const HOST = '127.0.0.1';
const POSTGRES = { host: HOST, port: 5432, user: 'postgres' };
const REDIS = { host: HOST, port: 6379 };

/** A database and a Redis prefix for one run. */
export interface Services {
	/** n8n's environment variables for them, and for queue mode. */
	settings: Record<string, string>;
	query<Row>(sql: string, values?: unknown[]): Promise<Row[]>;
	/** Every n8n must have ended. */
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
	keys(pattern: string): Promise<string[]>;
	del(...keys: string[]): Promise<number>;
	disconnect(): void;
	on(event: 'error', listener: () => void): void;
}

/** n8n has clients of both among its dependencies. */
const load = createRequire(join(n8nFolder, 'package.json'));

/**
 * Connects to PostgreSQL, as `postgres` with the password in `PGPASSWORD`, and to Redis. n8n must be installed.
 *
 * @throws Error if one of them does not run on this machine, or rejects the connection
 */
export async function openServices(): Promise<Services> {
	const redis = await connectRedis();
	const admin = await connectPostgres('postgres').catch((error: Error) => {
		redis.disconnect();
		throw new Error(`PostgreSQL: ${error.message}`);
	});
	const name = `agora_reliability_${process.pid}`;
	await admin.query(`create database ${name}`);
	const database = await connectPostgres(name);
	return {
		settings: {
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
			// Redis shares its channels between all databases.
			N8N_REDIS_KEY_PREFIX: name,
		},
		query: async <Row>(sql: string, values?: unknown[]) =>
			(await database.query(sql, values)).rows as Row[],
		async drop() {
			await database.end();
			await admin.query(`drop database ${name} with (force)`);
			await admin.end();
			const keys = await redis.keys(`${name}*`);
			if (keys.length > 0) await redis.del(...keys);
			redis.disconnect();
		},
	};
}

async function connectPostgres(database: string): Promise<PostgresClient> {
	const { Client } = load('pg') as { Client: new (options: object) => PostgresClient };
	const client = new Client({ ...POSTGRES, database, connectionTimeoutMillis: 3000 });
	// The next query reports a lost connection.
	client.on('error', () => undefined);
	await client.connect();
	return client;
}

async function connectRedis(): Promise<RedisClient> {
	const Redis = load('ioredis') as new (options: object) => RedisClient;
	const client = new Redis({ ...REDIS, lazyConnect: true, retryStrategy: () => null });
	client.on('error', () => undefined);
	await client.connect().catch((error: Error) => {
		throw new Error(`Redis: ${error.message}`);
	});
	return client;
}
