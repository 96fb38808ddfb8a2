export declare const nodeVersions: Readonly<Record<'20' | '22' | '24', string>>;
export declare function ensureNode(wanted: '20' | '22' | '24'): string | undefined;
