import type {
  Citation as BedrockCitation,
  RetrievedReference,
} from '@aws-sdk/client-bedrock-agent-runtime';
import type { Citation } from '@magi/stream-protocol';
import { customEvent } from '@magi/stream-protocol';
import type { Emit } from '../sources/run-upstream';
import type { Attribution, TextMessage } from '../sources/text-message';

/** Emits one citation for each source that supports a part of the answer. */
export function createCitationWriter(message: TextMessage, attribution: Attribution = {}) {
  let count = 0;
  return (citation: BedrockCitation, emit: Emit): void => {
    const part = citation.generatedResponsePart?.textResponsePart;
    const span = message.locate(part?.text, part?.span?.start, part?.span?.end);
    for (const reference of citation.retrievedReferences ?? []) {
      count += 1;
      const value: Citation = {
        messageId: message.messageId,
        id: `${message.messageId}:citation:${count}`,
        ...(span !== undefined && { span }),
        ...describeReference(reference),
      };
      emit({ ...customEvent('magi.citation', value), ...attribution });
    }
  };
}

/** What a retrieved reference says about its source. */
export function describeReference(
  reference: RetrievedReference,
): Pick<Citation, 'quote' | 'title' | 'uri' | 'metadata'> {
  const quote = reference.content?.text;
  const uri = locationUri(reference.location);
  const title = titleOf(reference, uri);
  return {
    ...(quote !== undefined && { quote }),
    ...(title !== undefined && { title }),
    ...(uri !== undefined && { uri }),
    ...(reference.metadata !== undefined && { metadata: reference.metadata }),
  };
}

/** Where a reference is: each kind of location names its address differently. */
export function locationUri(location: RetrievedReference['location']): string | undefined {
  if (location === undefined) return undefined;
  return (
    location.s3Location?.uri ??
    location.webLocation?.url ??
    location.confluenceLocation?.url ??
    location.salesforceLocation?.url ??
    location.sharePointLocation?.url ??
    location.kendraDocumentLocation?.uri ??
    location.oneDriveLocation?.url ??
    location.googleDriveLocation?.url ??
    location.customDocumentLocation?.id
  );
}

function titleOf(reference: RetrievedReference, uri: string | undefined): string | undefined {
  const { title } = reference.metadata ?? {};
  if (typeof title === 'string' && title !== '') return title;
  const name = uri
    ?.split(/[?#]/, 1)[0]
    ?.split('/')
    .findLast((segment) => segment !== '');
  return name === undefined ? undefined : decodeName(name);
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    // A name with a stray percent sign is shown as it is.
    return name;
  }
}
