/** The jobs of a migration: one for each person of the directory, made by a sync. */
const prefix = 'ldap.';

/** The id of their tasks. A mark holds no dash, and an owner's name no capital. */
export function migrationTaskId(owner: string): string {
  return `${prefix}${owner.replaceAll('-', 'Z')}`;
}

/** Whether a task is one of a migration, whoever owns it; nobody makes such a one by hand. */
export function isMigrationTask(taskId: string): boolean {
  return taskId.startsWith(prefix);
}
