// People, the two-person rule, the second factor, the journal and its proof.
import { call, go, online, personFor, signIn } from './desk.mjs';
import { equal, expect, skip, test, until } from './harness.mjs';
import { codeOf } from './second_factor.mjs';

export function register({ url, about }) {
  const administrator = () => personFor(about, 'quan-tri');
  const second = () => personFor(about, 'quan-tri-2');

  test('a new person sets a password of their own, and gets a role only from two people', async ({ open }) => {
    if (administrator().login === second().login) skip('needs two administrators');
    const a = await signIn(await open(), url, administrator(), '/administration/people');
    await a.waitForSelector('[role=grid]');
    await a.keyboard.press('n');
    await a.waitForSelector('dialog');
    const login = `thu.${Date.now() % 1_000_000}`;
    const [name_box, login_box] = await a.$$('dialog .body input');
    await name_box.fill('Người Thử Nghiệm');
    await login_box.fill(login);
    await a.keyboard.press('Control+Enter');
    const one_time = (await a.textContent('dialog code')).trim();
    await a.click('dialog button:has-text("Xong")');
    await a.waitForSelector('.scroll dl');

    const fresh = await open();
    await fresh.goto(url);
    await fresh.fill('input[autocomplete=username]', login);
    await fresh.fill('input[autocomplete=current-password]', one_time);
    await fresh.keyboard.press('Enter');
    await fresh.waitForSelector('h1:has-text("Đặt mật khẩu của riêng bạn")');
    await fresh.fill('input[autocomplete=current-password]', one_time);
    const [first_box, again_box] = await fresh.$$('input[autocomplete=new-password]');
    await first_box.fill('con thuyền trên sông Đuống');
    await again_box.fill('con thuyền trên sông Đuống');
    await fresh.keyboard.press('Enter');
    await fresh.waitForSelector('[role=alert]:has-text("không có quyền")');

    await a.click('button:has-text("Đổi vai trò")');
    await a.click('dialog label:has-text("Điều phối")');
    await a.fill('dialog textarea', 'Bổ sung ca đêm');
    await a.keyboard.press('Control+Enter');
    await a.waitForSelector('.toast:has-text("người thứ hai")');
    await go(a, '/administration/approvals');
    await a.waitForSelector('li:has-text("Người Thử Nghiệm")');
    expect(await a.isDisabled('li:has-text("Người Thử Nghiệm") button:has-text("Duyệt")'), 'who asked may not approve');
    const pending = (await call(a, 'GET', '/approvals?state=pending')).body.approvals.at(-1);
    equal((await call(a, 'POST', `/approvals/${pending.id}/approve`, {})).body.error.code, 'access.same_person', 'the core refuses as well');

    const b = await signIn(await open(), url, second(), '/administration/approvals');
    await b.click('li:has-text("Người Thử Nghiệm") button:has-text("Duyệt")');
    await b.waitForSelector('.toast:has-text("Đã duyệt")');
    const person = (await call(b, 'GET', '/people')).body.people.find((p) => p.login === login);
    expect(person.roles.includes('dispatcher'), 'the role is held');
    await call(b, 'POST', `/people/${person.id}/disable`);
  });

  test('a second factor is set up with the phone and then asked for at sign-in', async ({ open }) => {
    const a = await signIn(await open(), url, administrator(), '/administration/people');
    await a.waitForSelector('[role=grid]');
    const login = `ma.${Date.now() % 1_000_000}`;
    const made = (await call(a, 'POST', '/people', { login, display_name: 'Người Dùng Mã' })).body;
    const fresh = await open();
    await fresh.goto(url);
    await fresh.fill('input[autocomplete=username]', login);
    await fresh.fill('input[autocomplete=current-password]', made.one_time_password);
    await fresh.keyboard.press('Enter');
    await fresh.waitForSelector('input[autocomplete=new-password]');
    const password = 'cây đa bến nước sân đình';
    await fresh.fill('input[autocomplete=current-password]', made.one_time_password);
    for (const box of await fresh.$$('input[autocomplete=new-password]')) await box.fill(password);
    await fresh.keyboard.press('Enter');
    await fresh.waitForSelector('header .menu button');
    await fresh.click('header .menu button');
    await fresh.click('.sheet button:has-text("Xác thực hai lớp")');
    const secret = await fresh.textContent('dialog .secret');
    await fresh.fill('dialog input[autocomplete=one-time-code]', '000000');
    await fresh.keyboard.press('Enter');
    await fresh.waitForSelector('dialog [role=alert]');
    await fresh.fill('dialog input[autocomplete=one-time-code]', codeOf(secret));
    await fresh.keyboard.press('Enter');
    await fresh.waitForSelector('.toast');
    await until(async () => !(await fresh.$('dialog')), 'the dialog is done');

    const again = await open();
    await again.goto(url);
    await again.fill('input[autocomplete=username]', login);
    await again.fill('input[autocomplete=current-password]', password);
    await again.keyboard.press('Enter');
    await again.waitForSelector('input[autocomplete=one-time-code]');
    // A code serves once: the next step's is taken, which the core allows for clocks that differ.
    await again.fill('input[autocomplete=one-time-code]', codeOf(secret, Date.now() + 30_000));
    await again.keyboard.press('Enter');
    await again.waitForSelector('header .menu button');
    await call(a, 'POST', `/people/${made.person?.id ?? made.id}/disable`);
  });

  test('the journal shows every event and proves that none was altered', async ({ open }) => {
    const page = await signIn(await open(), url, administrator(), '/administration/journal');
    await page.waitForSelector('[role=grid] .line');
    await page.keyboard.press('v');
    await page.waitForSelector('.result:has-text("Chuỗi còn nguyên vẹn")', { timeout: 60_000 });
    await page.click('[role=grid] .line:nth-child(1)');
    await page.waitForSelector('pre.mono');
    const head = (await call(page, 'GET', '/journal/events?limit=1')).body.head;
    await page.fill('input[inputmode=numeric]', '1');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h2:has-text("Sự kiện 1")');
    expect(head > 1, 'the journal has events');
  });

  test('the route table and the processes are there to be read', async ({ open }) => {
    const page = await signIn(await open(), url, administrator(), '/administration/roles');
    await page.waitForSelector('[role=grid] .line:has-text("/reports")');
    await go(page, '/administration/processes');
    await page.waitForSelector('[role=grid] .line:has-text("core")');
    await online(page);
  });

  test('what a recorder has on its disks and how long that will do is on a screen', async ({ open }) => {
    const page = await signIn(await open(), url, administrator(), '/administration/storage');
    await online(page);
    await page.waitForSelector('section.recorder h2:has-text("recorder-1")');
    // Told when the recorder starts, and every minute.
    await page.waitForSelector('section.recorder tbody tr', { timeout: 90_000 });
    const { storage } = (await call(page, 'GET', '/nodes')).body.nodes.find((n) => n.name === 'recorder-1');
    expect(storage.disks.length === 1 && storage.disks[0].free_bytes > 0, JSON.stringify(storage));
    await page.waitForSelector(`section.recorder td:has-text("${storage.disks[0].folder}")`);
    await page.waitForSelector('pre:has-text("vonglau recordings check --content")');
  });
}
