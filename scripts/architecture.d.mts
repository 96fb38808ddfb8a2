export declare function checkArchitecture(
  files: ReadonlyMap<string, string>,
  manifests?: Readonly<Record<string, object>>,
): { problems: string[]; warnings: string[] };
