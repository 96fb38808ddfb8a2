import type { BedrockOperation } from './bedrock-request';

type Member = readonly [member: string, payload: unknown];

/** What a string stands for in the response union of each operation. */
export function textFrame(operation: BedrockOperation, text: string): Member {
  switch (operation) {
    case 'ConverseStream':
    case 'InvokeHarness':
      return ['contentBlockDelta', { contentBlockIndex: 0, delta: { text } }];
    case 'InvokeFlow':
      return [
        'flowOutputEvent',
        { nodeName: 'Output', nodeType: 'FlowOutputNode', content: { document: text } },
      ];
    case 'RetrieveAndGenerateStream':
      return ['output', { text }];
    case 'AgenticRetrieveStream':
      return ['responseEvent', { text }];
    default:
      return ['chunk', { bytes: Buffer.from(text, 'utf8') }];
  }
}
