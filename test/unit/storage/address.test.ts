import {
	bucketUrl,
	objectUrl,
	resolveInBucket,
	storageTarget,
} from '../../../nodes/Agora/storage/address';
import { readStorageCredential } from '../../../nodes/Agora/storage/credential';
import { FAKE_SAS, azureCredential } from './azure/fakeAzure';
import { fakeCredential } from './fakeCredential';

const address = (changes: Parameters<typeof fakeCredential>[0]) =>
	bucketUrl(readStorageCredential(fakeCredential(changes)));

describe('bucketUrl', () => {
	it.each([
		['Amazon', {}, 'https://my-recordings.s3.eu-west-1.amazonaws.com'],
		[
			'Amazon, a bucket with a dot',
			{ bucket: 'my.recordings' },
			'https://s3.eu-west-1.amazonaws.com/my.recordings',
		],
		[
			'Amazon, a bucket with a capital',
			{ bucket: 'MyRecordings' },
			'https://s3.eu-west-1.amazonaws.com/MyRecordings',
		],
		[
			'Alibaba',
			{ vendor: 'alibabaOss', alibabaOssRegion: 'cn-hangzhou' },
			'https://my-recordings.s3.oss-cn-hangzhou.aliyuncs.com',
		],
		[
			'Azure',
			{ vendor: 'azureBlob', accessKey: 'myaccount', secretKey: 'ZmFrZQ==' },
			'https://myaccount.blob.core.windows.net/my-recordings',
		],
		[
			'Azure elsewhere',
			{
				vendor: 'azureBlob',
				accessKey: 'myaccount',
				secretKey: 'ZmFrZQ==',
				endpoint: 'http://127.0.0.1:10000/myaccount',
			},
			'http://127.0.0.1:10000/myaccount/my-recordings',
		],
		[
			'Tencent',
			{ vendor: 'tencentCos', tencentCosRegion: 'ap-guangzhou' },
			'https://my-recordings.cos.ap-guangzhou.myqcloud.com',
		],
		[
			'Huawei',
			{ vendor: 'huaweiObs', huaweiObsRegion: 'cn-north-4' },
			'https://my-recordings.obs.cn-north-4.myhuaweicloud.com',
		],
		[
			'Baidu',
			{ vendor: 'baiduBos', baiduBosRegion: 'gz' },
			'https://my-recordings.s3.gz.bcebos.com',
		],
		[
			'Amazon in China',
			{ amazonS3Region: 'cn-north-1' },
			'https://my-recordings.s3.cn-north-1.amazonaws.com.cn',
		],
		['Google', { vendor: 'googleCloud' }, 'https://storage.googleapis.com/my-recordings'],
		[
			'a custom endpoint',
			{ vendor: 's3Compatible', endpoint: 'minio.example.com' },
			'https://minio.example.com/my-recordings',
		],
		[
			'an endpoint with a path',
			{ vendor: 's3Compatible', endpoint: 'https://x.example.com:8443/storage/v1/s3/' },
			'https://x.example.com:8443/storage/v1/s3/my-recordings',
		],
		[
			'an endpoint with slashes at its end',
			{ vendor: 's3Compatible', endpoint: 'https://x.example.com/a//' },
			'https://x.example.com/a/my-recordings',
		],
		[
			"the own domain of a bucket whose name can't be in a host",
			{ endpoint: 'v.example.cn', addressing: 'bucketDomain', bucket: 'My.Recordings' },
			'https://v.example.cn',
		],
		[
			'virtual-hosted',
			{ vendor: 's3Compatible', endpoint: 'x.example.com', addressing: 'virtualHosted' },
			'https://my-recordings.x.example.com',
		],
		[
			"the bucket's own domain",
			{
				vendor: 'alibabaOss',
				alibabaOssRegion: 'cn-beijing',
				endpoint: 'v.example.cn',
				addressing: 'bucketDomain',
			},
			'https://v.example.cn',
		],
		[
			'this machine',
			{ vendor: 's3Compatible', endpoint: 'http://127.0.0.1:9000' },
			'http://127.0.0.1:9000/my-recordings',
		],
		[
			'this machine by name',
			{ vendor: 's3Compatible', endpoint: 'http://localhost:1' },
			'http://localhost:1/my-recordings',
		],
		[
			'another machine where plain http is allowed',
			{ vendor: 's3Compatible', endpoint: 'http://minio.lan:9000', allowPlainHttp: true },
			'http://minio.lan:9000/my-recordings',
		],
		[
			'this machine in IPv6',
			{ vendor: 's3Compatible', endpoint: 'http://[::1]:1' },
			'http://[::1]:1/my-recordings',
		],
	])('%s', (_what, changes, expected) => {
		expect(address(changes)).toBe(expected);
	});

	it.each([
		['no endpoint', { vendor: 's3Compatible' }, 'Endpoint is empty in the storage credential'],
		[
			'plain http',
			{ vendor: 's3Compatible', endpoint: 'http://minio.example.com' },
			'uses unencrypted HTTP',
		],
		[
			'plain http, naming the option for it',
			{ vendor: 's3Compatible', endpoint: 'http://minio.example.com', allowPlainHttp: false },
			'turn on Allow Plain HTTP',
		],
		[
			'http to a lookalike',
			{ vendor: 's3Compatible', endpoint: 'http://127.0.0.1.example.com' },
			'uses unencrypted HTTP',
		],
		[
			'http to a lookalike',
			{ vendor: 's3Compatible', endpoint: 'http://localhost.example.com' },
			'uses unencrypted HTTP',
		],
		[
			'another scheme',
			{ vendor: 's3Compatible', endpoint: 'ftp://127.0.0.1' },
			'must be a full URL',
		],
		['not a URL', { vendor: 's3Compatible', endpoint: 'a b' }, 'must be a full URL'],
		[
			'a user in it',
			{ vendor: 's3Compatible', endpoint: 'https://a:b@x.example.com' },
			'must not contain a user name, query',
		],
		[
			'a query in it',
			{ vendor: 's3Compatible', endpoint: 'https://x.example.com/?a' },
			'must not contain a user name, query',
		],
		[
			'a bucket in the host of an IP address',
			{ vendor: 's3Compatible', endpoint: 'https://192.0.2.1', addressing: 'virtualHosted' },
			"can't be Virtual-Hosted for the IP address 192.0.2.1",
		],
		['no vendor', { vendor: '' }, 'No vendor is selected'],
		['an unknown vendor', { vendor: 'toString' }, 'No vendor is selected'],
		[
			"another vendor's region",
			{ amazonS3Region: 'cn-hangzhou' },
			'No region of Amazon S3 is selected',
		],
		['no bucket', { bucket: ' ' }, 'Bucket is empty in the storage credential'],
		['a bucket with a path', { bucket: 'a/../b' }, 'only the bucket name'],
		['a bucket that leaves its host', { bucket: 'evil.example#' }, 'only the bucket name'],
		['no access key', { accessKey: '' }, 'Access Key is empty in the storage credential'],
		['no secret key', { secretKey: '' }, 'Secret Key is empty in the storage credential'],
		['a prefix with parent folders', { fileNamePrefix: 'a/../b' }, 'File Name Prefix'],
	])('refuses %s', (_what, changes, expected) => {
		expect(() => address(changes)).toThrow(expected);
	});
});

