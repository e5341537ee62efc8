// The parts of a table that need no page: which rows show, sorting, CSV.
export interface Column<T> {
  id: string;
  title: string;
  /** What is shown, sorted (unless `order`) and exported. */
  text: (row: T) => string;
  order?: (row: T) => number | string;
  /** px; without it the column takes a share of the rest. */
  width?: number;
  min?: number;
  align?: 'right';
  /** Hidden until chosen. */
  optional?: boolean;
}
export interface Sort {
  id: string;
  down: boolean;
}

export interface Slice {
  first: number;
  last: number;
}
export function visibleRows(
  scroll_px: number, height_px: number, row_px: number, count: number, extra = 8,
): Slice {
  const first = Math.max(0, Math.floor(scroll_px / row_px) - extra);
  const last = Math.min(count, Math.ceil((scroll_px + height_px) / row_px) + extra);
  return { first: Math.min(first, last), last };
}

export function sorted<T>(
  rows: readonly T[], columns: readonly Column<T>[], sort: Sort | undefined, locale: string,
): readonly T[] {
  const column = sort && columns.find((c) => c.id === sort.id);
  if (!sort || !column) return rows;
  const order = column.order ?? column.text;
  const collator = new Intl.Collator(locale, { numeric: true });
  const keyed = rows.map((row) => ({ row, key: order(row) }));
  const sign = sort.down ? -1 : 1;
  keyed.sort((a, b) =>
    typeof a.key === 'number' && typeof b.key === 'number'
      ? sign * (a.key - b.key)
      : sign * collator.compare(String(a.key), String(b.key)),
  );
  return keyed.map((k) => k.row);
}

/** RFC 4180 with a byte order mark, so that spreadsheets read Vietnamese. A cell that a
 * spreadsheet would take for a formula gets an apostrophe before it. */
export function csv<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const cell = (text: string) => {
    const safe = /^[=+\-@\t\r]/.test(text) && !/^[-+]?[\d.,\s]+$/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = [columns.map((c) => cell(c.title)), ...rows.map((r) => columns.map((c) => cell(c.text(r))))];
  return '\ufeff' + lines.map((l) => l.join(',')).join('\r\n') + '\r\n';
}

export function download(name: string, text: string, type = 'text/csv;charset=utf-8'): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
