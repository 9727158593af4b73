/** What an error or a field advises is wording: a test that repeats it checks nothing. */
const ADVICE = new Set(['description', 'displayName', 'hint', 'placeholder']);

/** Stryker changes no string in them; conditions that choose between strings it does change. */
function shouldIgnore(path) {
	if (!path.isStringLiteral() && !path.isTemplateLiteral()) return undefined;
	const property = path.findParent(
		(parent) =>
			!parent.isConditionalExpression() &&
			!parent.isLogicalExpression() &&
			!parent.isBinaryExpression(),
	);
	return property?.isObjectProperty() && ADVICE.has(property.node.key.name)
		? 'Advice for people'
		: undefined;
}

export const strykerPlugins = [{ kind: 'Ignore', name: 'advice', value: { shouldIgnore } }];
