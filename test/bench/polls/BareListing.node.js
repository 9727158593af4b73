const TYPE = 'agoraStorageApi';

/**
 * A polling node that sends the requests of the Agora Trigger, but reads nothing in the responses: what is left of a
 * poll are n8n's own work and its HTTP client.
 */
export class BareListing {
	description = {
		displayName: 'Bare Listing',
		name: 'bareListing',
		group: ['trigger'],
		version: 1,
		description: 'Lists a folder of the bucket and ignores what it contains',
		defaults: { name: 'Bare Listing' },
		polling: true,
		inputs: [],
		outputs: ['main'],
		credentials: [{ name: TYPE, required: true }],
		properties: [{ displayName: 'Prefix', name: 'prefix', type: 'string', default: '' }],
	};

	async poll() {
		const data = await this.getCredentials(TYPE);
		const prefix = this.getNodeParameter('prefix');
		let token;
		do {
			const { body } = await this.helpers.httpRequestWithAuthentication.call(
				this,
				TYPE,
				{
					method: 'GET',
					url: '/',
					qs: {
						'list-type': '2',
						'encoding-type': 'url',
						delimiter: '_',
						prefix,
						'continuation-token': token,
					},
					encoding: 'stream',
					returnFullResponse: true,
				},
				{ credentialsDecrypted: { id: '', name: '', type: TYPE, data } },
			);
			const page = Buffer.concat(await body.toArray());
			const start = page.indexOf('<NextContinuationToken>');
			token =
				start < 0
					? undefined
					: page.toString('latin1', page.indexOf('>', start) + 1, page.indexOf('<', start + 1));
		} while (token !== undefined);
		return null;
	}
}
