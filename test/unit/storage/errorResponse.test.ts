import type { HttpResponse } from '../../../nodes/Agora/http/request';
import {
	deniedPermission,
	element,
	errorCode,
	isSameOwner,
	isWebPage,
	shownCode,
	suggestedHost,
	suggestedRegion,
	vendorMessage,
} from '../../../nodes/Agora/storage/errorResponse';
import type { StorageTarget } from '../../../nodes/Agora/storage/types';

const TARGET: StorageTarget = {
	bucket: 'My-Recordings',
	vendorLabel: 'Amazon S3',
	region: 'us-east-1',
	endpoint: 's3.us-east-1.amazonaws.com',
	custom: false,
	temporary: false,
};

const response = (body = '', headers: Record<string, string> = {}): HttpResponse => ({
	status: 400,
	headers,
	body,
});
const message = (text: string) => response(`<Message>${text}</Message>`);

describe('element', () => {
	it.each([
		['<Error><Code>A</Code><Code>B</Code></Error>', 'A'],
		['<Code>\n a &amp; b \n</Code>', 'a & b'],
		['<Code></Code>', ''],
		['<Codes>A</Codes>', ''],
		['<Code>A<b/></Code>', ''],
		['', ''],
		[`<Code>${'a'.repeat(2000)}</Code>`, 'a'.repeat(2000)],
		[`<Code>${'a'.repeat(2001)}</Code>`, ''],
	])('of %j', (body, expected) => {
		expect(element(response(body), 'Code')).toBe(expected);
	});
});

describe('errorCode', () => {
	const header = { 'x-ms-error-code': 'FromHeader' };

	it('is from the body, otherwise from the header', () => {
		expect(errorCode(response('<Code>FromBody</Code>', header))).toBe('FromBody');
		expect(errorCode(response('<Code></Code>', header))).toBe('FromHeader');
	});

	it.each(['a', 'KMS.DisabledException', 'cap_exceeded', 'a-b', 'a'.repeat(100)])(
		'can be %s',
		(code) => {
			expect(errorCode(response(`<Code>${code}</Code>`))).toBe(code);
		},
	);

	it.each(['a b', 'ä', 'a/b', 'a'.repeat(101)])('cannot be %s', (code) => {
		expect(errorCode(response(`<Code>${code}</Code>`))).toBe('');
	});
});

describe('shownCode', () => {
	it.each(['NoSuchKey', 'MalformedXMLBody', 'ABCDe', 'A'.repeat(4) + 'b'.repeat(20)])(
		'is %s',
		(code) => {
			expect(shownCode(response(`<Code>${code}</Code>`))).toBe(code);
		},
	);

	it.each([
		'AKIAFAKE',
		'noSuchKey',
		'No.Such.Key',
		'ABCDEfg',
		`A${'b'.repeat(21)}`,
		'Ab'.repeat(9),
		'NoSuchKey1',
		'1NoSuchKey',
	])('is not %s, which may be a secret', (code) => {
		expect(shownCode(response(`<Code>${code}</Code>`))).toBeUndefined();
	});
});

describe('vendorMessage', () => {
	it('contains message and details, without the names of users and objects', () => {
		const body =
			'<Message>User: arn:aws:iam::1:user/kms is denied on arn:aws-cn:s3:::quota/expired now</Message><Details>See User: me@x it</Details>';
		expect(vendorMessage(response(body))).toBe(' is denied on  now See  it');
	});

	it('keeps names that only look like these', () => {
		expect(vendorMessage(message('SuperUser: a xarn:aws:s3:b arn:aws:iam:c'))).toBe(
			'SuperUser: a xarn:aws:s3:b arn:aws:iam:c ',
		);
	});
});

describe('deniedPermission', () => {
	it.each([
		['is not authorized to perform: s3:GetObject on', 's3:GetObject'],
		['kms:GenerateDataKeyPair', 'kms:GenerateDataKeyPair'],
		['(oss:ListObjects)', 'oss:ListObjects'],
		['does not have storage.objects.get access', 'storage.objects.get'],
		['needs storage.buckets.list.', 'storage.buckets.list'],
	])('in "%s" is %s', (text, expected) => {
		expect(deniedPermission(message(text))).toBe(expected);
	});

	it.each([
		'xs3:GetObject',
		's3:getObject',
		's3:GetObject1',
		`s3:A${'b'.repeat(16)}`,
		's3:AbCdEfGhIjKlMn',
		's3:A',
		'storage.others.get',
		'storage.objects.ab',
		'storage.objects.abcdefghijk',
		'iam:PassRole',
		'',
	])('in "%s" is not shown', (text) => {
		expect(deniedPermission(message(text))).toBeUndefined();
	});
});

