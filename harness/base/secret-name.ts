/** Secrets that are known by their names alone. */

/** Whether a variable, a header or a member of a query is a secret by its name. */
export function isSecretName(name: string): boolean {
  return /token|secret|passw|api[-_]?key|credential|private[-_]?key|authorization|cookie|signature/i.test(
    name,
  );
}
