interface Match {
  readonly action?: string | undefined;
  readonly name?: string | undefined;
  readonly type?: string | undefined;
}

type Matches = readonly Match[] | undefined;

/** What one guardrail found, as the Bedrock services say it. */
export interface GuardrailFindings {
  readonly topicPolicy?: { readonly topics?: Matches } | undefined;
  readonly contentPolicy?: { readonly filters?: Matches } | undefined;
  readonly wordPolicy?:
    | { readonly customWords?: Matches; readonly managedWordLists?: Matches }
    | undefined;
  readonly sensitiveInformationPolicy?:
    | { readonly piiEntities?: Matches; readonly regexes?: Matches }
    | undefined;
  readonly contextualGroundingPolicy?: { readonly filters?: Matches } | undefined;
}

/** The names of the policies that a guardrail applied, each once; never the text that matched. */
export function guardrailPolicies(findings: readonly GuardrailFindings[]): string[] {
  const names = new Set<string>();
  const add = (matches: Matches, nameOf: (match: Match) => string | undefined): void => {
    for (const match of matches ?? []) {
      const name = match.action === 'NONE' ? undefined : nameOf(match);
      if (name !== undefined) names.add(name);
    }
  };
  for (const finding of findings) {
    add(finding.topicPolicy?.topics, ({ name }) => name);
    add(finding.contentPolicy?.filters, ({ type }) => type);
    add(finding.wordPolicy?.customWords, () => 'CUSTOM_WORDS');
    add(finding.wordPolicy?.managedWordLists, ({ type }) => type);
    add(finding.sensitiveInformationPolicy?.piiEntities, ({ type }) => type);
    add(finding.sensitiveInformationPolicy?.regexes, ({ name }) => name);
    add(finding.contextualGroundingPolicy?.filters, ({ type }) => type);
  }
  return [...names];
}
