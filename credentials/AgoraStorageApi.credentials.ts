import type {
	ICredentialDataDecryptedObject,
	ICredentialType,
	IHttpRequestOptions,
	Icon,
	INodeProperties,
} from 'n8n-workflow';
import type { Vendor, VendorName } from '../nodes/Agora/storage/vendors';
import { VENDOR_NAMES, VENDORS, regionField } from '../nodes/Agora/storage/vendors';

/** The Region field of a vendor; none for vendors without regions. */
function regionProperty(vendorName: VendorName): INodeProperties[] {
	const { regions, label }: Vendor = VENDORS[vendorName];
	if (regions.length === 0) return [];
	return [
		{
			displayName: 'Region',
			name: regionField(vendorName),
			type: 'options',
			options: regions
				.toSorted((a, b) => (a.id < b.id ? -1 : 1))
				.map(({ id, location }) => ({ name: `${id} (${location})`, value: id })),
			default: regions[0]?.id ?? '',
			displayOptions: { show: { vendor: [vendorName] } },
			description: `The region of the bucket, shown next to it in the ${label} console`,
		},
	];
}

export class AgoraStorageApi implements ICredentialType {
	name = 'agoraStorageApi';

	displayName = 'Agora Recording Storage API';

	icon: Icon = { light: 'file:../icons/agora.svg', dark: 'file:../icons/agora.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-agora/n8n-nodes-agora/blob/main/docs/credentials.md#agora-recording-storage-api';

	properties: INodeProperties[] = [
		{
			displayName: 'Vendor',
			name: 'vendor',
			type: 'options',
			options: VENDOR_NAMES.map((value) => ({ name: VENDORS[value].label, value })),
			default: 'amazonS3',
			description: 'The storage service that Agora uploads recordings to',
		},
		...VENDOR_NAMES.flatMap(regionProperty),
		{
			displayName: 'Endpoint',
			name: 'endpoint',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://minio.example.com',
			displayOptions: { show: { vendor: ['s3Compatible'] } },
			description:
				"The URL of the storage's S3 API, without the bucket. Agora must be able to reach it from the internet.",
		},
		{
			displayName: 'Region',
			name: regionField('s3Compatible'),
			type: 'string',
			default: 'us-east-1',
			placeholder: 'e.g. us-east-1',
			displayOptions: { show: { vendor: ['s3Compatible'] } },
			description:
				'The region that the storage expects in signatures, e.g. "auto" for Cloudflare R2. Many services accept any region.',
		},
		{
			displayName: 'Bucket',
			name: 'bucket',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. my-recordings',
			description:
				'Name of the bucket, without a URL. Tencent Cloud: including the APPID at its end. Azure: name of the container.',
		},
		{
			displayName: 'Access Key',
			name: 'accessKey',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. AKIAIOSFODNN7EXAMPLE',
			description:
				'ID of an access key with permission to list, read and write this bucket. Amazon: from IAM > Users > Security credentials. Google: an HMAC key from Cloud Storage > Settings > Interoperability. Azure: name of the storage account.',
		},
		{
			displayName: 'Secret Key',
			name: 'secretKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			displayOptions: { hide: { vendor: ['azureBlob'] } },
			description:
				'The secret shown once when the access key was created. Google: the secret of the HMAC key.',
		},
		{
			displayName: 'Secret Key',
			name: 'secretKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: { show: { vendor: ['azureBlob'] } },
			description:
				'A key of the storage account, from Security + networking > Access keys in the Azure portal. Agora does not document which credentials it expects for Azure; this is our assumption.',
		},
		{
			displayName: 'Shared Access Signature',
			name: 'sasToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			placeholder: 'e.g. sv=…&sr=c&sp=rl&se=…&sig=…',
			displayOptions: { show: { vendor: ['azureBlob'], secretKey: [''] } },
			description:
				'Alternative to Secret Key that can only find and download recordings: a signature for the container with the permissions Read and List. Starting a recording and download links (download_url) require Secret Key.',
		},
		{
			displayName: 'Session Token',
			name: 'sessionToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: { hide: { vendor: ['azureBlob', 'googleCloud'] } },
			description:
				'For temporary credentials only: the token issued with them. Download links contain it, as the storage requires; without the secret key it grants no access.',
		},
		{
			displayName: 'Session Expires At',
			name: 'sessionExpiresAt',
			type: 'dateTime',
			default: '',
			displayOptions: { hide: { sessionToken: [''], vendor: ['azureBlob', 'googleCloud'] } },
			description:
				'When the temporary credentials expire; download links expire with them. Agora accepts temporary credentials for Amazon S3, Alibaba Cloud and Tencent Cloud, if they are valid for at least four hours when a recording starts.',
		},
		{
			displayName: 'File Name Prefix',
			name: 'fileNamePrefix',
			type: 'string',
			default: '',
			placeholder: 'e.g. recordings/school',
			description:
				'Folder in the bucket that recordings are uploaded to and searched in, up to 128 characters. Agora documents only letters, digits and slashes, but also accepts _ and -. Leave empty for the root of the bucket.',
		},
		{
			displayName: 'Endpoint',
			name: 'endpoint',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://s3.dualstack.us-east-1.amazonaws.com',
			displayOptions: { hide: { vendor: ['azureBlob', 's3Compatible'] } },
			description:
				"The URL of the storage's S3 API, if it differs from the vendor's public endpoint. Only n8n uses it: Agora always uses the vendor's.",
		},
		{
			displayName: 'Endpoint',
			name: 'endpoint',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://myaccount.blob.core.chinacloudapi.cn',
			displayOptions: { show: { vendor: ['azureBlob'] } },
			description:
				"The URL of the account's Blob service, without the container, if it differs from account.blob.core.windows.net: for Azure China, Azure Government or a custom domain. Only n8n uses it, not Agora.",
		},
		{
			displayName: 'Addressing',
			name: 'addressing',
			type: 'options',
			options: [
				{
					name: 'Path-Style',
					value: 'pathStyle',
					description: 'The bucket follows the endpoint: endpoint/bucket/file',
				},
				{
					name: 'Virtual-Hosted',
					value: 'virtualHosted',
					description: 'The bucket is part of the host: bucket.endpoint/file',
				},
				{
					name: "Bucket's Own Domain",
					value: 'bucketDomain',
					description: 'The endpoint already points to the bucket: endpoint/file',
				},
			],
			default: 'pathStyle',
			displayOptions: { hide: { endpoint: [''], vendor: ['azureBlob'] } },
			description:
				'The position of the bucket name in URLs of this endpoint. Most self-hosted storage accepts path-style URLs; Alibaba, Baidu, Huawei and Tencent Cloud do not.',
		},
		{
			displayName: 'Allow Plain HTTP',
			name: 'allowPlainHttp',
			type: 'boolean',
			default: false,
			displayOptions: { hide: { endpoint: [''] } },
			description:
				'Whether to allow unencrypted HTTP. Recordings, links and session tokens are then sent in clear text, so only enable this on a trusted network. Not needed for localhost.',
		},
	];

	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		const { signedRequest } = await import('../nodes/Agora/runtime');
		return signedRequest(credentials, requestOptions);
	}
}
