import { dirname, join } from 'node:path';

/** This folder, in which n8n is installed. */
export const n8nFolder = import.meta.dirname;

/** The root of the repository. */
export const repository = dirname(dirname(n8nFolder));

/** The example workflows, in n8n's export format. */
export const workflowsFolder = join(repository, 'docs', 'workflows');
