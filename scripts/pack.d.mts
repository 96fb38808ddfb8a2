export declare const packageNames: readonly string[];
export declare function packPackages(destination: string): { name: string; file: string }[];
