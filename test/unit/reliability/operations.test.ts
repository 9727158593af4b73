import { operations } from '../../../nodes/Agora/resources';
import { OPERATIONS } from '../../reliability/operations';

it('every operation is in the table of the reliability tests', () => {
	const expected = Object.entries(operations).flatMap(([resource, ofResource]) =>
		Object.keys(ofResource).map((operation) => `${resource}.${operation}`),
	);
	const listed = OPERATIONS.map(({ resource, operation }) => `${resource}.${operation}`);
	expect(listed.toSorted()).toEqual(expected.toSorted());
});
