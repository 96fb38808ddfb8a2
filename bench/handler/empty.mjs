// What a cold start costs without any library.
export const handler = async (_event, stream) => {
  stream.end();
};
handler[Symbol.for('aws.lambda.runtime.handler.streaming')] = 'response';
