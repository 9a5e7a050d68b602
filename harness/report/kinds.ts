/** The reports that can be written, by name. */

export const REPORT_KINDS = ['html', 'junit', 'markdown', 'json', 'github', 'badge'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

/** Those of a run for which none were named: GitHub's annotations only where they are asked for. */
export const DEFAULT_REPORTS: readonly ReportKind[] = ['html', 'junit', 'markdown', 'json'];
