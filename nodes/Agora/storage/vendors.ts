/** A region of a vendor. */
export interface Region {
	/** Agora's number. */
	number: number;
	/** The vendor's ID, also used in signatures. */
	id: string;
	location: string;
}

export interface Vendor {
	/** Agora's number. */
	number: number;
	label: string;
	/** Empty for vendors without regions to select; Agora's region is then 0. */
	regions: Region[];
	/** The host of the vendor's API; Azure's depends on the account. Null for S3-compatible storage. */
	host: ((region: string, account: string) => string) | null;
	/** The region for signatures, for vendors without regions to select. */
	signingRegion?: string;
	/** Whether the bucket is in the path (`host/bucket`) or in the host (`bucket.host`). */
	pathStyle: boolean;
}

/** @param rows one region per line: Agora's number, the vendor's ID, the location */
function regions(rows: string): Region[] {
	const row = /^\s*(\d+) (\S+) (.+)$/gm;
	return [...rows.matchAll(row)].map(([, number, id, location]) => ({
		number: Number(number),
		id: String(id),
		location: String(location),
	}));
}

/**
 * The storage vendors and regions that Agora can upload to, and their endpoints.
 *
 * Numbers: Agora, cloud recording, third-party cloud storage regions. Hosts, addressing and listing: the page of the
 * vendor named at each. All but Azure support the S3 API; some only with the older ListObjects or without
 * `start-after`, see `s3.ts`. All support `_` as a delimiter. "Other" is any S3-compatible storage with a custom endpoint.
 */
