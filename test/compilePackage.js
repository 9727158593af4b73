const { compilePackage, copyAssets } = require('../compile.js');

/** Compiles the nodes before the tests that run them, so that no test runs an outdated build; readable, for stack traces. */
module.exports = async () => {
	await compilePackage({ minify: false });
	copyAssets();
};