describe('storageTarget', () => {
	const target = (changes: Parameters<typeof fakeCredential>[0]) =>
		storageTarget(readStorageCredential(fakeCredential(changes)));

	it('has what error messages need of a vendor', () => {
		expect(target({})).toEqual({
			bucket: 'my-recordings',
			vendorLabel: 'Amazon S3',
			region: 'eu-west-1',
			endpoint: 's3.eu-west-1.amazonaws.com',
			custom: false,
			temporary: false,
		});
	});

	it('has the host of a custom endpoint', () => {
		const endpoint = 'https://minio.example.com:9000/path';
		expect(target({ vendor: 's3Compatible', endpoint })).toMatchObject({
			endpoint: 'minio.example.com:9000',
			custom: true,
			temporary: false,
		});
	});

	it('contains whether the credentials are temporary', () => {
		expect(target({ sessionToken: 'fake-token' }).temporary).toBe(true);
		const sas = azureCredential({ secretKey: '', sasToken: FAKE_SAS });
		expect(storageTarget(sas).temporary).toBe(true);
		expect(storageTarget(azureCredential()).temporary).toBe(false);
	});

	it('has no region for Azure', () => {
		expect(storageTarget(azureCredential())).toMatchObject({
			region: '',
			endpoint: 'fakeaccount.blob.core.windows.net',
		});
	});

	it('fails without an endpoint, as a problem of the configuration', () => {
		expect(() => target({ vendor: 's3Compatible' })).toThrow(
			expect.objectContaining({
				message: expect.stringContaining('Endpoint is empty'),
				details: { cause: 'configuration-invalid' },
			}),
		);
	});
});

