import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { until } from '../e2e/executions.ts';
import { owner } from '../../sandbox/n8n/demo.ts';
import { repository } from '../../sandbox/n8n/paths.ts';
import { defectsOf } from './defects.ts';

/** Each step saves a screenshot here. */
const SCREENSHOTS = join(repository, '.screenshots');
/** With UI_PICTURES=1, the pictures of the README are retaken. */
export const PICTURES = process.env.UI_PICTURES ? join(repository, 'docs/images') : null;

/** n8n renders its editor for each node, which is slow on a busy machine. */
const PATIENCE_MS = 20_000;
/** For a list that the editor draws at once. */
const LIST_MS = 4_000;

/** n8n's notifications in the corner cover other elements. */
const NO_NOTES = '.el-notification { display: none !important; }';

const VIEW = { width: 1280, height: 860 };

/** Drives n8n's editor as a user does: by what is visible, with clicks and keys. */
export class Editor {
	readonly page: Page;
	readonly #url: string;
	#shots = 0;
	/** The statuses of finished executions, as n8n reported them to the editor. */
	readonly #ends: string[] = [];

	private constructor(page: Page, url: string) {
		this.page = page;
		this.#url = url;
		page.on('websocket', (socket) => {
			socket.on('framereceived', ({ payload }) => {
				const [, end] = /"executionFinished".*"status":"(\w+)"/.exec(String(payload)) ?? [];
				if (end) this.#ends.push(end);
			});
		});
	}

	/** Signs in as the owner. */
	static async open(browser: Browser, url: string): Promise<Editor> {
		rmSync(SCREENSHOTS, { recursive: true, force: true });
		mkdirSync(SCREENSHOTS, { recursive: true });
		const page = await browser.newPage({ viewport: VIEW });
		page.setDefaultTimeout(PATIENCE_MS);
		const editor = new Editor(page, url);
		await editor.goTo('/signin');
		await page.locator('input[name=emailOrLdapLoginId]').fill(owner.email);
		await page.locator('input[name=password]').fill(owner.password);
		await page.getByTestId('form-submit-button').click();
		await page.getByTestId('project-name').waitFor();
		return editor;
	}

	async goTo(path: string): Promise<void> {
		await this.page.goto(`${this.#url}${path}`);
	}

