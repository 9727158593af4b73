import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../sandbox/n8n/paths.ts';
import type { Tool } from '../../sandbox/model/scriptedModel.ts';

/** The tools of a model as docs/agents.md shows them. */
export function toolsInDocs(): Tool[] {
	const page = readFileSync(join(repository, 'docs/agents.md'), 'utf8');
	const [, json] = /```json\n([^]*?)```/.exec(page) ?? [];
	return JSON.parse(json ?? 'null') as Tool[];
}
