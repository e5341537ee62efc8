// The page of viewer.hpp; @MANIFEST@ is replaced. Private.
#pragma once

#include <string_view>

namespace vl::evidence {

inline constexpr std::string_view viewer_template = R"page(<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; media-src 'self' file:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>Vọng Lâu</title>
<style>
:root { color-scheme: light dark; --ground: #f6f7f9; --card: #fff; --text: #16202b; --quiet: #566373;
  --line: #d5dbe2; --accent: #0b63c5; --footage: #2f7fd6; --fetched: #7a4fc4; --gap: #b4530a; }
@media (prefers-color-scheme: dark) { :root { --ground: #12171d; --card: #1a2129; --text: #e6ebf0;
  --quiet: #9aa8b7; --line: #303b47; --accent: #6cb2ff; --footage: #3f8ee0; --fetched: #a988ec; --gap: #e8944a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 15px/1.5 "Be Vietnam Pro", "Segoe UI", system-ui, "Noto Sans", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 20px; display: grid; gap: 16px; }
header { display: flex; gap: 12px; align-items: baseline; flex-wrap: wrap; }
h1 { font-size: 21px; margin: 0; } h2 { font-size: 16px; margin: 0 0 8px; }
header button { margin-left: auto; }
button { font: inherit; color: var(--text); background: var(--card); border: 1px solid var(--line);
  border-radius: 6px; padding: 4px 12px; min-height: 32px; cursor: pointer; }
button[aria-pressed="true"] { border-color: var(--accent); color: var(--accent); font-weight: 600; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 16px; }
.note { border-left: 4px solid var(--accent); }
.cameras { display: flex; gap: 8px; flex-wrap: wrap; margin-bottom: 12px; }
video { width: 100%; max-height: 62vh; background: #000; border-radius: 6px; display: block; }
.clock { font-variant-numeric: tabular-nums; font-size: 18px; margin: 8px 0; display: flex;
  justify-content: space-between; gap: 12px; flex-wrap: wrap; }
.bar { position: relative; height: 26px; background: var(--ground); border: 1px solid var(--line);
  border-radius: 4px; overflow: hidden; cursor: pointer; }
.bar span { position: absolute; top: 0; bottom: 0; min-width: 2px; }
.bar .footage { background: var(--footage); }
.bar .fetched { background: repeating-linear-gradient(90deg, var(--fetched) 0 6px, transparent 6px 8px); }
.from-camera { color: var(--fetched); font-weight: 600; }
.bar .gap { background: repeating-linear-gradient(45deg, var(--gap) 0 4px, transparent 4px 8px); }
.bar .now { width: 2px; background: var(--text); }
.key { color: var(--quiet); font-size: 13px; display: flex; gap: 16px; margin-top: 6px; }
.key i { display: inline-block; width: 14px; height: 10px; margin-right: 6px; border-radius: 2px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--quiet); font-weight: 500; width: 210px; }
thead th { width: auto; } code { font-size: 13px; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); }
</style>
</head>
<body>
<main id="page"></main>
<script type="application/json" id="manifest">@MANIFEST@</script>
<script>
'use strict';
const manifest = JSON.parse(document.getElementById('manifest').textContent);
const words = {
  vi: { title: 'Kết xuất chứng cứ', other: 'English', case: 'Vụ việc', purpose: 'Mục đích',
    reason: 'Lý do', by: 'Người yêu cầu', approved: 'Người phê duyệt', asked: 'Thời gian yêu cầu',
    made: 'Tạo lúc', centre: 'Trung tâm', key: 'Khóa ký của trung tâm', print: 'Vân khóa',
    journal: 'Nhật ký khi kết xuất', root: 'Gốc cây băm', spans: 'Đoạn có hình', gaps: 'Chỗ thiếu',
    chain: 'Vị trí trong chuỗi', from: 'Từ', to: 'Đến', cause: 'Nguyên nhân', length: 'Độ dài',
    none: 'Không có', footage: 'Có hình', gap: 'Thiếu hình', files: 'Tệp gốc', before: 'Băm đứng trước',
    last: 'Băm cuối', nothing: 'Camera này không có hình trong khoảng thời gian yêu cầu.',
    masked: 'Xem bản che', maskedNote: 'Bản che được dựng lại từ bản gốc, không có tiếng và không phải chứng cứ gốc.',
    noVideo: 'Có dữ liệu gốc, nhưng không tạo được phim xem trên trình duyệt từ định dạng này.',
    leftOut: 'Không có trong phim (vẫn có trong dữ liệu gốc)',
    note: 'Trang này chỉ để xem. Bản kết xuất có nguyên vẹn hay không là do chương trình kiểm tra trả lời, không phải trang này:',
    noteKey: 'So vân khóa với vân khóa mà trung tâm công bố.', camera: 'Camera', details: 'Chi tiết', folder: 'THƯ_MỤC',
    fetched: 'Lấy lại từ camera', fetchedAt: 'Lấy lúc', fetchedHead: 'Lấy lại sau từ bộ nhớ của chính camera', within: 'Trong chỗ thiếu',
    fetchedNote: 'Trung tâm không ghi trực tiếp những đoạn này: chúng được lấy lại từ bộ nhớ của camera sau khi chỗ thiếu kết thúc. Băm và chuỗi chỉ chứng minh từ lúc lấy lại.' },
  en: { title: 'Evidence export', other: 'Tiếng Việt', case: 'Case', purpose: 'Purpose',
    reason: 'Reason', by: 'Requested by', approved: 'Approved by', asked: 'Time asked for',
    made: 'Made at', centre: 'Centre', key: 'Signing key of the centre', print: 'Fingerprint',
    journal: 'Journal when exported', root: 'Root of the hash tree', spans: 'Footage', gaps: 'Missing',
    chain: 'Place in the chain', from: 'From', to: 'To', cause: 'Cause', length: 'Length',
    none: 'None', footage: 'Footage', gap: 'Missing', files: 'Stored files', before: 'Hash before',
    last: 'Last hash', nothing: 'This camera has no footage of the time asked for.',
    masked: 'Show the masked copy', maskedNote: 'The masked copy is made of the original, without sound, and is not the evidence itself.',
    noVideo: 'The stored footage is here, but no video for browsers can be made of its format.',
    leftOut: 'Not in the videos (still in the stored footage)',
    note: 'This page only shows. Whether the export is genuine is told by the checking program, not by this page:',
    noteKey: 'Compare the fingerprint with the one that the centre publishes.', camera: 'Camera', details: 'Details', folder: 'FOLDER',
    fetched: 'Fetched from the camera', fetchedAt: 'Fetched at', fetchedHead: 'Fetched afterwards from the camera\'s own storage', within: 'Within the gap',
    fetchedNote: 'The centre did not record this live: it was fetched from the camera\'s own storage when the gap had ended. Hashes and chain prove it from then on only.' } };
const causes = {
  camera_unreachable: ['Không kết nối được camera', 'Camera unreachable'],
  authentication_refused: ['Camera từ chối đăng nhập', 'Camera refused the sign-in'],
  stream_stalled: ['Luồng hình đứng', 'Stream stalled'],
  connection_reset: ['Mất kết nối', 'Connection reset'],
  bad_stream: ['Luồng hình lỗi', 'Bad stream'],
  packets_lost: ['Mất gói tin', 'Packets lost'],
  recorder_down: ['Máy ghi dừng', 'Recorder down'],
  recorder_overloaded: ['Máy ghi quá tải', 'Recorder overloaded'],
  disk_full: ['Đầy ổ đĩa', 'Disk full'],
  disk_failed: ['Ổ đĩa hỏng', 'Disk failed'],
  disabled: ['Camera bị tắt', 'Camera disabled'],
  not_delivered: ['Máy ghi không giao được', 'Not handed over by its recorder'],
  unexplained: ['Chưa rõ', 'Unexplained'] };
const purposes = {
  investigation: ['Điều tra', 'Investigation'], prosecution: ['Truy tố, xét xử', 'Prosecution, trial'],
  accident_handling: ['Giải quyết tai nạn', 'Accident'], violation_handling: ['Xử lý vi phạm', 'Violation'],
  complaint_handling: ['Giải quyết khiếu nại', 'Complaint'], internal_review: ['Kiểm tra nội bộ', 'Internal review'] };
// A camera's own stream with what was fetched of it; everything of that says since when the centre has it.
const none = { spans: [], videos: [], footage: [], masked: [], fetched: [], left_out_of_videos: [] };
const whence = (part, v) => {
  const stretches = part.fetched.filter((f) => f.start_us < v.end_us && f.end_us > v.start_us);
  return { ...v, fetched_us: stretches.length ? stretches[0].fetched_us : 0 };
};
const streams = manifest.streams.filter((s) => s.stream !== 'fetched').map((s) => {
  const part = manifest.streams.find((f) => f.stream === 'fetched' && f.camera_id === s.camera_id) || none;
  return { ...s, fetched: part.fetched, fetched_spans: part.spans, part,
    videos: [...s.videos, ...part.videos.map((v) => whence(part, v))].sort((a, b) => a.start_us - b.start_us),
    masked: [...(s.masked || []), ...(part.masked || [])],
    left_out_of_videos: [...new Set([...s.left_out_of_videos, ...part.left_out_of_videos])] };
});
let language = (navigator.language || 'vi').startsWith('en') ? 'en' : 'vi';
let masked = false;
let chosen = Math.max(0, streams.findIndex((s) => s.videos.length > 0));
const t = (key) => words[language][key];
const pad = (n, w = 2) => String(n).padStart(w, '0');
function time(us, fine = true) {
  const d = new Date(us / 1000 + 7 * 3600e3);  // Vietnam, all year
  return pad(d.getUTCDate()) + '/' + pad(d.getUTCMonth() + 1) + '/' + d.getUTCFullYear() + ' ' +
    pad(d.getUTCHours()) + ':' + pad(d.getUTCMinutes()) + ':' + pad(d.getUTCSeconds()) +
    (fine ? '.' + pad(d.getUTCMilliseconds(), 3) : '');
}
const length = (us) => (us / 1e6).toFixed(3) + ' s';
function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  Object.assign(node, properties);
  node.append(...children);
  return node;
}
function rows(pairs) {
  return make('table', {}, make('tbody', {}, ...pairs.map(([name, value]) =>
    make('tr', {}, make('th', { scope: 'row' }, name), make('td', {}, value)))));
}
function list(heads, lines) {
  if (lines.length === 0) return make('p', { className: 'quiet' }, t('none'));
  return make('table', {},
    make('thead', {}, make('tr', {}, ...heads.map((h) => make('th', { scope: 'col' }, h)))),
    make('tbody', {}, ...lines.map((line) => make('tr', {}, ...line.map((c) => make('td', {}, c))))));
}
function player(stream) {
  const box = make('div');
  if (stream.videos.length === 0) {
    box.append(make('p', {}, stream.footage.length + stream.part.footage.length === 0 ? t('nothing') : t('noVideo')));
    return box;
  }
  const from = manifest.request.from_us, to = manifest.request.to_us;
  const video = make('video', { controls: true, preload: 'metadata' });
  const clock = make('strong'), origin = make('span', { className: 'from-camera' }), part = make('span', { className: 'quiet' });
  const bar = make('div', { className: 'bar', tabIndex: 0 });
  const now = make('span', { className: 'now' });
  const at = (us) => Math.min(100, Math.max(0, (us - from) / (to - from) * 100)) + '%';
  const stretch = (kind, a, b, title) => {
    const mark = make('span', { className: kind, title });
    mark.style.left = at(a);
    mark.style.width = 'calc(' + at(b) + ' - ' + at(a) + ')';
    bar.append(mark);
  };
  for (const span of stream.spans) stretch('footage', span.start_us, span.end_us, time(span.start_us));
  for (const span of stream.fetched_spans) stretch('fetched', span.start_us, span.end_us, t('fetched') + ' · ' + time(span.start_us));
  for (const gap of stream.gaps)
    stretch('gap', gap.start_us, gap.end_us, (causes[gap.cause] || [gap.cause, gap.cause])[language === 'vi' ? 0 : 1]);
  bar.append(now);
  const copies = stream.masked || [];
  const file = (i) => (masked && copies.find((c) => c.made_of === stream.videos[i].path)) || stream.videos[i];
  let index = -1;
  function open(i, seconds, play) {
    if (index !== i) { index = i; video.src = file(i).path; }
    const seek = () => { video.currentTime = seconds; if (play) video.play(); };
    if (video.readyState > 0) seek(); else video.addEventListener('loadedmetadata', seek, { once: true });
    show();
  }
  function show() {
    const us = stream.videos[index].start_us + video.currentTime * 1e6;
    clock.textContent = time(us);
    const fetched = stream.videos[index].fetched_us;
    origin.textContent = fetched ? t('fetched') + ' · ' + t('fetchedAt') + ' ' + time(fetched, false) : '';
    part.textContent = (index + 1) + ' / ' + stream.videos.length + ' · ' + stream.videos[index].codec +
      ' ' + stream.videos[index].width + '×' + stream.videos[index].height;
    now.style.left = at(us);
  }
  function seek(us) {
    let i = stream.videos.findIndex((v) => us < v.end_us);
    if (i < 0) i = stream.videos.length - 1;
    open(i, Math.max(0, (us - stream.videos[i].start_us) / 1e6), true);
  }
  video.addEventListener('timeupdate', show);
  video.addEventListener('ended', () => { if (index + 1 < stream.videos.length) open(index + 1, 0, true); });
  bar.addEventListener('click', (event) => {
    const frame = bar.getBoundingClientRect();
    seek(from + (event.clientX - frame.left) / frame.width * (to - from));
  });
  bar.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -5e6, ArrowRight: 5e6 }[event.key];
    if (step) { event.preventDefault(); seek(stream.videos[index].start_us + video.currentTime * 1e6 + step); }
  });
  const first = Math.max(0, (from - stream.videos[0].start_us) / 1e6);
  open(0, from < stream.videos[0].end_us ? first : 0, false);
  const swatch = (kind, name) => {
    const i = make('i'); i.style.background = 'var(--' + kind + ')';
    return make('span', {}, i, name);
  };
  if (copies.length > 0) {
    const button = make('button', { type: 'button', onclick: () => { masked = !masked; draw(); } }, t('masked'));
    button.setAttribute('aria-pressed', String(masked));
    box.append(make('div', { className: 'cameras' }, button, make('span', { className: 'quiet' }, t('maskedNote'))));
  }
  box.append(video, make('div', { className: 'clock' }, clock, origin, part), bar,
    make('div', { className: 'key' }, swatch('footage', t('footage')),
      ...(stream.fetched.length ? [swatch('fetched', t('fetched'))] : []), swatch('gap', t('gap'))));
  return box;
}
function draw() {
  document.documentElement.lang = language;
  document.title = t('title') + ' · ' + manifest.request.case_number;
  const stream = streams[chosen];
  const request = manifest.request;
  const cause = (c) => (causes[c] || [c, c])[language === 'vi' ? 0 : 1];
  const cameras = make('div', { className: 'cameras' }, ...streams.map((s, i) => {
    const button = make('button', { type: 'button', onclick: () => { chosen = i; draw(); } }, s.code + ' · ' + s.name);
    button.setAttribute('aria-pressed', String(i === chosen));
    return button;
  }));
  const place = (s) => s.footage.length === 0 ? [] : [
    [t('chain') + (s === stream ? '' : ' · ' + t('fetched')), '#' + s.chain.first_sequence + ' – #' + s.chain.last_sequence],
    [t('before'), make('code', {}, s.chain.previous)],
    [t('last'), make('code', {}, s.chain.last)],
    [t('files'), make('span', {}, ...s.footage.map((f) => make('div', {}, make('code', {}, f.path))))] ];
  const places = [...place(stream), ...place(stream.part)];
  const chain = places.length === 0 ? make('p', { className: 'quiet' }, t('none')) : rows([...places,
    ...(stream.left_out_of_videos.length ? [[t('leftOut'), stream.left_out_of_videos.join(', ')]] : []) ]);
  document.getElementById('page').replaceChildren(
    make('header', {}, make('h1', {}, t('title') + ' · ' + request.case_number),
      make('span', { className: 'quiet' }, manifest.centre.name),
      make('button', { type: 'button', onclick: () => { language = language === 'vi' ? 'en' : 'vi'; draw(); } }, t('other'))),
    make('section', {}, cameras, player(stream)),
    make('section', { className: 'note' }, make('p', { style: 'margin:0' }, t('note'), ' ',
      make('code', {}, 'vonglau-verify ' + t('folder')), ' — ', t('noteKey'))),
    make('section', {}, make('h2', {}, t('details')), rows([
      [t('case'), request.case_number], [t('purpose'), (purposes[request.purpose] || [request.purpose, request.purpose])[language === 'vi' ? 0 : 1]], [t('reason'), request.reason],
      [t('by'), request.requested_by + ' · ' + time(request.requested_us, false)],
      [t('approved'), request.approved_by + ' · ' + time(request.approved_us, false)],
      [t('asked'), time(request.from_us) + ' – ' + time(request.to_us)],
      [t('made'), time(manifest.made_us, false) + ' · ' + manifest.made_by],
      [t('centre'), manifest.centre.name],
      [t('key'), make('code', {}, manifest.centre.key)],
      [t('print'), make('code', {}, manifest.centre.fingerprint.slice(0, 32).match(/..../g).join(' '))],
      [t('journal'), make('code', {}, '#' + manifest.journal.sequence + ' ' + manifest.journal.hash)],
      [t('root'), make('code', {}, manifest.tree.root)] ])),
    make('section', {}, make('h2', {}, stream.code + ' · ' + t('spans')),
      list([t('from'), t('to'), t('length')], stream.spans.map((s) => [time(s.start_us), time(s.end_us), length(s.end_us - s.start_us)]))),
    ...(stream.fetched.length ? [make('section', {}, make('h2', {}, stream.code + ' · ' + t('fetchedHead')),
      make('p', { className: 'quiet' }, t('fetchedNote')),
      list([t('from'), t('to'), t('length'), t('fetchedAt'), t('within'), t('cause')], stream.fetched.map((f) => [
        time(f.start_us), time(f.end_us), length(f.end_us - f.start_us), time(f.fetched_us, false),
        f.gap ? time(f.gap.start_us) + ' – ' + time(f.gap.end_us) : '–', f.gap ? cause(f.gap.cause) : '–'])))] : []),
    make('section', {}, make('h2', {}, stream.code + ' · ' + t('gaps')),
      list([t('from'), t('to'), t('length'), t('cause')],
        stream.gaps.map((g) => [time(g.start_us), time(g.end_us), length(g.end_us - g.start_us), cause(g.cause)]))),
    make('section', {}, make('h2', {}, stream.code + ' · ' + t('chain')), chain));
}
draw();
</script>
</body>
</html>
)page";

}  // namespace vl::evidence
