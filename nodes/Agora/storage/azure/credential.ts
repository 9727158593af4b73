/** What of the storage credential is Azure's: account, and key or signature. */
export interface AzureKeys {
	/** The name of the storage account. */
	accessKey: string;
	/** A key of the account, in base64; '' where the signature stands for it. */
	secretKey: string;
	/** A shared access signature, as a query without its question mark; '' for none. */
	sasToken: string;
}

/** Azure: naming rules for storage accounts. It becomes part of the host. */
const ACCOUNT = /^[a-z0-9]{3,24}$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** @returns what cannot be right about the keys, null when they may be */
export function checkAzureCredential(keys: AzureKeys): string | null {
	if (!ACCOUNT.test(keys.accessKey)) {
		return 'The Access Key field of the storage credential takes the name of the Azure storage account: 3 to 24 small letters and digits.';
	}
	if (!BASE64.test(keys.secretKey)) {
		return 'The Secret Key field of the storage credential does not hold a key of an Azure storage account: those are base64. A shared access signature has a field of its own, shown while Secret Key is empty.';
	}
	if (keys.secretKey === '' && !new URLSearchParams(keys.sasToken).has('sig')) {
		return 'The Shared Access Signature field of the storage credential does not hold one: it has no “sig=”.';
	}
	return null;
}
