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

	documentationUrl = 'https://github.com/n8n-nodes-agora/n8n-nodes-agora#agora-api';

	properties: INodeProperties[] = [
		{
			displayName: 'Customer ID',
			name: 'customerId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. 5f3cd0bb7dd1495c8b4b4a8b4c0ea1a4',
			description:
				'In the Agora Console under Developer Toolkit → RESTful API → Add a secret. It belongs to your account, not to a project.',
		},
		{
			displayName: 'Customer Secret',
			name: 'customerSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'In the file that the Agora Console lets you download once, beside the Customer ID. If it is lost, add a new secret.',
		},
		{
			displayName: 'App ID',
			name: 'appId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 0123456789abcdef0123456789abcdef',
			description:
				'The project that recordings belong to: in the Agora Console under Projects, the 32 characters beside its name. A node can name another one.',
		},
		{
			displayName: 'App Certificate',
			name: 'appCertificate',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'The primary certificate of the same project: in the Agora Console under Projects → Edit → Security. With it, tokens for recordings are made for you. Leave empty if the project has no certificate.',
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
			description: 'The Agora host to call',
		},
		{
			displayName: 'Custom Host',
			name: 'customHost',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://api-eu-west-1.agora.io',
			displayOptions: { show: { host: ['custom'] } },
			description: 'A regional Agora host, or a sandbox on this machine',
		},
		{
			displayName: 'Allow Plain HTTP',
			name: 'allowPlainHttp',
			type: 'boolean',
			default: false,
			displayOptions: { show: { host: ['custom'] } },
			description:
				'Whether the custom host may be reached without encryption. Customer ID and Customer Secret then travel readable for everybody on the way: switch it on only in a network that you trust. This machine itself needs no switch.',
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
						'Agora does not accept this Customer ID and Customer Secret. Both are in the Agora Console under Developer Toolkit → RESTful API.',
				},
			},
			{
				type: 'responseCode',
				properties: {
					value: 404,
					message: 'This host does not answer as Agora does. Check the API Host.',
				},
			},
		],
	};
}