describe('suggestedHost', () => {
	const host = (body: string, location?: string, target = TARGET) =>
		suggestedHost(response(body, location === undefined ? {} : { location }), target);
	const endpoint = (name: string) => host(`<Endpoint>${name}</Endpoint>`);

	it.each([
		['s3.eu-west-1.amazonaws.com', 's3.eu-west-1.amazonaws.com'],
		['my-recordings.s3.eu-west-1.amazonaws.com', 's3.eu-west-1.amazonaws.com'],
		['HTTPS://S3.example.com/bucket/key', 's3.example.com'],
		['http://s3.example.com:9000/', 's3.example.com:9000'],
		['s3.example.com\n/x', undefined],
		['a.b', 'a.b'],
		['a1.b2', 'a1.b2'],
		['s3.us-east-1.amazonaws.com', undefined],
		['S3.US-EAST-1.amazonaws.com', undefined],
		['my-recordings.s3.us-east-1.amazonaws.com', undefined],
		['localhost', undefined],
		['a..b', undefined],
		['.a.b', undefined],
		['-a.b', undefined],
		['a-.b', undefined],
		['a.-b', undefined],
		['a.b-', undefined],
		['a_b.c', undefined],
		['a.b:', undefined],
		['a.b:123456', undefined],
		['a.b:12345', 'a.b:12345'],
		['x@a.b', undefined],
		['', undefined],
		[`${'a'.repeat(63)}.b`, `${'a'.repeat(63)}.b`],
		[`${'a'.repeat(64)}.b`, undefined],
		[`b.${'a'.repeat(63)}`, `b.${'a'.repeat(63)}`],
		[`b.${'a'.repeat(64)}`, undefined],
		[`${'a.'.repeat(49)}bc`, `${'a.'.repeat(49)}bc`],
		[`${'a.'.repeat(49)}bcd`, undefined],
	])('in the endpoint %j is %s', (name, expected) => {
		expect(endpoint(name)).toBe(expected);
	});

	it('is from the redirect if there is no endpoint', () => {
		const location = 'https://my-recordings.s3.eu-west-1.amazonaws.com/a/b?c';
		expect(host('', location)).toBe('s3.eu-west-1.amazonaws.com');
		expect(host('<Endpoint>s3.other.example</Endpoint>', location)).toBe('s3.other.example');
		expect(host('', '/relative')).toBeUndefined();
		expect(host('', undefined)).toBeUndefined();
	});

	it('does not depend on the case of the current endpoint', () => {
		const target = { ...TARGET, endpoint: 'MinIO.example.com' };
		expect(host('<Endpoint>minio.example.com</Endpoint>', undefined, target)).toBeUndefined();
	});
});

