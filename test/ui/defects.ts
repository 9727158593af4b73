import type { Page } from 'playwright-core';

/**
 * Looks over the node or credential that is open: fields without a label, numbers where a name belongs, texts that
 * do not fit.
 *
 * @returns a sentence for each defect
 */
export async function defectsOf(page: Page): Promise<string[]> {
	return await page.evaluate(() => {
		const open = '[data-test-id=node-parameters], [data-test-id=credential-edit-dialog]';
		const panel = document.querySelector(open);
		if (panel === null) return [];
		const seen = <Kind extends Element>(selector: string) =>
			[...panel.querySelectorAll<HTMLElement>(selector)].filter((each) =>
				each.checkVisibility(),
			) as unknown as Kind[];
		const isCut = ({ scrollWidth, clientWidth }: Element) => scrollWidth > clientWidth + 1;

		const labelOf = (field: HTMLElement) => {
			const isAlone = (box: Element) => box.querySelectorAll('[data-parameter-path]').length <= 1;
			let box = field.parentElement;
			while (box !== null && isAlone(box) && !box.querySelector('label')) box = box.parentElement;
			return box !== null && isAlone(box) ? box.querySelector('label') : null;
		};
		const unlabelled = seen<HTMLElement>('[data-parameter-path]')
			.filter((field) => !labelOf(field)?.textContent?.trim())
			.map(({ dataset }) => `${dataset.parameterPath} has no label`);
		const chosen = seen<HTMLInputElement>('input[role=combobox]')
			.filter(({ value }) => /^-?\d+$/.test(value))
			.map(({ value }) => `a choice is called ${value}`);
		const cutLabels = seen<HTMLElement>('label span, [data-test-id=parameter-item] .notice')
			.filter(isCut)
			.map(({ textContent }) => `the label “${textContent?.trim()}” is cut`);
		const cutFields = seen<HTMLInputElement>('input')
			// What was picked from a list is a name of the person's own, of any length.
			.filter((input) => input.closest('[data-test-id=rlc-input-container]') === null)
			.filter((input) => input.value !== '' && input.type === 'text' && isCut(input))
			.map(({ value }) => `the value “${value}” is cut`);
		return [...unlabelled, ...chosen, ...cutLabels, ...cutFields];
	});
}
