import { describe, expect, it } from 'vitest';
import { answerPayload, isJson, readAnswerForm } from './answer-form';

const approved = { type: 'boolean' };
const result = { description: 'What the call returned' };
const state = { enum: ['FAILURE', 'REPROMPT'] };
const booking = {
  type: 'object',
  properties: {
    city: { type: 'string', title: 'City' },
    nights: { type: 'integer', minimum: 1, maximum: 30 },
    budget: { type: 'number' },
    breakfast: { type: 'boolean' },
    board: { enum: ['half', 'full', 3] },
    guests: { type: 'array', items: { type: 'string' } },
  },
  required: ['city', 'nights', 'breakfast', 'guests'],
};

describe('readAnswerForm', () => {
  it.each([
    ['no schema', undefined, [], { approved: true }],
    ['an empty schema', {}, [], { approved: true }],
    ['leave', { type: 'object', properties: { approved } }, [], { approved: true }],
    [
      'leave and a result',
      { type: 'object', properties: { approved, result, state }, required: ['approved'] },
      ['sunny', ''],
      { approved: true, result: 'sunny' },
    ],
    [
      'leave and a result that is left out',
      { type: 'object', properties: { approved, result, state }, required: ['approved'] },
      ['', ''],
      { approved: true },
    ],
    [
      'a result',
      { type: 'object', properties: { result, state }, required: ['result'] },
      ['sunny', '1'],
      { result: 'sunny', state: 'REPROMPT' },
    ],
    ['a text', { type: 'string' }, ['Kyoto'], 'Kyoto'],
    ['a number', { type: 'number' }, ['1.5'], 1.5],
    ['an integer', { type: 'integer' }, ['0'], 0],
    ['yes or no', { type: 'boolean' }, ['1'], false],
    ['one of several values', { enum: ['a', 2, null] }, ['1'], 2],
    ['a list', { type: 'array', items: { type: 'string' } }, ['["a"]'], ['a']],
    ['one of several schemas', { oneOf: [{ type: 'string' }] }, ['"a"'], 'a'],
    ['an object of any shape', { type: 'object' }, ['{"a":1}'], { a: 1 }],
    [
      'many values',
      booking,
      ['Kyoto', '2', '', '0', '2', '["Ada"]'],
      { city: 'Kyoto', nights: 2, breakfast: true, board: 3, guests: ['Ada'] },
    ],
  ])('answers a question for %s', (_, schema, texts, payload) => {
    expect(answerPayload(readAnswerForm(schema), texts)).toEqual(payload);
  });

  it('requires the values that the schema requires, and keeps to its bounds', () => {
    const { fields } = readAnswerForm(booking);
    expect(fields.filter(({ isRequired }) => isRequired).map(({ property }) => property)).toEqual(
      booking.required,
    );
    expect(fields[1]).toMatchObject({ kind: 'integer', minimum: 1, maximum: 30 });
    expect(fields.map(({ label }) => label).slice(0, 2)).toEqual(['City', 'nights']);
    expect(fields.at(-1)?.kind).toBe('json');
  });

  it('takes a property that happens to be called approved for what it is', () => {
    const properties = { approved: { type: 'integer' } };
    expect(readAnswerForm({ properties })).toMatchObject({
      asksLeave: false,
      fields: [{ property: 'approved', kind: 'integer' }],
    });
  });
});

it('isJson() tells JSON from other text', () => {
  expect(isJson('{"a":1}')).toBe(true);
  expect(isJson('{a:1}')).toBe(false);
});
