import type { ICredentialType, Icon, INodeProperties } from 'n8n-workflow';

export class AgoraNotificationsApi implements ICredentialType {
	name = 'agoraNotificationsApi';

	displayName = 'Agora Notifications API';

	icon: Icon = { light: 'file:../icons/agora.svg', dark: 'file:../icons/agora.dark.svg' };

	documentationUrl = 'https://github.com/n8n-nodes-agora/n8n-nodes-agora/blob/main/docs/events.md';

	properties: INodeProperties[] = [
		{
			displayName:
				'Each product in the Agora Console has its own secret, so create a credential for each. n8n can only test the form of the secret: press Check in the Agora Console to test whether it is right.',
			name: 'productNotice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Secret',
			name: 'secret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'The secret with which Agora signs its notifications. In the Agora Console, open your project > All Features > Notifications, and copy it from the settings of the product.',
		},
	];
}
