/** The version that recovery points carry in `app`; a test compares it with package.json. */
export const appVersion = '1.0.0';