describe('objectUrl', () => {
	it('encodes everything but the slashes', () => {
		expect(objectUrl('https://h.example/b', "a b/c+d%e'f(g)!*é?#.ts")).toBe(
			'https://h.example/b/a%20b/c%2Bd%25e%27f%28g%29%21%2A%C3%A9%3F%23.ts',
		);
	});

	it.each(['..', '.', 'a/../b', 'a/.', './b'])('refuses the key %s', (key) => {
		expect(() => objectUrl('https://h.example/b', key)).toThrow('"/./" or "/../"');
	});

	it.each(['a..b', '...', 'a/.b/c.', '/a', 'a//b'])('accepts the key %s', (key) => {
		expect(objectUrl('https://h.example/b', key)).toBe(`https://h.example/b/${key}`);
	});
});

describe('resolveInBucket', () => {
	const bucket = 'https://h.example/base/b';

	it.each([
		['the bucket', '/', bucket],
		['the bucket, without a slash', '', bucket],
		['a listing', '/?prefix=a/b&list-type=2', `${bucket}?list-type=2&prefix=a%2Fb`],
		['a key', '/a/b%20c', `${bucket}/a/b%20c`],
		['a key that looks like a host', '//evil.example/x', `${bucket}//evil.example/x`],
		['an absolute URL', `${bucket}/a%2Bb?acl`, `${bucket}/a%2Bb?acl=`],
		["the bucket's absolute URL, without a slash", bucket, bucket],
		['a query alone', '?list-type=2', `${bucket}?list-type=2`],
		['a key without a slash', 'a/b', `${bucket}/a/b`],
		['a key with a colon', '/a/b:c', `${bucket}/a/b%3Ac`],
		['a key with a URL in it', '/x/https://evil.example', `${bucket}/x/https%3A//evil.example`],
		["the bucket's absolute URL", `${bucket}/?list-type=2`, `${bucket}?list-type=2`],
	])('%s', (_what, url, expected) => {
		expect(resolveInBucket(bucket, url)).toBe(expected);
	});

	it.each([
		['another host', 'https://evil.example/base/b/key'],
		['another port', 'https://h.example:8443/base/b/key'],
		['another scheme', 'http://h.example/base/b/key'],
		['another bucket', 'https://h.example/base/bb/key'],
		['a way out of the bucket', 'https://h.example/base/b/../c/key'],
		['an encoded way out of the bucket', 'https://h.example/base/b/%2e%2e/c/key'],
		['a host before the @', 'https://h.example@evil.example/base/b/key'],
		['a user for the host', 'https://a:b@h.example/base/b/key'],
		['no host', 'https://'],
		['another kind of URL', 'file:///base/b/key'],
		['a scheme with a digit', 's3://h.example/base/b/key'],
		['only a user for the host', 'https://a@h.example/base/b/key'],
		['only a password for the host', 'https://:b@h.example/base/b/key'],
	])('refuses %s', (_what, url) => {
		expect(() => resolveInBucket(bucket, url)).toThrow('only signs requests to its own bucket');
	});

	it.each(['/../c', '/a/%2E%2e/c', '/a/%2e', '/a%2F..%2Fc'])('refuses the key of %s', (url) => {
		expect(() => resolveInBucket(bucket, url)).toThrow('"/./" or "/../"');
	});
});
