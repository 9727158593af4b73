import { existsSync } from 'node:fs';
import { chromium, selectors, type Browser } from 'playwright-core';

const USUAL_PLACES = [
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** The browser in CHROMIUM, or the one installed on this machine; undefined if there is none. */
export const browserPath = [process.env.CHROMIUM ?? '', ...USUAL_PLACES].find((path) =>
	existsSync(path),
);

/** It must not look for updates, and root has no sandbox. */
const SWITCHES = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

/** @throws Error when it does not start */
export async function openBrowser(): Promise<Browser> {
	selectors.setTestIdAttribute('data-test-id');
	return await chromium.launch({ executablePath: browserPath, args: SWITCHES });
}
