import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
	INodeProperties,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { credentialTest } from './credentialTest';
import { ALL_EVENTS, EVENTS, type Product } from './events/eventTypes';
import {
	channelFilter,
	channelPrefixFilter,
	includeSegments,
	linkLifetime,
} from './resources/shared/recordingFields';

const eventsOf = (product: Product, byDefault: string): INodeProperties => ({
	displayName: 'Events',
	name: 'events',
	type: 'multiOptions',
	options: [
		{ name: 'All', value: ALL_EVENTS, description: 'Every event, also those that are not listed' },
		...EVENTS[product]
			.map(({ name, value, description }) => ({ name, value, description }))
			.sort((a, b) => (a.name < b.name ? -1 : 1)),
	],
	default: [byDefault],
	required: true,
	displayOptions: { show: { product: [product] } },
	description: 'The events that start the workflow',
});

export class AgoraEventTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Agora Event Trigger',
		name: 'agoraEventTrigger',
		icon: { light: 'file:../../icons/agora.svg', dark: 'file:../../icons/agora.dark.svg' },
		group: ['trigger'],
		version: [1],
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description:
			'Starts the workflow when Agora reports an event of a channel or a cloud recording',
		defaults: { name: 'Agora Event Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{ name: 'agoraNotificationsApi', required: true, testedBy: 'agoraNotificationsApiTest' },
			{
				name: 'agoraStorageApi',
				required: true,
				displayOptions: { show: { product: ['recording'], addRecording: [true] } },
				testedBy: 'agoraStorageApiTest',
			},
		],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				path: 'notifications',
			},
		],
		properties: [
			{
				displayName: [
					'To register this trigger:',
					'1. Publish the workflow, and copy the production URL. It must be https.',
					'2. In the Agora Console, open your project > All Features > Notifications.',
					'3. Choose the product and its events, and enter the URL.',
					'4. Copy the secret of the product into the credential of this node.',
					'5. Press Check, then Save.',
				].join('<br>'),
				name: 'setupNotice',
				type: 'notice',
				default: '',
			},
			{
				displayName: 'Product',
				name: 'product',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Cloud Recording',
						value: 'recording',
						description: 'Events of recordings, such as Files Uploaded',
					},
					{
						name: 'RTC Channel',
						value: 'channel',
						description: 'Events of channels and their users, such as Channel Created',
					},
				],
				default: 'recording',
				description:
					'The product whose notifications are sent to this trigger. Each has its own secret.',
			},
			eventsOf('recording', 'uploaded'),
			eventsOf('channel', 'created'),
			{
				displayName: 'Add Recording',
				name: 'addRecording',
				type: 'boolean',
				default: false,
				displayOptions: { show: { product: ['recording'] } },
				description:
					'Whether to add the recording with its files and links, as Recording > Get returns it. Requires the storage credential.',
			},
			{
				displayName: 'Filters',
				name: 'filters',
				type: 'collection',
				placeholder: 'Add filter',
				default: {},
				options: [
					{
						...channelFilter,
						description: 'Only events of exactly this channel. Channel names are case-sensitive.',
					},
					{
						...channelPrefixFilter,
						description: 'Only events of channels whose names begin like this',
					},
				],
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				displayOptions: { show: { product: ['recording'], addRecording: [true] } },
				options: [includeSegments, linkLifetime],
			},
		],
	};

	methods = {
		credentialTest: {
			...credentialTest,
			async agoraNotificationsApiTest(
				this: ICredentialTestFunctions,
				credential: ICredentialsDecrypted,
			): Promise<INodeCredentialTestResult> {
				const { testNotificationsCredential } = await import('./runtime');
				return testNotificationsCredential(credential);
			},
		},
	};

	/** Agora has no API to register a URL with a Customer ID, so a person does it in the Agora Console. */
	webhookMethods = {
		default: {
			checkExists: async (): Promise<boolean> => true,
			create: async (): Promise<boolean> => true,
			delete: async (): Promise<boolean> => true,
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const { receive } = await import('./runtime');
		return await receive(this);
	}
}