export const VENDORS = {
	// AWS General Reference, "Amazon S3 endpoints and quotas"; in China with .cn. S3 API, "ListObjectsV2".
	amazonS3: {
		number: 1,
		label: 'Amazon S3',
		host: (region) => `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`,
		pathStyle: false,
		regions: regions(`
			0 us-east-1 N. Virginia
			1 us-east-2 Ohio
			2 us-west-1 N. California
			3 us-west-2 Oregon
			4 eu-west-1 Ireland
			5 eu-west-2 London
			6 eu-west-3 Paris
			7 eu-central-1 Frankfurt
			8 ap-southeast-1 Singapore
			9 ap-southeast-2 Sydney
			10 ap-northeast-1 Tokyo
			11 ap-northeast-2 Seoul
			12 sa-east-1 São Paulo
			13 ca-central-1 Montreal
			14 ap-south-1 Mumbai
			15 cn-north-1 Beijing
			16 cn-northwest-1 Ningxia
			18 af-south-1 Cape Town
			19 ap-east-1 Hong Kong
			20 ap-northeast-3 Osaka
			21 eu-north-1 Stockholm
			22 me-south-1 Bahrain
			24 ap-southeast-3 Jakarta
			25 eu-south-1 Milan`),
	},
	// OSS, "Compatibility with Amazon S3": the bucket only in the host, ListObjectsV2. "Accessing OSS with the AWS
	// SDK": the hosts. ossutil, "list-objects-v2": start-after and encoding-type.
	alibabaOss: {
		number: 2,
		label: 'Alibaba Cloud OSS',
		host: (region) => `s3.oss-${region}.aliyuncs.com`,
		pathStyle: false,
		regions: regions(`
			0 cn-hangzhou Hangzhou
			1 cn-shanghai Shanghai
			2 cn-qingdao Qingdao
			3 cn-beijing Beijing
			4 cn-zhangjiakou Zhangjiakou
			5 cn-huhehaote Hohhot
			6 cn-shenzhen Shenzhen
			7 cn-hongkong Hong Kong
			8 us-west-1 Silicon Valley
			9 us-east-1 Virginia
			10 ap-southeast-1 Singapore
			11 ap-southeast-2 Sydney
			12 ap-southeast-3 Kuala Lumpur
			13 ap-southeast-5 Jakarta
			14 ap-northeast-1 Tokyo
			15 ap-south-1 Mumbai
			16 eu-central-1 Frankfurt
			17 eu-west-1 London
			18 me-east-1 Dubai
			19 ap-southeast-6 Manila
			20 cn-heyuan Heyuan
			21 cn-guangzhou Guangzhou
			22 cn-chengdu Chengdu
			23 cn-nanjing Nanjing
			24 cn-fuzhou Fuzhou
			25 cn-wulanchabu Ulanqab
			26 ap-northeast-2 Seoul
			27 ap-southeast-7 Bangkok`),
	},
	// COS, "Accessing COS with AWS S3 SDK": the hosts. "Bucket Domain Security Management Notice": the bucket only in the
	// host. "GET Bucket (List Objects)": ListObjects with NextMarker, encoding-type; ListObjectsV2 is not mentioned.
	tencentCos: {
		number: 3,
		label: 'Tencent Cloud COS',
		host: (region) => `cos.${region}.myqcloud.com`,
		pathStyle: false,
		regions: regions(`
			0 ap-beijing-1 Beijing Zone 1
			1 ap-beijing Beijing
			2 ap-shanghai Shanghai
			3 ap-guangzhou Guangzhou
			4 ap-chengdu Chengdu
			5 ap-chongqing Chongqing
			6 ap-shenzhen-fsi Shenzhen Finance
			7 ap-shanghai-fsi Shanghai Finance
			8 ap-beijing-fsi Beijing Finance
			9 ap-hongkong Hong Kong
			10 ap-singapore Singapore
			11 ap-mumbai Mumbai
			12 ap-seoul Seoul
			13 ap-bangkok Bangkok
			14 ap-tokyo Tokyo
			15 na-siliconvalley Silicon Valley
			16 na-ashburn Virginia
			17 na-toronto Toronto
			18 eu-frankfurt Frankfurt
			19 eu-moscow Moscow`),
	},
	// Azure, "Storage account overview": the host. No S3 API, see azure/.
	azureBlob: {
		number: 5,
		label: 'Microsoft Azure Blob Storage',
		host: (_region, account) => `${account}.blob.core.windows.net`,
		pathStyle: true,
		regions: [],
	},
	// Cloud Storage, XML API, "List objects" and "HTTP headers and query string parameters": list-type, start-after,
	// encoding-type, a delimiter of any length. "Amazon S3 SDK: List objects": host, and region auto.
	googleCloud: {
		number: 6,
		label: 'Google Cloud Storage',
		host: () => 'storage.googleapis.com',
		signingRegion: 'auto',
		pathStyle: true,
		regions: [],
	},
	// OBS, "Listing Objects in a Bucket": the bucket in the host, ListObjects, encoding-type; ListObjectsV2 is not
	// mentioned. The bucket in the path is refused since 2023-12-30 (WeKnora, pull request 3273).
	huaweiObs: {
		number: 7,
		label: 'Huawei Cloud OBS',
		host: (region) => `obs.${region}.myhuaweicloud.com`,
		pathStyle: false,
		regions: regions(`
			0 cn-north-1 Beijing 1
			1 cn-north-4 Beijing 4
			2 cn-east-2 Shanghai 2
			3 cn-east-3 Shanghai 1
			4 cn-south-1 Guangzhou
			5 cn-southwest-2 Guiyang
			6 ap-southeast-1 Hong Kong
			7 ap-southeast-2 Bangkok
			8 ap-southeast-3 Singapore
			9 af-south-1 Johannesburg
			10 sa-argentina-1 Buenos Aires
			11 sa-peru-1 Lima
			12 na-mexico-1 Mexico City
			13 sa-brazil-1 São Paulo
			14 la-south-2 Santiago
			15 sa-chile-1 Santiago 2`),
	},
	// BOS, S3, "Service domain": the hosts; Hong Kong and Wuhan are listed without https, Singapore and Shanghai are not
	// listed. "Bucket domain request style": new buckets only in the host. "Compatible interfaces": List Objects V2
	// without fetch-owner. "Compatible signature authentication": the region is part of the signature.
	baiduBos: {
		number: 8,
		label: 'Baidu AI Cloud BOS',
		host: (region) => `s3.${region}.bcebos.com`,
		pathStyle: false,
		regions: regions(`
			1 bd Baoding
			2 su Suzhou
			3 gz Guangzhou
			4 hkg Hong Kong
			5 sin Singapore
			6 fwh Wuhan
			7 fsh Shanghai`),
	},
	s3Compatible: {
		number: 11,
		label: 'Other S3-Compatible Storage',
		host: null,
		pathStyle: true,
		regions: [],
	},
} satisfies Record<string, Vendor>;

export type VendorName = keyof typeof VENDORS;

export const VENDOR_NAMES = Object.keys(VENDORS) as VendorName[];

/** @returns undefined for an unknown name */
export function findVendor(name: unknown): Vendor | undefined {
	return VENDOR_NAMES.includes(name as VendorName) ? VENDORS[name as VendorName] : undefined;
}

/** The name of a vendor's region field in the credential. Each vendor has its own, with its own default. */
export const regionField = (vendor: string): string => `${vendor}Region`;
