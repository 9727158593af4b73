import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { until } from '../e2e/executions.ts';
import { owner } from '../../sandbox/n8n/demo.ts';
import { repository } from '../../sandbox/n8n/paths.ts';
import { defectsOf } from './defects.ts';

/** Where each step leaves what it looked like. */
const SCREENSHOTS = join(repository, '.screenshots');
/** Those for the README are taken anew with UI_PICTURES=1. */
export const PICTURES = process.env.UI_PICTURES ? join(repository, 'docs/images') : null;

/** n8n draws its editor anew for each node, on a busy machine too. */
const PATIENCE_MS = 20_000;

/** n8n's own notes in the corner cover what is below. */
const NO_NOTES = '.el-notification { display: none !important; }';

const VIEW = { width: 1280, height: 860 };

/** n8n's editor as a person uses it: by what can be seen, clicked and typed. */
export class Editor {
	readonly page: Page;
	readonly #url: string;
	#shots = 0;
	/** How the executions ended that n8n has told the editor the end of. */
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
	 * Takes a screenshot, and looks for what a person would stumble over.
	 *
	 * @param name of the file, without its number and ending
	 * @param picture its name in docs/images, for one that the README shows
	 * @returns a sentence for each defect
	 */
	async look(name: string, picture?: string): Promise<string[]> {
		const number = String(++this.#shots).padStart(2, '0');
		const image = await this.page.screenshot({ animations: 'disabled', style: NO_NOTES });
		writeFileSync(join(SCREENSHOTS, `${number} ${name}.png`), image);
		if (PICTURES && picture) writeFileSync(join(PICTURES, `${picture}.png`), image);
		return await defectsOf(this.page);
	}

	/** Opens a workflow and shows all of it. */
	async openWorkflow(id: string): Promise<void> {
		const { page } = this;
		await this.goTo(`/workflow/${id}`);
		await page.getByTestId('canvas-node').first().waitFor();
		await page.getByTestId('zoom-to-fit').click();
		// The button to execute stands before the lowest nodes.
		await page.getByTestId('zoom-out-button').click();
		await page.waitForTimeout(500);
	}

	/** Opens the panel of nodes in a new workflow. */
	async openPanel(): Promise<void> {
		const { page } = this;
		await this.goTo('/workflow/new');
		await page.getByTestId('canvas-add-button').getByTestId('canvas-plus-button').click();
		await page.getByTestId('node-creator-search-bar').waitFor();
	}

	/** Searches the panel of nodes. */
	async search(words: string): Promise<string[]> {
		const { page } = this;
		await page.getByTestId('node-creator-search-bar').fill(words);
		await this.#found.filter({ hasText: 'Agora' }).first().waitFor();
		// The list follows what is typed a little later.
		await page.waitForTimeout(500);
		return await this.#found.allInnerTexts();
	}

	/** What a node that was found offers as triggers and actions. */
	async actionsOf(node: string): Promise<string[]> {
		const { page } = this;
		await this.#found.getByText(node, { exact: true }).click();
		await page.getByTestId('node-creator-category-item').filter({ hasText: 'Actions' }).click();
		await page.waitForTimeout(500);
		return await this.#found.allInnerTexts();
	}

	async addAction(action: string): Promise<void> {
		await this.#found.getByText(action, { exact: true }).click();
		await this.page.getByTestId('node-parameters').waitFor();
	}

	/** The field of a parameter, by the name that it has in a workflow. */
	field(name: string): Locator {
		return this.page.locator(`[data-test-id="parameter-input-${name}"]:visible`).first();
	}

	async fill(name: string, text: string): Promise<void> {
		await this.field(name).locator('input, textarea, .cm-content').first().fill(text);
	}

	/** Types into a field of date and time, as `2026-11-01 00:00:00`. */
	async fillDate(name: string, text: string): Promise<void> {
		const input = this.field(name).locator('input');
		await input.fill(text);
		await input.press('Enter');
	}

	/** What a field of choices offers, each with its description in a second line. */
	async choicesOf(name: string): Promise<string[]> {
		await this.field(name).click();
		await this.#choices.first().waitFor();
		const texts = await this.#choices.allInnerTexts();
		await this.page.keyboard.press('Escape');
		await this.#choices.first().waitFor({ state: 'hidden' });
		return texts;
	}

	async choose(name: string, choice: string): Promise<void> {
		await this.field(name).click();
		await this.#take(choice);
	}

	/**
	 * Opens the list of a resource locator and waits for what Agora or the bucket answers.
	 *
	 * @param words to search it for; n8n asks once for the same words
	 */
	async openList(name: string, words = ''): Promise<string[]> {
		await this.field(name).getByTestId('rlc-mode-selector').click();
		await this.#take('From list');
		await this.field(name).getByTestId('rlc-input').click();
		if (words) await this.page.getByTestId('rlc-search').fill(words);
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

	/** How a resource locator is filled in other than from its list. */
	async nameBy(name: string, mode: string, value: string): Promise<void> {
		await this.field(name).getByTestId('rlc-mode-selector').click();
		await this.#take(mode);
		await this.field(name)
			.locator('input[data-test-id=rlc-input], [data-test-id=rlc-input] input')
			.fill(value);
	}

	async useCredential(label: string, name: string): Promise<void> {
		const slot = this.page
			.getByTestId('credentials-label')
			.filter({ hasText: label })
			.getByTestId('node-credentials-select');
		await slot.click();
		await this.#take(name);
	}

	/**
	 * Presses *Execute step*, or *Fetch Test Event*, and waits for its end.
	 *
	 * @returns what stands above the output: how many items, or the error with its description
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

	/** Takes a choice of the field that was opened, and waits until its choices have gone. */
	async #take(choice: string): Promise<void> {
		const named = this.page.getByText(choice, { exact: true });
		await this.#choices.filter({ has: named }).first().click();
		await this.#choices.first().waitFor({ state: 'hidden' });
	}

	/** What the panel of nodes shows, by name. */
	get #found(): Locator {
		return this.page.locator('[data-test-id=node-creator-item-name]:visible');
	}

	/** What the field that was opened offers. */
	get #choices(): Locator {
		return this.page.locator('.el-select-dropdown__item:visible');
	}

	/** What the list of a resource locator shows. */
	get #listed(): Locator {
		return this.page.locator('[data-test-id=rlc-item]:visible');
	}
}
