export type EngineName = 'chromium' | 'firefox' | 'webkit'
export declare function findBrowser(
  engine: EngineName,
): { readonly executablePath: string; readonly own: boolean } | undefined
export declare function advice(engine: EngineName): string
export declare function ensureBrowsers(): void
