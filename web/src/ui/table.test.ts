import { describe, expect, it } from 'vitest';
import { csv, sorted, visibleRows, type Column } from './table';

interface Row {
  name: string;
  n: number;
}
const columns: Column<Row>[] = [
  { id: 'name', title: 'Tên', text: (r) => r.name },
  { id: 'n', title: 'Số', text: (r) => String(r.n), order: (r) => r.n },
];

describe('a table', () => {
  it('draws only the rows in sight of a hundred thousand', () => {
    const slice = visibleRows(34 * 50_000, 680, 34, 100_000);
    expect(slice.last - slice.first).toBeLessThan(40);
    expect(slice.first).toBeLessThan(50_000);
    expect(slice.last).toBeGreaterThan(50_020);
    expect(visibleRows(9e9, 680, 34, 10)).toEqual({ first: 10, last: 10 });
    expect(visibleRows(0, 680, 34, 3)).toEqual({ first: 0, last: 3 });
  });
  it('sorts Vietnamese as a dictionary does, and numbers by value', () => {
    const rows = [{ name: 'Đa Mai', n: 10 }, { name: 'Eo', n: 9 }, { name: 'Dĩnh', n: 100 }, { name: 'Ấm', n: 1 }];
    expect(sorted(rows, columns, { id: 'name', down: false }, 'vi').map((r) => r.name)).toEqual(['Ấm', 'Dĩnh', 'Đa Mai', 'Eo']);
    expect(sorted(rows, columns, { id: 'n', down: true }, 'vi').map((r) => r.n)).toEqual([100, 10, 9, 1]);
    expect(sorted(rows, columns, undefined, 'vi')).toBe(rows);
  });
  it('writes CSV that a spreadsheet reads, and runs nothing', () => {
    const text = csv([{ name: 'a "b", c', n: -1 }, { name: '=1+1', n: 2 }], columns);
    expect(text.startsWith('\ufeffTên,Số\r\n')).toBe(true);
    expect(text).toContain('"a ""b"", c",-1\r\n');
    expect(text).toContain("'=1+1,2");
  });
});
