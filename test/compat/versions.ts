/** The oldest n8n that the package supports, the last 1.x, the first and a middle 2.x, and the newest when this was changed. */
export const N8N_VERSIONS = ['1.100.1', '1.123.81', '2.0.3', '2.20.12', '2.41.1'];

/** The oldest Node that any of them runs on; the other one that is tested is the project's own. */
export const OLD_NODE = '20.20.2';
