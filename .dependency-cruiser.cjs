/**
 * The layers of the nodes, and no import cycle. Each folder may import from those to its right:
 *
 *   resources, listSearch, trigger, events → recordings, agora → storage → http
 */
const folder = (name) => `^nodes/Agora/${name}/`;
const only = (name, ...allowed) => ({
	name: `${name} imports only ${allowed.join(', ') || 'itself'}`,
	severity: 'error',
	from: { path: folder(name) },
	to: {
		path: '^(nodes|credentials)/',
		pathNot: [name, ...allowed].map(folder),
	},
});

module.exports = {
	forbidden: [
		{
			name: 'no import cycle',
			severity: 'error',
			from: {},
			to: { circular: true },
		},
		only('http'),
		only('storage', 'http'),
		only('agora', 'http'),
		only('recordings', 'storage', 'http'),
		// What the triggers have in common with operations: fields, and how they are read.
		only('trigger', 'resources/shared', 'recordings', 'storage', 'http'),
		only('events', 'resources/shared', 'recordings', 'agora', 'storage', 'http'),
		only('listSearch', 'recordings', 'agora', 'storage', 'http'),
		only('resources', 'recordings', 'agora', 'storage', 'http'),
	],
	options: {
		tsConfig: { fileName: 'tsconfig.json' },
		tsPreCompilationDeps: true,
		doNotFollow: { path: 'node_modules' },
	},
};
