import type { IBinaryKeyData, IDataObject } from 'n8n-workflow';

/** An output item with a file. Operations without files give out plain objects. */
export class FileItem {
	readonly json: IDataObject;
	/** The file under the name of its output field. */
	readonly binary: IBinaryKeyData;

	constructor(json: IDataObject, binary: IBinaryKeyData) {
		this.json = json;
		this.binary = binary;
	}
}
