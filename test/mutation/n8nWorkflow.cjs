/*
 * What the source uses of n8n-workflow, each loaded when it is first used: the whole package takes Jest half a second,
 * for every test file and mutant.
 */
const load = (path) => require(`../../node_modules/n8n-workflow/dist/cjs/${path}.js`);

module.exports = {
	get NodeApiError() {
		return load('errors/node-api.error').NodeApiError;
	},
	get NodeOperationError() {
		return load('errors/node-operation.error').NodeOperationError;
	},
	get isSafeObjectProperty() {
		return load('utils').isSafeObjectProperty;
	},
	get sleep() {
		return load('utils').sleep;
	},
};
