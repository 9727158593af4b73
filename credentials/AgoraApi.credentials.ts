import type {
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IHttpRequestOptions,
	Icon,
	INodeProperties,
} from 'n8n-workflow';

export class AgoraApi implements ICredentialType {
	name = 'agoraApi';

	displayName = 'Agora API';

	icon: Icon = { light: 'file:../icons/agora.svg', dark: 'file:../icons/agora.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-agora/n8n-nodes-agora/blob/main/docs/credentials.md#agora-api';

	properties: INodeProperties[] = [
		{
			displayName: 'Customer ID',
			name: 'customerId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. 5f3cd0bb7dd1495c8b4b4a8b4c0ea1a4',
			description:
				'From the Agora Console, Developer Toolkit > RESTful API > Add a secret. It belongs to your account, not to a project.',
		},
		{
			displayName: 'Customer Secret',
			name: 'customerSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'From the file that the Agora Console offers for download once, together with the Customer ID. If you lost it, add a new secret.',
		},
		{
			displayName: 'App ID',
			name: 'appId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 0123456789abcdef0123456789abcdef',
			description:
				'The default project for recordings. Copy the 32 characters next to its name from Projects in the Agora Console. A node can use another project.',
		},
		{
			displayName: 'App Certificate',
			name: 'appCertificate',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'The primary certificate of the same project, from Projects > Edit > Security in the Agora Console. Used to generate tokens, including those for recording. Leave empty if the project has no certificate.',
		},
		{
			displayName: 'API Host',
			name: 'host',
			type: 'options',
			options: [
				{ name: 'Global (api.agora.io)', value: 'global' },
				{ name: 'Mainland China or Fallback (api.sd-rtn.com)', value: 'china' },
				{ name: 'Custom', value: 'custom' },
			],
			default: 'global',
			description:
				'The host of the Agora REST API. In mainland China, or if the global one is unavailable, use api.sd-rtn.com.',
		},
		{
			displayName: 'Custom Host',
			name: 'customHost',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://api-eu-west-1.agora.io',
			displayOptions: { show: { host: ['custom'] } },
			description: 'URL of a regional Agora host, or of a sandbox on this machine',
		},
		{
			displayName: 'Allow Plain HTTP',
			name: 'allowPlainHttp',
			type: 'boolean',
			default: false,
			displayOptions: { show: { host: ['custom'] } },
			description:
				'Whether to allow unencrypted HTTP. Customer ID and Customer Secret are then sent in clear text, so only enable this on a trusted network. Not needed for localhost.',
		},
	];

	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		const { authorizedRequest } = await import('../nodes/Agora/runtime');
		return authorizedRequest(credentials, requestOptions);
	}

	test: ICredentialTestRequest = {
		request: {
			baseURL:
				'={{ $credentials.host === "custom" ? $credentials.customHost : $credentials.host === "china" ? "https://api.sd-rtn.com" : "https://api.agora.io" }}',
			url: '/dev/v1/projects',
		},
		rules: [
			{
				type: 'responseCode',
				properties: {
					value: 401,
					message:
						'Agora does not accept this Customer ID and Customer Secret. Check both in the Agora Console, Developer Toolkit > RESTful API.',
				},
			},
			{
				type: 'responseCode',
				properties: {
					value: 404,
					message: "This host does not respond like Agora's REST API. Check API Host.",
				},
			},
		],
	};
}
