import { describe, expect, it } from 'vitest';
import { answerPayload, readAnswerForm } from './answer-form';

const approved = { type: 'boolean' };
const result = { description: 'What the call returned' };
const state = { enum: ['FAILURE', 'REPROMPT'] };

describe('readAnswerForm', () => {
  it.each([
    ['no schema', undefined, 'yes', { approved: true }],
    ['leave', { type: 'object', properties: { approved } }, '', { approved: true }],
    [
      'leave and a result',
      { type: 'object', properties: { approved, result, state }, required: ['approved'] },
      'sunny',
      { approved: true, result: 'sunny' },
    ],
    [
      'leave and a result that is left out',
      { type: 'object', properties: { approved, result, state }, required: ['approved'] },
      '',
      { approved: true },
    ],
    [
      'a result',
      { type: 'object', properties: { result, state }, required: ['result'] },
      'sunny',
      { result: 'sunny' },
    ],
    ['a text', { type: 'string' }, 'Kyoto', 'Kyoto'],
  ])('answers a question for %s', (_, schema, text, payload) => {
    expect(answerPayload(readAnswerForm(schema), text)).toEqual(payload);
  });

  it('requires the value that the schema requires', () => {
    const properties = { result };
    expect(readAnswerForm({ properties, required: ['result'] }).value?.isRequired).toBe(true);
    expect(readAnswerForm({ properties }).value?.isRequired).toBe(false);
  });
});
