import type { NotificationProduct, NotificationSettings } from '../agora/notifications.ts';
import type { Sandbox } from '../sandbox.ts';
import { NOTIFICATIONS_SECRET } from './credentials.ts';
import { exampleWorkflows } from './workflows.ts';

/**
 * The URL of an Agora Event Trigger in a published workflow.
 *
 * @param n8n URL of n8n, without a trailing slash
 */
export const notificationsUrl = (n8n: string, webhookId: string) =>
	`${n8n}/webhook/${webhookId}/notifications`;

/**
 * Sets the URLs of the example workflows in the sandbox, as a person does in the Agora Console.
 *
 * @param delivery how the delivery goes wrong
 */
export function subscribeExamples(
	{ control }: Sandbox,
	n8n: string,
	delivery: Pick<NotificationSettings, 'redundant'> = {},
): void {
	const triggers = exampleWorkflows()
		.flatMap(({ nodes }) => nodes)
		.filter(({ type }) => type === 'n8n-nodes-agora.agoraEventTrigger');
	for (const { webhookId, parameters } of triggers) {
		control.setNotifications({
			product: (parameters as { product: NotificationProduct }).product,
			url: notificationsUrl(n8n, webhookId!),
			secret: NOTIFICATIONS_SECRET,
			...delivery,
		});
	}
}
