import type {
	ICredentialDataDecryptedObject,
	ICredentialType,
	IHttpRequestOptions,
	Icon,
	INodeProperties,
} from 'n8n-workflow';
import type { Vendor, VendorName } from '../nodes/Agora/storage/vendors';
import { VENDOR_NAMES, VENDORS, regionField } from '../nodes/Agora/storage/vendors';

/** The choice of a vendor's regions, for the vendors that have one. */
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
			description: `Where the bucket is: the ${label} console shows it beside the bucket`,
		},
	];
}

export class AgoraStorageApi implements ICredentialType {
	name = 'agoraStorageApi';

	displayName = 'Agora Recording Storage API';

	icon: Icon = { light: 'file:../icons/agora.svg', dark: 'file:../icons/agora.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-agora/n8n-nodes-agora#agora-recording-storage-api';

	properties: INodeProperties[] = [
		{
			displayName: 'Vendor',
			name: 'vendor',
			type: 'options',
			options: VENDOR_NAMES.map((value) => ({ name: VENDORS[value].label, value })),
			default: 'amazonS3',
			description: 'Whose storage Agora uploads the recordings to',
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
				'The region the storage expects in signatures, e.g. “auto” for Cloudflare R2. Many accept any.',
		},
		{
			displayName: 'Bucket',
			name: 'bucket',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. my-recordings',
			description:
				'The name of the bucket alone, no address. Tencent Cloud: with the number at its end. Azure: the name of the container.',
		},
		{
			displayName: 'Access Key',
			name: 'accessKey',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. AKIAIOSFODNN7EXAMPLE',
			description:
				'The ID of a key that may list, read and write this bucket. Amazon: in IAM → Users → Security credentials. Google: an HMAC key from Cloud Storage → Settings → Interoperability. Azure: the name of the storage account.',
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
				'The secret that was shown once when the access key was made. Google: the secret of the HMAC key.',
		},
		{
			displayName: 'Secret Key',
			name: 'secretKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: { show: { vendor: ['azureBlob'] } },
			description:
				'A key of the storage account: in the Azure portal under Security + networking → Access keys. This is our reading of what Agora wants: it does not document it.',
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
				'In place of Secret Key, to find and download recordings only: a signature for the container with the permissions Read and List. Starting a recording takes the key, and so do download links: without it download_url stays empty.',
		},
		{
			displayName: 'Session Token',
			name: 'sessionToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: { hide: { vendor: ['azureBlob', 'googleCloud'] } },
			description:
				'For temporary keys only: the token that came with them. Download links carry it, as the storage demands; it opens nothing without the secret key.',
		},
		{
			displayName: 'Session Expires At',
			name: 'sessionExpiresAt',
			type: 'dateTime',
			default: '',
			displayOptions: { hide: { sessionToken: [''], vendor: ['azureBlob', 'googleCloud'] } },
			description:
				'When the temporary keys end. Agora takes them for Amazon S3, Alibaba Cloud and Tencent Cloud, if that is at least four hours ahead when a recording starts. Download links end with them.',
		},
		{
			displayName: 'File Name Prefix',
			name: 'fileNamePrefix',
			type: 'string',
			default: '',
			placeholder: 'e.g. recordings/school',
			description:
				'Folder in the bucket that recordings are written to and found in, such as recordings/school. At most 128 characters. Agora documents letters and digits only; it also accepts _ and -. Leave empty for the top of the bucket.',
		},
		{
			displayName: 'Endpoint',
			name: 'endpoint',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://s3.dualstack.us-east-1.amazonaws.com',
			displayOptions: { hide: { vendor: ['azureBlob', 's3Compatible'] } },
			description:
				"The URL of the storage's S3 API, if it is not the vendor's public one for the region. Agora itself always uses the vendor's.",
		},
		{
			displayName: 'Endpoint',
			name: 'endpoint',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://myaccount.blob.core.chinacloudapi.cn',
			displayOptions: { show: { vendor: ['azureBlob'] } },
			description:
				"The URL of the account's Blob service, without the container, if it is not account.blob.core.windows.net: in Azure China, Azure Government, or with a custom domain. Agora itself does not use it.",
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
					description: 'The endpoint is the bucket already: endpoint/file',
				},
			],
			default: 'pathStyle',
			displayOptions: { hide: { endpoint: [''], vendor: ['azureBlob'] } },
			description:
				'Where the bucket name goes in the URLs of this endpoint. Most self-hosted storage accepts path-style; Alibaba, Baidu, Huawei and Tencent Cloud do not.',
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