describe('suggestedRegion', () => {
	const region = (from: HttpResponse, target = TARGET) => suggestedRegion(from, target);

	it.each([
		['the header of Amazon', response('', { 'x-amz-bucket-region': 'eu-west-1' }), 'eu-west-1'],
		['the element', response('<Region>eu-west-2</Region>'), 'eu-west-2'],
		['the message of MinIO', message("the region is wrong; expecting 'home'"), 'home'],
		[
			'the message of Garage',
			message("unexpected scope: '1/x/s3/y', expected: '20261128/garage/s3/aws4_request'"),
			'garage',
		],
		[
			'the message of Garage without quotes',
			message('expected: 20261128/garage/s3/aws4_request'),
			'garage',
		],
		['the message of Cloudflare', message('Must be one of: wnam, enam, weur, auto'), 'auto'],
		['the host', response('<Endpoint>b.s3.ap-south-1.amazonaws.com</Endpoint>'), undefined],
		[
			'the host without the bucket',
			response('<Endpoint>my-recordings.s3.ap-south-1.amazonaws.com</Endpoint>'),
			'ap-south-1',
		],
	])('is from %s', (_, from, expected) => {
		expect(region(from)).toBe(expected);
	});

	it('is the first of these that is not the current one', () => {
		const body = "<Region>us-east-1</Region><Message>expecting 'eu-west-3'</Message>";
		expect(region(response(body, { 'x-amz-bucket-region': 'us-east-1' }))).toBe('eu-west-3');
		expect(region(response(body, { 'x-amz-bucket-region': 'eu-west-1' }))).toBe('eu-west-1');
	});

	it.each([
		['s3.eu-west-1.amazonaws.com', 'eu-west-1'],
		['s3-eu-west-1.amazonaws.com', 'eu-west-1'],
		['s3.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
		['oss-cn-hangzhou.aliyuncs.com', 'cn-hangzhou'],
		['oss-cn-hangzhou-internal.aliyuncs.com', 'cn-hangzhou'],
		['s3.oss-cn-beijing.aliyuncs.com', 'cn-beijing'],
		['cos.ap-beijing.myqcloud.com', 'ap-beijing'],
		['obs.cn-north-4.myhuaweicloud.com', 'cn-north-4'],
		['s3.gz.bcebos.com', 'gz'],
		['s3.eu-central-1.wasabisys.com', 'eu-central-1'],
		['s3.us-west-004.backblazeb2.com', 'us-west-004'],
		['fra1.digitaloceanspaces.com', 'fra1'],
		['s3.fr-par.scw.cloud', 'fr-par'],
		['s3.gra.io.cloud.ovh.net', 'gra'],
		['x.s3.eu-west-1.amazonaws.com', undefined],
		['s3.eu-west-1.amazonaws.com.evil.test', undefined],
		['s3.eu-west-1.amazonawsxcom', undefined],
		['s3.e.amazonaws.com', undefined],
		['s3.1eu.amazonaws.com', undefined],
		['s3.eu_west.amazonaws.com', undefined],
	])('of the host %s is %s', (name, expected) => {
		expect(region(response(`<Endpoint>${name}</Endpoint>`))).toBe(expected);
	});

	it.each([
		'a',
		'auto',
		'eu-west-1',
		'us-east1',
		'a'.repeat(15),
		'a-b-c-d-e',
		`a-${'1'.repeat(14)}`,
	])('can be %s', (name) => {
		expect(region(response(`<Region>${name}</Region>`))).toBe(name);
	});

	it.each([
		'1a',
		'Eu',
		'a_b',
		'a--b',
		'a-',
		'-a',
		'a b',
		'a'.repeat(16),
		'a-b-c-d-e-f',
		`a-${'1'.repeat(15)}`,
		'us-east-1',
	])('cannot be %s', (name) => {
		expect(region(response(`<Region>${name}</Region>`))).toBeUndefined();
	});

	it.each([
		`expecting '${'a'.repeat(51)}'`,
		"expecting 'a",
		'expected: 2026/garage/s3/x',
		'expected: 20261128/garage/kms/x',
		'Must be one of: wnam, automatic',
		'auto',
		`Must be one of: ${'x'.repeat(201)} auto`,
	])('is not in the message "%s"', (text) => {
		expect(region(message(text))).toBeUndefined();
	});
});

describe('isSameOwner', () => {
	it.each([
		['s3.west.example.com', 's3.example.com', true],
		['example.com', 's3.example.com', true],
		['S3.Example.com:9000', 's3.example.COM', true],
		['s3.a.co.uk', 's3.b.a.co.uk', true],
		['s3.a.co.uk', 's3.b.co.uk', false],
		['s3.evil.test', 's3.example.com', false],
		['s3.abc.de', 'x.abc.de', false],
		['s3.abcd.de', 'x.abcd.de', true],
		['10.0.0.5:9000', '10.0.0.5:9001', true],
		['10.0.0.5:9000', '99.0.0.5:9000', false],
		['1.example.com', '2.example.com', true],
		['a.example.lan1', 'b.example.lan1', true],
		['localhost', 'localhost:9000', true],
		['localhost', 'otherhost', false],
	])('%s and %s: %s', (a, b, expected) => {
		expect(isSameOwner(a, b)).toBe(expected);
		expect(isSameOwner(b, a)).toBe(expected);
	});
});

describe('isWebPage', () => {
	it.each([
		['', { 'content-type': 'text/html; charset=utf-8' }],
		['', { 'content-type': 'TEXT/HTML' }],
		['<html>', {}],
		['\n  <HTML lang="en">', {}],
		['<!DOCTYPE html>', {}],
		['<!doctype html><html>', { 'content-type': 'application/xml' }],
	])('is true for %j with %j', (body, headers) => {
		expect(isWebPage(response(body, headers as Record<string, string>))).toBe(true);
	});

	it.each([
		['', {}],
		['<htmlx>', {}],
		['<Error>html</Error>', {}],
		['text <html>', {}],
		['<!doctype xml>', { 'content-type': 'application/text/html' }],
	])('is false for %j with %j', (body, headers) => {
		expect(isWebPage(response(body, headers as Record<string, string>))).toBe(false);
	});
});
