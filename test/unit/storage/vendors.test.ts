import type { Vendor } from '../../../nodes/Agora/storage/vendors';
import { VENDOR_NAMES, VENDORS, findVendor } from '../../../nodes/Agora/storage/vendors';

const all = VENDOR_NAMES.map((name): [string, Vendor] => [name, VENDORS[name]]);
const host = (vendorName: string, region: string) =>
	findVendor(vendorName)?.host?.(region, 'myaccount');
const number = (vendorName: string, region: string) =>
	findVendor(vendorName)?.regions.find(({ id }) => id === region)?.number;

describe('the storage vendors', () => {
	it("have Agora's numbers", () => {
		expect(
			all.map(([name, vendor]) => `${vendor.number} ${name} ${vendor.regions.length}`),
		).toEqual([
			'1 amazonS3 24',
			'2 alibabaOss 28',
			'3 tencentCos 20',
			'5 azureBlob 0',
			'6 googleCloud 0',
			'7 huaweiObs 16',
			'8 baiduBos 7',
			'11 s3Compatible 0',
		]);
	});

	it.each(all)('%s: every region has its own number, ID and host', (_name, vendor) => {
		const { regions } = vendor;
		for (const field of ['number', 'id'] as const) {
			expect(new Set(regions.map((region) => region[field])).size).toBe(regions.length);
		}
		for (const { id, location } of regions) {
			expect(location).toMatch(/^\S.*\S$/);
			const host = vendor.host!(id, '');
			expect(new URL(`https://${host}`).host).toBe(host);
			expect(host).toContain(id);
		}
	});

	it.each([
		['amazonS3', 'us-east-1', 0],
		['amazonS3', 'cn-northwest-1', 16],
		['amazonS3', 'af-south-1', 18],
		['amazonS3', 'eu-south-1', 25],
		['alibabaOss', 'cn-hangzhou', 0],
		['alibabaOss', 'ap-northeast-2', 26],
		['alibabaOss', 'ap-southeast-7', 27],
		['tencentCos', 'ap-beijing-1', 0],
		['tencentCos', 'eu-moscow', 19],
		['huaweiObs', 'sa-chile-1', 15],
		['baiduBos', 'bd', 1],
		['baiduBos', 'fsh', 7],
	])('%s %s has the number %d at Agora', (vendor, region, expected) => {
		expect(number(vendor, region)).toBe(expected);
	});

	it.each([
		['amazonS3', 'eu-west-1', 's3.eu-west-1.amazonaws.com'],
		['amazonS3', 'cn-north-1', 's3.cn-north-1.amazonaws.com.cn'],
		['alibabaOss', 'cn-hangzhou', 's3.oss-cn-hangzhou.aliyuncs.com'],
		['tencentCos', 'ap-shanghai', 'cos.ap-shanghai.myqcloud.com'],
		['azureBlob', '', 'myaccount.blob.core.windows.net'],
		['googleCloud', '', 'storage.googleapis.com'],
		['huaweiObs', 'cn-north-4', 'obs.cn-north-4.myhuaweicloud.com'],
		['baiduBos', 'hkg', 's3.hkg.bcebos.com'],
	])('%s %s has the host %s', (vendor, region, expected) => {
		expect(host(vendor, region)).toBe(expected);
	});

	it('returns undefined for an unknown name', () => {
		expect(findVendor('toString')).toBeUndefined();
		expect(findVendor(1)).toBeUndefined();
	});
});
