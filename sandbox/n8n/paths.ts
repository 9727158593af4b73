import { dirname, join } from 'node:path';

/** This folder: n8n's manifest and lockfile, and, once installed, n8n. */
export const n8nFolder = import.meta.dirname;

/** The repository's top folder. */
export const repository = dirname(dirname(n8nFolder));

/** The example workflows, as n8n exports and imports them. */
export const workflowsFolder = join(repository, 'docs', 'workflows');