	/**
	 * Takes a screenshot, and checks the page for defects.
	 *
	 * @param name of the file, without its number and ending
	 * @param picture its name in docs/images, if the README shows it
	 * @returns a sentence for each defect
	 */
	async check(name: string, picture?: string): Promise<string[]> {
		const number = String(++this.#shots).padStart(2, '0');
		const image = await this.page.screenshot({ animations: 'disabled', style: NO_NOTES });
		writeFileSync(join(SCREENSHOTS, `${number} ${name}.png`), image);
		if (PICTURES && picture) writeFileSync(join(PICTURES, `${picture}.png`), image);
		return await defectsOf(this.page);
	}

	/** Opens a workflow and zooms to fit it. */
	async openWorkflow(id: string): Promise<void> {
		const { page } = this;
		await this.goTo(`/workflow/${id}`);
		await page.getByTestId('canvas-node').first().waitFor();
		await page.getByTestId('zoom-to-fit').click();
		// The execute button covers the lowest nodes.
		await page.getByTestId('zoom-out-button').click();
		await page.waitForTimeout(500);
	}

	/** Opens the node panel in a new workflow. */
	async openPanel(): Promise<void> {
		const { page } = this;
		await this.goTo('/workflow/new');
		await page.getByTestId('canvas-add-button').getByTestId('canvas-plus-button').click();
		await page.getByTestId('node-creator-search-bar').waitFor();
	}

	/** Searches the node panel. */
	async search(text: string): Promise<string[]> {
		const { page } = this;
		await page.getByTestId('node-creator-search-bar').fill(text);
		await this.#found.filter({ hasText: 'Agora' }).first().waitFor();
		// The list is updated with a delay.
		await page.waitForTimeout(500);
		return await this.#found.allInnerTexts();
	}

	/** Returns the triggers and actions of a node in the search results. */
	async actionsOf(node: string): Promise<string[]> {
		const { page } = this;
		await this.#found.getByText(node, { exact: true }).click();
		await page.getByTestId('node-creator-category-item').filter({ hasText: 'Actions' }).click();
		await page.waitForTimeout(500);
		return await this.#found.allInnerTexts();
	}

	/** Opens the triggers of a node without actions in the search results. */
	async openTriggersOf(node: string): Promise<void> {
		await this.#found.getByText(node, { exact: true }).click();
		await this.page.waitForTimeout(500);
	}

	async addAction(action: string): Promise<void> {
		await this.#found.getByText(action, { exact: true }).click();
		await this.page.getByTestId('node-parameters').waitFor();
	}

	/** The field of a parameter, by its name in the workflow's JSON. */
	field(name: string): Locator {
		return this.page.locator(`[data-test-id="parameter-input-${name}"]:visible`).first();
	}

	async fill(name: string, text: string): Promise<void> {
		await this.field(name).locator('input, textarea, .cm-content').first().fill(text);
	}

	/** Fills in a date and time field, such as `2026-11-01 00:00:00`. */
	async fillDate(name: string, text: string): Promise<void> {
		const input = this.field(name).locator('input');
		await input.fill(text);
		await input.press('Enter');
	}

	/** Returns the choices of a field, each with its description in a second line. */
	async choicesOf(name: string): Promise<string[]> {
		await this.field(name).click();
		await this.#choices.first().waitFor();
		const texts = await this.#choices.allInnerTexts();
		await this.page.keyboard.press('Escape');
		await this.#choices.first().waitFor({ state: 'hidden' });
		return texts;
	}

	async choose(name: string, choice: string): Promise<void> {
		await this.#select(this.field(name), choice);
	}

	/**
	 * Opens the list of a resource locator and waits for its items.
	 *
	 * @param filter search text; n8n caches the list for each text
	 */
	async openList(name: string, filter = ''): Promise<string[]> {
		await this.#select(this.field(name).getByTestId('rlc-mode-selector'), 'From list');
		await this.field(name).getByTestId('rlc-input').click();
		if (filter) await this.page.getByTestId('rlc-search').fill(filter);
		await this.#listed.or(this.page.getByText('No results')).first().waitFor();
		return await this.#listed.allInnerTexts();
	}

	async leaveList(): Promise<void> {
		const search = this.page.locator('[data-test-id=rlc-search]:visible');
		await search.press('Escape');
		await search.waitFor({ state: 'hidden' });
	}

	async pick(item: string): Promise<void> {
		await this.#listed.filter({ hasText: item }).first().click();
	}

	/** Fills in a resource locator in another mode than its list. */
	async nameBy(name: string, mode: string, value: string): Promise<void> {
		await this.#select(this.field(name).getByTestId('rlc-mode-selector'), mode);
		await this.field(name)
			.locator('input[data-test-id=rlc-input], [data-test-id=rlc-input] input')
			.fill(value);
	}

	async useCredential(label: string, name: string): Promise<void> {
		const slot = this.page
			.getByTestId('credentials-label')
			.filter({ hasText: label })
			.getByTestId('node-credentials-select');
		await this.#select(slot, name);
	}

	/** The labels of the credentials that the node asks for. */
	async credentialLabels(): Promise<string[]> {
		await this.page.waitForTimeout(500);
		const labels = await this.page.getByTestId('credentials-label').allInnerTexts();
		return labels.map((label) => label.split('\n')[0]!.trim());
	}

	/**
	 * Presses *Execute step*, or *Fetch Test Event*, and waits for its end.
	 *
	 * @returns the heading of the output: the number of items, or the error with its description
	 */
	async execute(): Promise<string> {
		const before = this.#ends.length;
		await this.page.getByTestId('node-execute-button').click();
		const end = await until(
			'the execution has ended',
			PATIENCE_MS / 1000,
			async () => this.#ends[before] ?? null,
		);
		const output = this.page.getByTestId('output-panel');
		if (end === 'success') return await output.getByTestId('ndv-items-count').innerText();
		const message = await output.getByTestId('node-error-message').innerText();
		return `${message}\n${await output.getByTestId('node-error-description').innerText()}`;
	}

	/** Opens the list of a field, selects a choice, and waits until the list closes. */
	async #select(field: Locator, choice: string): Promise<void> {
		const named = this.#choices.filter({ has: this.page.getByText(choice, { exact: true }) });
		// The list closes again if the editor has not finished drawing the node.
		await until(`the list has ${choice}`, PATIENCE_MS / 1000, async () => {
			await field.click();
			const shown = named.first().waitFor({ timeout: LIST_MS });
			return await shown.then(
				() => true,
				() => null,
			);
		});
		await named.first().click();
		await this.#choices.first().waitFor({ state: 'hidden' });
	}

	/** The entries of the node panel. */
	get #found(): Locator {
		return this.page.locator('[data-test-id=node-creator-item-name]:visible');
	}

	/** The choices of the open field. */
	get #choices(): Locator {
		return this.page.locator('.el-select-dropdown__item:visible');
	}

	/** The items of an open resource locator list. */
	get #listed(): Locator {
		return this.page.locator('[data-test-id=rlc-item]:visible');
	}
}
