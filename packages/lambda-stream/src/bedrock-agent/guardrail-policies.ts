import type { GuardrailAssessment } from '@aws-sdk/client-bedrock-agent-runtime';

/** The names of the policies that a guardrail applied, each once; never the text that matched. */
export function guardrailPolicies(assessments: readonly GuardrailAssessment[]): string[] {
  const names = new Set<string>();
  const add = (
    items: readonly { readonly action?: string | undefined }[] | undefined,
    nameOf: (item: never) => string | undefined,
  ): void => {
    for (const item of items ?? []) {
      const name = item.action === 'NONE' ? undefined : nameOf(item as never);
      if (name !== undefined) names.add(name);
    }
  };
  for (const assessment of assessments) {
    add(assessment.topicPolicy?.topics, (topic: { name?: string }) => topic.name);
    add(assessment.contentPolicy?.filters, (filter: { type?: string }) => filter.type);
    add(assessment.wordPolicy?.customWords, () => 'CUSTOM_WORDS');
    add(assessment.wordPolicy?.managedWordLists, (list: { type?: string }) => list.type);
    const sensitive = assessment.sensitiveInformationPolicy;
    add(sensitive?.piiEntities, (entity: { type?: string }) => entity.type);
    add(sensitive?.regexes, (regex: { name?: string }) => regex.name);
  }
  return [...names];
}
