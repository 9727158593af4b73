import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { EVENTS as Events, Product } from '../../nodes/Agora/events/eventTypes.ts';
import type { toDetails as ToDetails } from '../../nodes/Agora/events/details.ts';
import { repository } from '../../sandbox/n8n/paths.ts';
import { SAMPLES } from '../../test/unit/events/samples.ts';

const TEST = '[notification.test.ts](../test/unit/events/notification.test.ts)';

/** Where the fields that all notifications have appear in the item. */
const COMMON = [
	['`noticeId`', '`notice_id`'],
	['`productId`', '`product`: `recording` for 3, `channel` for 1'],
	['`eventType`', '`event_type`, and by name `event`'],
	['`notifyMs`', '`occurred_at`, only where the event has no time; in `raw`'],
	['`payload.cname`, `payload.channelName`', '`cname`'],
	['`payload.uid`', '`uid`, as a string'],
	['`payload.sid`, `sid`', '`sid`'],
	['`payload.sendts` (milliseconds), `payload.ts` (seconds)', '`occurred_at`'],
	['`payload.sequence`', '`details.sequence`'],
	['`payload.serviceType`', '`details.service`, by name'],
	['`payload.serviceScene`', '`details.service_scene`'],
];

/**
 * The table of all documented events and their fields, from the events' table and the samples of the tests.
 *
 * @returns Markdown, in lines
 */
export async function eventTables(): Promise<string[]> {
	const { loadModule } = createRequire(import.meta.url)(join(repository, 'compile.js')) as {
		loadModule(source: string): Promise<unknown>;
	};
	const { EVENTS, toDetails } = (await loadModule(
		"export { EVENTS } from './nodes/Agora/events/eventTypes'; export { toDetails } from './nodes/Agora/events/details';",
	)) as { EVENTS: typeof Events; toDetails: typeof ToDetails };
	const rows = (Object.keys(EVENTS) as Product[]).flatMap((product) =>
		EVENTS[product].map(({ number, value, name, description }) => {
			const { fields } = SAMPLES.find((each) => each.number === number)!;
			const shown = Object.entries(fields).map(([agora, sample]) => {
				const [own] = Object.keys(toDetails({ [agora]: sample }));
				return `\`${agora}\` → \`details.${own}\``;
			});
			const cell = shown.length === 0 ? 'only those of all events' : shown.join('<br>');
			return `| ${name}: ${description} | \`${product}.${value}\` | ${number} | ${cell} | ${TEST} |`;
		}),
	);
	return [
		'| Field of every notification | In the item | Test |',
		'| --- | --- | --- |',
		...COMMON.map(([agora, own]) => `| ${agora} | ${own} | ${TEST} |`),
		'',
		'| Event | `event` | Number | Fields | Test |',
		'| --- | --- | --- | --- | --- |',
		...rows,
	];
}
